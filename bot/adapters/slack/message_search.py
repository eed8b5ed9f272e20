"""Finds and reads messages in Slack: ours by their keys, others by their timestamps."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.adapters.slack import response_parsers
from bot.adapters.slack.message_text import find_unnamed_mentions
from bot.adapters.slack.web_client import SlackWebClient
from bot.errors import SlackOutcomeUnknown, SlackRejected
from bot.ports import BotIdentity, MessageRef, SlackMessage

CLOCK_SKEW = timedelta(minutes=15)
"""How far the database's clock, which says when we sent, may be off Slack's, which says when it came."""

MESSAGES_PER_PAGE, MAX_PAGES = 200, 20
MAX_SAME_TIME = 2
"""A reply comes with the message that its thread began with."""

Names = Callable[[Collection[str]], Awaitable[Mapping[str, str]]]


async def find_post(
    client: SlackWebClient,
    me: BotIdentity,
    channel: str,
    key: str,
    since: datetime,
    thread: str | None = None,
) -> MessageRef | None:
    """The message of ours that carries the key, from shortly before `since` on; None when there is none.

    Raises SlackOutcomeUnknown when there is more to look through than is read here: that is no proof of absence.
    """
    if channel.startswith(("U", "W")):
        channel = await client.call("conversations.open", response_parsers.parse_channel_id, users=channel)
    async for message in _list_since(client, channel, thread, since):
        if response_parsers.find_our_key(message, me) == key:
            return MessageRef(channel, message["ts"])
    return None


async def find_file(
    client: SlackWebClient, me: BotIdentity, file: str, channel: str, thread: str, since: datetime
) -> bool:
    """Whether a message of ours in a thread shows the file. Raises SlackOutcomeUnknown as above."""
    async for message in _list_since(client, channel, thread, since):
        shown = message.get("files") or ()
        if message.get("user") == me.user and any(each.get("id") == file for each in shown):
            return True
    return False


async def _list_since(
    client: SlackWebClient, channel: str, thread: str | None, since: datetime
) -> AsyncIterator[Mapping[str, Any]]:
    cursor = ""
    for _ in range(MAX_PAGES):
        messages, cursor = await client.call(
            "conversations.replies" if thread else "conversations.history",
            response_parsers.build_page_reader("messages"),
            channel=channel,
            ts=thread,
            oldest=f"{(since - CLOCK_SKEW).timestamp():.6f}",
            limit=MESSAGES_PER_PAGE,
            include_all_metadata=True,
            cursor=cursor or None,
        )
        for message in messages:
            yield message
        if not cursor:
            return
    raise SlackOutcomeUnknown("There are too many messages since then to be sure that ours is not among them")


async def read_message(
    client: SlackWebClient, me: BotIdentity, channel: str, ts: str, names: Names
) -> SlackMessage | None:
    """What a message says now; None when it is gone. One call finds messages of the channel and of threads."""
    try:
        messages, _ = await client.call(
            "conversations.replies",
            response_parsers.build_page_reader("messages"),
            channel=channel,
            ts=ts,
            oldest=ts,
            latest=ts,
            inclusive=True,
            limit=MAX_SAME_TIME,
        )
    except SlackRejected as refusal:
        if refusal.code in ("thread_not_found", "message_not_found"):
            return None
        raise
    for message in messages:
        if message.get("ts") == ts and message.get("subtype") != response_parsers.TOMBSTONE:
            mentioned = await names(find_unnamed_mentions(message))
            return response_parsers.parse_message(message, channel, me, mentioned)
    return None


async def list_message_keys(client: SlackWebClient, me: BotIdentity, channel: str) -> Sequence[str]:
    """Our keys on the newest messages of a channel, the newest first."""
    messages, _ = await client.call(
        "conversations.history",
        response_parsers.build_page_reader("messages"),
        channel=channel,
        limit=MESSAGES_PER_PAGE,
        include_all_metadata=True,
    )
    return [key for message in messages if (key := response_parsers.find_our_key(message, me)) is not None]
