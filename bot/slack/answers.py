"""Reading Slack's answers. A missing or misshapen part raises KeyError, TypeError or ValueError."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.letterbox import Person
from bot.ports import Channel, Identity, Posted, Said
from bot.slack.wire import Answer, named
from bot.slack.wording import as_typed

EVENT_TYPE = "tocsin"
SLACKBOT = "USLACKBOT"

TOMBSTONE = "tombstone"
"""What Slack leaves in place of a deleted message that has replies."""

Item = dict[str, Any]


def metadata(key: str) -> Mapping[str, object]:
    """What marks a message as ours: readable by the whole workspace, so it holds the key and nothing else."""
    return {"event_type": EVENT_TYPE, "event_payload": {"key": key}}


def our_key(message: object, me: Identity) -> str | None:
    """The key of a history's message, None when it is not our post; others may write the same metadata."""
    match message:
        case {"user": me.user, "metadata": {"event_type": "tocsin", "event_payload": {"key": str(key)}}}:
            return key
    return None


def nothing(_: Answer) -> None:
    """That it was done is all there is to know."""


def identity(answer: Answer) -> Identity:
    scopes = str(answer.headers.get("x-oauth-scopes", "")).split(",")
    granted = frozenset(scope.strip() for scope in scopes if scope.strip())
    return Identity(_text(answer["user_id"]), _text(answer["team_id"]), _text(answer["url"]), granted)


def posted(answer: Answer) -> Posted:
    return Posted(_text(answer["channel"]), _text(answer["ts"]))


def said(message: Item, channel: str, me: Identity) -> Said:
    """A message of a history; its address is as Slack builds them."""
    ts, thread = _text(message["ts"]), message.get("thread_ts")
    link = f"{me.url}archives/{channel}/p{ts.replace('.', '')}"
    if thread and thread != ts:
        link += f"?thread_ts={thread}&cid={channel}"
    return Said(message.get("user") or "", as_typed(message.get("text") or ""), link, thread)


def channel_id(answer: Answer) -> str:
    return _text(answer["channel"]["id"])


def address(answer: Answer) -> str:
    return _text(answer["url"])


def channel(answer: Answer) -> Channel:
    return described(answer["channel"])


def described(item: Item) -> Channel:
    """One conversation object; a direct message has no name and no creator."""
    return Channel(
        id=_text(item["id"]),
        name=item.get("name") or "",
        creator=item.get("creator") or "",
        created_at=datetime.fromtimestamp(item["created"], UTC),
        archived=bool(item.get("is_archived")),
        member=bool(item.get("is_member")),
        shared=any(item.get(each) for each in ("is_ext_shared", "is_pending_ext_shared")),
        topic=(item.get("topic") or {}).get("value", ""),
    )


def page(name: str) -> Callable[[Answer], tuple[Sequence[Item], str]]:
    """A reader for one page of a list: the items, and the cursor of the next page (empty at the end)."""

    def read(answer: Answer) -> tuple[Sequence[Item], str]:
        items = answer[name]
        if not isinstance(items, list):
            raise TypeError(name)
        return items, (answer.get("response_metadata") or {}).get("next_cursor") or ""

    return read


def left_out(answer: Answer) -> Mapping[str, str]:
    """The people whom a successful invitation passed over, each with the code."""
    return named(answer.get("errors"))


def links(answer: Answer) -> Sequence[str]:
    return [each["link"] for each in answer["bookmarks"] if each.get("link")]


def members(answer: Answer) -> Sequence[str]:
    return [_text(each) for each in answer["users"]]


def person(answer: Answer, me: Identity) -> Person:
    """A user object. In an organisation somebody of our workspace may have another one as the first."""
    user = answer["user"]
    profile = user.get("profile") or {}
    home = {user.get("team_id"), *(user.get("enterprise_user") or {}).get("teams", ())}
    return Person(
        id=_text(user["id"]),
        name=profile.get("display_name") or profile.get("real_name") or user.get("name") or user["id"],
        guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        bot=bool(user.get("is_bot")) or user["id"] == SLACKBOT,
        stranger=bool(user.get("is_stranger")) or me.team not in home,
    )


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("not a text")
    return value
