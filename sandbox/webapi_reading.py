"""The `conversations.*` methods that only read."""

from sandbox.model import Channel, Json, Message
from sandbox.shapes import channel_shape, message_shape
from sandbox.webapi import FAMILY, Call, Methods, SlackError, answer, paged
from sandbox.workspace import BOT_USER

methods = Methods()
READ = ("channels:read", "groups:read", "im:read", "mpim:read")
HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")


@methods.add("conversations.info", *READ)
def info(call: Call) -> Json:
    channel = call.channel()
    call.require_for(channel, "read")
    shape = channel_shape(call.workspace, channel)
    if call.flag("include_num_members"):
        shape["num_members"] = len(channel.members)
    return answer(channel=shape)


@methods.add("conversations.list", *READ)
def list_channels(call: Call) -> Json:
    kinds = call.people("types") or ["public_channel"]
    for kind in kinds:
        if kind not in FAMILY:
            raise SlackError("invalid_types")
        call.require(f"{FAMILY[kind]}:read")
    found = [
        each
        for each in call.workspace.channels.values()
        if each.kind in kinds
        and (not each.is_private or BOT_USER in each.members)
        and not (each.is_archived and call.flag("exclude_archived"))
    ]
    channels, following = call.page(found)
    shapes = [{**channel_shape(call.workspace, each), "num_members": len(each.members)} for each in channels]
    return paged(following, channels=shapes)


@methods.add("conversations.members", *READ)
def members(call: Call) -> Json:
    channel = call.channel()
    call.require_for(channel, "read")
    people, following = call.page(channel.members)
    return paged(following, members=people)


@methods.add("conversations.history", *HISTORY)
def history(call: Call) -> Json:
    """Newest first; replies only when they were sent to the channel too."""
    channel = _readable(call)
    wanted = [
        each
        for each in channel.messages.values()
        if (not each.thread_ts or each.thread_ts == each.ts or each.broadcast) and _within(call, each)
    ]
    page, following = call.page(list(reversed(wanted)), most=999)
    parts = {"response_metadata": {"next_cursor": following}} if following else {}
    return answer(
        messages=[_shape(call, channel, each) for each in page],
        has_more=bool(following),
        pin_count=len(channel.pins),
        **parts,
    )


@methods.add("conversations.replies", *HISTORY)
def replies(call: Call) -> Json:
    """The message that the thread began with, then the replies, oldest first."""
    channel = _readable(call)
    message = channel.messages.get(call.need("ts", "thread_not_found"))
    if message is None:
        raise SlackError("thread_not_found")
    root = channel.messages.get(message.thread_ts or message.ts, message)
    thread = [root, *(each for each in channel.replies(root.ts) if _within(call, each))]
    page, following = call.page(thread)
    parts = {"response_metadata": {"next_cursor": following}} if following else {}
    return answer(messages=[_shape(call, channel, each) for each in page], has_more=bool(following), **parts)


def _readable(call: Call) -> Channel:
    channel = call.channel()
    call.require_for(channel, "history")
    if BOT_USER not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _within(call: Call, message: Message) -> bool:
    oldest, latest = call.text("oldest"), call.text("latest")
    try:
        at, low, high = float(message.ts), float(oldest or 0), float(latest or "inf")
    except ValueError:
        raise SlackError("invalid_ts_oldest" if oldest else "invalid_ts_latest") from None
    if call.flag("inclusive") and message.ts in (oldest, latest):
        return True
    return low < at < high


def _shape(call: Call, channel: Channel, message: Message) -> Json:
    return message_shape(message, channel.replies(message.ts), call.flag("include_all_metadata"))
