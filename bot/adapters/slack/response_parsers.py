"""Parses Slack's answers. A missing or misshapen part raises KeyError, TypeError or ValueError."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.adapters.slack.message_text import extract_text
from bot.adapters.slack.web_client import Answer, parse_refused_people
from bot.ports import BotIdentity, MessageRef, SlackChannel, SlackMessage
from bot.ports.messages import SlackPerson

EVENT_TYPE = "tocsin"
SLACKBOT = "USLACKBOT"

TOMBSTONE = "tombstone"
"""What Slack leaves in place of a deleted message that has replies."""

Item = dict[str, Any]


def build_metadata(key: str) -> Mapping[str, object]:
    """What marks a message as ours: readable by the whole workspace, so it holds the key and nothing else."""
    return {"event_type": EVENT_TYPE, "event_payload": {"key": key}}


def find_our_key(message: object, me: BotIdentity) -> str | None:
    """The key of a history's message, None when it is not our post; others may write the same metadata."""
    match message:
        case {"user": me.user, "metadata": {"event_type": "tocsin", "event_payload": {"key": str(key)}}}:
            return key
    return None


def ignore_answer(_: Answer) -> None:
    """That it was done is all there is to know."""


def parse_identity(answer: Answer) -> BotIdentity:
    scopes = str(answer.headers.get("x-oauth-scopes", "")).split(",")
    granted = frozenset(scope.strip() for scope in scopes if scope.strip())
    return BotIdentity(_text(answer["user_id"]), _text(answer["team_id"]), _text(answer["url"]), granted)


def parse_posted(answer: Answer) -> MessageRef:
    return MessageRef(_text(answer["channel"]), _text(answer["ts"]))


def parse_message(message: Item, channel: str, me: BotIdentity, names: Mapping[str, str]) -> SlackMessage:
    """A message of a history; its address is as Slack builds them. `names` are of those whom it mentions."""
    ts, thread = _text(message["ts"]), message.get("thread_ts")
    link = f"{me.url}archives/{channel}/p{ts.replace('.', '')}"
    if thread and thread != ts:
        link += f"?thread_ts={thread}&cid={channel}"
    return SlackMessage(message.get("user") or "", extract_text(message, names), link, thread)


def parse_channel_id(answer: Answer) -> str:
    return _text(answer["channel"]["id"])


def parse_address(answer: Answer) -> str:
    return _text(answer["url"])


def parse_channel(answer: Answer) -> SlackChannel:
    return parse_conversation(answer["channel"])


def parse_conversation(item: Item) -> SlackChannel:
    """One conversation object; a direct message has no name and no creator."""
    return SlackChannel(
        id=_text(item["id"]),
        name=item.get("name") or "",
        creator=item.get("creator") or "",
        created_at=datetime.fromtimestamp(item["created"], UTC),
        archived=bool(item.get("is_archived")),
        member=bool(item.get("is_member")),
        shared=any(item.get(flag) for flag in ("is_ext_shared", "is_pending_ext_shared")),
        topic=(item.get("topic") or {}).get("value", ""),
    )


def build_page_reader(name: str) -> Callable[[Answer], tuple[Sequence[Item], str]]:
    """A reader for one page of a list: the items, and the cursor of the next page (empty at the end)."""

    def read(answer: Answer) -> tuple[Sequence[Item], str]:
        items = answer[name]
        if not isinstance(items, list):
            raise TypeError(name)
        return items, (answer.get("response_metadata") or {}).get("next_cursor") or ""

    return read


def parse_left_out(answer: Answer) -> Mapping[str, str]:
    """The people whom a successful invitation passed over, each with the code."""
    return parse_refused_people(answer.get("errors"))


def parse_channel_label(answer: Answer) -> str:
    """What a channel may be called before everybody; empty for a private one."""
    found = answer["channel"]
    return "" if found.get("is_private") else _text(found["name"])


def parse_handles(answer: Answer) -> Mapping[str, str]:
    """The handles of all usergroups, by their ids."""
    return {_text(group["id"]): _text(group["handle"]) for group in answer["usergroups"]}


def parse_links(answer: Answer) -> Sequence[str]:
    return [bookmark["link"] for bookmark in answer["bookmarks"] if bookmark.get("link")]


def parse_members(answer: Answer) -> Sequence[str]:
    return [_text(user) for user in answer["users"]]


def parse_member_page(answer: Answer) -> tuple[Sequence[str], bool]:
    """The user ids of one page of a channel's members, and whether there are more."""
    more = bool((answer.get("response_metadata") or {}).get("next_cursor"))
    return [_text(member) for member in answer["members"]], more


def parse_person(answer: Answer, me: BotIdentity) -> SlackPerson:
    """Who a call answers with."""
    return _parse_user(answer["user"], me)


def parse_people(answer: Answer, me: BotIdentity) -> tuple[Sequence[SlackPerson], str]:
    """One page of the workspace's people, and the cursor of the next page (empty at the end)."""
    users, cursor = build_page_reader("members")(answer)
    return [_parse_user(user, me) for user in users], cursor


def _parse_user(user: Mapping[str, Any], me: BotIdentity) -> SlackPerson:
    """A user object. In an organisation somebody of our workspace may have another one as the first."""
    profile = user.get("profile") or {}
    home = {user.get("team_id"), *(user.get("enterprise_user") or {}).get("teams", ())}
    return SlackPerson(
        id=_text(user["id"]),
        name=_first(profile.get("display_name"), profile.get("real_name"), user.get("name"), user["id"]),
        guest=any(map(user.get, ("is_restricted", "is_ultra_restricted"))),
        bot=bool(user.get("is_bot")) or user["id"] == SLACKBOT,
        stranger=bool(user.get("is_stranger")) or me.team not in home,
        deactivated=bool(user.get("deleted")),
        single_channel=bool(user.get("is_ultra_restricted")),
        real_name=_first(profile.get("real_name"), user.get("real_name")),
        handle=user.get("name") or "",
        email=profile.get("email") or "",
    )


def _first(*names: str | None) -> str:
    """The first name that there is."""
    return next(filter(None, names), "")


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("not a text")
    return value
