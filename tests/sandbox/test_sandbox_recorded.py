"""The stand-in beside another one that was written elsewhere: npm's `emulate`, as it answered the same calls."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp

from sandbox import Slack

HERE = Path(__file__).parent / "recorded"
CALLS: list[dict[str, Any]] = json.loads((HERE / "calls.json").read_text())
THEIRS: dict[str, dict[str, Any]] = json.loads((HERE / "emulate.json").read_text())

OTHER_ANSWERS = {
    "auth.test with a token that nobody gave": "it takes any token for its first user; Slack says invalid_auth",
    "conversations.create without a name": "Slack says invalid_name_required (conversations.create, errors)",
    "conversations.replies of no message": "Slack says thread_not_found (conversations.replies, errors)",
}
"""Calls that end otherwise there, and why ours ends as it does."""

ONLY_THEIRS = {
    r"channels?(\[\])?\.(is_open|last_read)": "of who asks: Slack gives a bot these for direct messages only",
    r"channel\.num_members": "Slack gives it in lists and, in conversations.info, when it is asked for",
    r".*\.profile\.(huddle_state.*|image_\d+|phone|skype|status_.*)": "what people tell of themselves",
    r"(message|messages\[\]|items\[\]\.message)\.metadata.*": "Slack gives it when include_all_metadata asks for it",
    r"(message|items\[\]\.message)\.reply_(count|users)": "in the history and the thread here, nowhere else",
    r"items\[\]\.message\.permalink": "chat.getPermalink gives it",
    r"response_metadata(\.next_cursor)?": "an empty cursor is left out, as Slack does at the end of a history",
}
"""Fields, as patterns of their paths, that only the other one gives, and why."""

ONLY_OURS = {
    r"app_id|bot_id|is_enterprise_install": "auth.test with a bot's token says which app's bot it is",
    r"channels?(\[\])?\.(context_team_id|is_.*|pending_shared|previous_names|unlinked|updated)":
        "Slack's conversation object, with what it says of Slack Connect",
    r"topic": "conversations.setTopic's documented answer",
    r"(user|members\[\])\.(is_.*|tz.*|updated|profile\.(first_name|last_name|team))": "Slack's user object",
    r"cache_ts": "users.list's documented answer",
    r"(message|messages\[\]|items\[\]\.message)\.(app_id|bot_id|bot_profile.*|team)": "a bot's message says whose",
    r"(message|messages\[\]|items\[\]\.message)\.blocks.*": "an update without blocks keeps those that the message had",
    r"messages\[\]\.(inviter|latest_reply|reply_users_count|thread_ts)": "of joins and of threads",
    r"pin_count": "conversations.history's documented answer",
    r"response_metadata(\.messages)?": "Slack says which argument was wrong",
    r"view\.(app_installed_team_id|submit_disabled)": "Slack's view object",
}  # fmt: skip
"""Fields that only ours gives, and why."""


def filled(value: Any, kept: dict[str, str]) -> Any:
    """The arguments of a call with what earlier answers gave in place of `$name`."""
    if isinstance(value, str) and value.startswith("$"):
        return kept[value[1:]]
    if isinstance(value, list):
        return [filled(each, kept) for each in value]
    if isinstance(value, dict):
        return {name: filled(each, kept) for name, each in value.items()}
    return value


def paths(value: Any, before: str = "") -> Iterator[str]:
    """The names of the fields as paths; elements of a list share one."""
    if isinstance(value, list):
        for each in value:
            yield from paths(each, f"{before}[]")
    elif isinstance(value, dict):
        for name, each in value.items():
            path = f"{before}.{name}" if before else name
            yield path
            yield from paths(each, path)


async def ours(slack: Slack) -> dict[str, dict[str, Any]]:
    """How the stand-in answers the same calls."""
    kept = {"mail": "bruno@team.example"}
    answers = {}
    async with aiohttp.ClientSession() as http:
        for each in CALLS:
            headers = {"Authorization": f"Bearer {each.get('token', slack.bot_token)}"}
            args = filled(each.get("args", {}), kept)
            async with http.post(f"{slack.api_url}{each['method']}", json=args, headers=headers) as response:
                answer = await response.json()
            for name, path in each.get("keep", {}).items():
                value = answer
                for part in path.split("."):
                    value = value[part]
                kept[name] = value
            answers[each["call"]] = answer
    return answers


async def test_the_same_calls_are_answered_as_elsewhere_but_for_what_is_listed(slack: Slack) -> None:
    used: set[str] = set()
    otherwise: set[str] = set()
    unlisted: list[str] = []

    def listed(rules: dict[str, str], path: str) -> bool:
        found = [rule for rule in rules if re.fullmatch(rule, path)]
        used.update(found)
        return bool(found)

    for call, answer in (await ours(slack)).items():
        theirs = THEIRS[call]
        if (answer["ok"], answer.get("error")) != (theirs["ok"], theirs["error"]):
            otherwise.add(call)
            continue
        here, there = set(paths(answer)), set(theirs["fields"])
        unlisted += [
            f"{call}: only theirs: {each}" for each in sorted(there - here) if not listed(ONLY_THEIRS, each)
        ]
        unlisted += [
            f"{call}: only ours: {each}" for each in sorted(here - there) if not listed(ONLY_OURS, each)
        ]
    assert unlisted == []
    assert otherwise == set(OTHER_ANSWERS)
    assert used == {*ONLY_THEIRS, *ONLY_OURS}, "a difference that there is no more"


def test_the_recording_is_of_these_calls() -> None:
    assert set(THEIRS) == {each["call"] for each in CALLS}
    assert len(CALLS) > 50
