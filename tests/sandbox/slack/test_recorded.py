"""The stand-in beside another one that was written elsewhere: npm's `emulate`, as it answered the same calls."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp

from sandbox.slack import Slack

HERE = Path(__file__).parent / "recorded"
CALLS: list[dict[str, Any]] = json.loads((HERE / "calls.json").read_text())
THEIRS: dict[str, dict[str, Any]] = json.loads((HERE / "emulate.json").read_text())

OTHER_ANSWERS = {
    "auth.test with a token that nobody gave": "it takes any token for its first user; Slack says invalid_auth",
    "conversations.create with a name in capitals": "Slack says invalid_name_specials (conversations.create, errors)",
    "conversations.create without a name": "Slack says invalid_name_required (conversations.create, errors)",
    "conversations.kick of somebody who is not there": "Slack says not_in_channel (conversations.kick, errors)",
    "conversations.replies of no message": "Slack says thread_not_found (conversations.replies, errors)",
}
"""Calls that end otherwise there, and why ours ends as it does."""

MESSAGE = r"(message|messages\[\]|items\[\]\.message)"
FILE = r"(file|files\[\]|messages\[\]\.files\[\])"
ONLY_THEIRS = {
    r"channels?(\[\])?\.(is_open|last_read)": "of who asks: Slack gives a bot these for direct messages only",
    r"channel\.num_members": "Slack gives it in lists and, in conversations.info, when it is asked for",
    r".*\.profile\.(huddle_state.*|image_\d+|phone|skype|status_.*)": "what people tell of themselves",
    rf"{MESSAGE}\.metadata.*": "Slack gives it when include_all_metadata asks for it",
    r"(message|items\[\]\.message)\.reply_(count|users)(\[\])?": "in the history and the thread here, nowhere else",
    r"items\[\]\.message\.permalink": "chat.getPermalink gives it",
    r"response_metadata(\.next_cursor)?": "an empty cursor is left out, as Slack does at the end of a history",
    rf"{FILE}\.(initial_comment|is_starred|thread_ts)": "what is said with a file stands in its message",
    r"paging.*": "files.info has a cursor in Slack's documented answer",
}
"""Fields, as patterns of their paths, that only the other one gives, and why."""

ONLY_OURS = {
    r"app_id|bot_id|is_enterprise_install": "auth.test with a bot's token says which app's bot it is",
    r"channels?(\[\])?\.(context_team_id|is_.*|pending_shared|previous_names(\[\])?|unlinked|updated)":
        "Slack's conversation object, with what it says of Slack Connect",
    r"channel|topic|purpose": "the documented answers of reactions.get, conversations.setTopic and setPurpose",
    r"warning|response_metadata\.warnings(\[\])?": "conversations.join's documented warning",
    r"(user|members\[\])\.(is_.*|tz.*|updated|profile\.(first_name|last_name|team))": "Slack's user object",
    r"cache_ts": "users.list's documented answer",
    rf"{MESSAGE}\.(app_id|bot_id|bot_profile.*|team)": "a bot's message says whose",
    rf"{MESSAGE}\.blocks.*": "an update without blocks keeps those that the message had",
    r"messages\[\]\.(inviter|latest_reply|reply_users_count|thread_ts)": "of joins and of threads",
    r"pin_count": "conversations.history's documented answer",
    r"response_metadata(\.messages(\[\])?)?": "Slack says which argument was wrong",
    r"response_metadata\.next_cursor": "files.info's documented answer",
    rf"{FILE}\.(file_access|username)": "Slack's file object",
    r"view\.(app_installed_team_id|submit_disabled)": "Slack's view object",
}  # fmt: skip
"""Fields that only ours gives, and why."""

OTHER_VALUES = {
    r"conversations\.(create.*|info|setTopic): channel\.purpose\.creator": "nobody has set a new channel's purpose",
    r"conversations\.list: channels\[\]\.(topic|purpose)\.(creator|value)": "the first channel has no topic here",
    r".*: (user|members\[\])\.(is_admin|is_bot|profile\.title)": "other people work there",
    r".*: bookmarks?(\[\])?\.app_id": "an app's bookmark says whose",
    r".*: bookmarks?(\[\])?\.icon_url": "Slack looks for an icon at the address, this one has no network",
}
"""Fields, as patterns of `call: path`, in which something else stands, and why."""


def filled(value: Any, kept: dict[str, str]) -> Any:
    """The arguments of a call with what earlier answers gave in place of `$name`."""
    if isinstance(value, str) and value.startswith("$"):
        return kept[value[1:]]
    if isinstance(value, list):
        return [filled(each, kept) for each in value]
    if isinstance(value, dict):
        return {name: filled(each, kept) for name, each in value.items()}
    return value


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from texts(each)


SENT = {each for call in CALLS for each in texts([call.get("args"), call.get("content")])}


def marked(value: Any) -> str:
    """A boolean and a text that a call sent as they are, of everything else its kind, as record.mjs does."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"' if not value or value in SENT else "text"
    kinds = {int: "number", float: "number", list: "list", dict: "object", type(None): "null"}
    return kinds[type(value)]


def marks(value: Any, ids: Mapping[str, str], before: str = "") -> Iterator[tuple[str, str]]:
    """Each field's path and what stands in it, as record.mjs does; `ids` are the names of earlier ids."""
    if isinstance(value, list):
        for each in value:
            if before:
                yield f"{before}[]", marked(each)
            yield from marks(each, ids, f"{before}[]")
    elif isinstance(value, dict):
        for name, each in value.items():
            path = f"{before}.{ids.get(name, name)}" if before else name
            yield path, marked(each)
            yield from marks(each, ids, path)


class Ours:
    """The stand-in, asked the same calls one after the other."""

    def __init__(self, slack: Slack, http: aiohttp.ClientSession) -> None:
        self._slack, self._http = slack, http
        self._kept = {"mail": "bruno@team.example"}

    async def answer(self, call: dict[str, Any]) -> dict[str, Any]:
        """`{ok, error, fields}`, as in the recording."""
        if "trigger" in call:
            view = filled(call["trigger"], self._kept) or None
            self._kept["trigger"] = self._slack.workspace.new_trigger(self._kept["person"], view).id
        if "upload" in call:
            address, content = filled(call["upload"], self._kept), call["content"].encode()
            async with self._http.post(address, data=content) as response:
                return {"ok": response.status == 200, "error": None, "fields": {}}
        answer = await self._ask(call)
        for name, path in call.get("keep", {}).items():
            value = answer
            for part in path.split("."):
                value = value[part]
            self._kept[name] = str(value)
        fields: dict[str, set[str]] = {}
        ids = {id: f"${name}" for name, id in self._kept.items()}
        for path, mark in marks(answer, ids):
            fields.setdefault(path, set()).add(mark)
        return {"ok": answer["ok"], "error": answer.get("error"), "fields": fields}

    async def _ask(self, call: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {call.get('token', self._slack.bot_token)}"}
        args, everything = filled(call.get("args", {}), self._kept), self._slack.api.scopes
        self._slack.api.scopes = frozenset(call.get("scopes", everything))
        try:
            async with self._http.post(
                f"{self._slack.api_url}{call['method']}", json=args, headers=headers
            ) as response:
                answer: dict[str, Any] = await response.json()
                return answer
        finally:
            self._slack.api.scopes = everything


class Listed:
    """Differences that are known; `used` are the rules that applied."""

    def __init__(self) -> None:
        self.used: set[str] = set()

    def among(self, rules: Iterable[str], path: str) -> bool:
        found = [rule for rule in rules if re.fullmatch(rule, path)]
        self.used.update(found)
        return bool(found)


async def test_the_same_calls_are_answered_as_elsewhere_but_for_what_is_listed(slack: Slack) -> None:
    listed, otherwise, unlisted = Listed(), set(), []
    async with aiohttp.ClientSession() as http:
        ours = Ours(slack, http)
        for call in CALLS:
            name, here, there = call["call"], await ours.answer(call), THEIRS[call["call"]]
            if (here["ok"], here["error"]) != (there["ok"], there["error"]):
                otherwise.add(name)
                continue
            mine, its = here["fields"], there["fields"]
            for path in sorted({*mine, *its}):
                if path not in mine:
                    known = listed.among(ONLY_THEIRS, path)
                elif path not in its:
                    known = listed.among(ONLY_OURS, path)
                else:
                    same = mine[path] == set(its[path])
                    known = same or listed.among(OTHER_VALUES, f"{name}: {path}")
                if not known:
                    unlisted.append(f"{name}: {path}: ours {mine.get(path)}, theirs {its.get(path)}")
    assert unlisted == []
    assert otherwise == set(OTHER_ANSWERS)
    assert listed.used == {*ONLY_THEIRS, *ONLY_OURS, *OTHER_VALUES}, "a difference that there is no more"


def test_the_recording_is_of_these_calls() -> None:
    assert list(THEIRS) == [call["call"] for call in CALLS]
    assert len(CALLS) > 100
