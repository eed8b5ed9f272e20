"""The `conversations.*` methods that only read."""

from sandbox.slack.serializers import build_channel_json, build_message_json
from sandbox.slack.web_api.method import (
    FAMILY,
    ApiMethodTable,
    Call,
    SlackError,
    build_answer,
    build_page_answer,
)
from sandbox.slack.workspace import BOT_USER
from sandbox.slack.workspace_model import Json, WorkspaceChannel, WorkspaceMessage

methods = ApiMethodTable()
READ = ("channels:read", "groups:read", "im:read", "mpim:read")
HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")


@methods.add("conversations.info", *READ)
def get_channel_info(call: Call) -> Json:
    channel = call.channel()
    call.require_for(channel, "read")
    shape = build_channel_json(call.workspace, channel)
    if call.flag("include_num_members"):
        shape["num_members"] = len(channel.members)
    return build_answer(channel=shape)


@methods.add("conversations.list", *READ)
def list_channels(call: Call) -> Json:
    kinds = call.people("types") or ["public_channel"]
    for kind in kinds:
        if kind not in FAMILY:
            raise SlackError("invalid_types")
        call.require(f"{FAMILY[kind]}:read")
    found = [
        channel
        for channel in call.workspace.channels.values()
        if channel.kind in kinds
        and (not channel.is_private or BOT_USER in channel.members)
        and not (channel.is_archived and call.flag("exclude_archived"))
    ]
    channels, following = call.page(found)
    shapes = [
        {**build_channel_json(call.workspace, channel), "num_members": len(channel.members)}
        for channel in channels
    ]
    return build_page_answer(following, channels=shapes)


@methods.add("conversations.members", *READ)
def list_members(call: Call) -> Json:
    channel = call.channel()
    call.require_for(channel, "read")
    people, following = call.page([member for member in channel.members if not call.user(member).deleted])
    return build_page_answer(following, members=people)


@methods.add("conversations.history", *HISTORY)
def read_history(call: Call) -> Json:
    """Newest first; replies only when they were sent to the channel too."""
    channel = _readable(call)
    wanted = [
        message
        for message in channel.messages.values()
        if (not message.thread_ts or message.thread_ts == message.ts or message.broadcast)
        and _within(call, message)
    ]
    page, following = call.page(list(reversed(wanted)), most=999)
    parts = {"response_metadata": {"next_cursor": following}} if following else {}
    return build_answer(
        messages=[_shape(call, channel, message) for message in page],
        has_more=bool(following),
        pin_count=len(channel.pins),
        **parts,
    )


@methods.add("conversations.replies", *HISTORY)
def list_replies(call: Call) -> Json:
    """The message that the thread began with, then the replies, oldest first."""
    channel = _readable(call)
    message = channel.messages.get(call.need("ts", "thread_not_found"))
    if message is None:
        raise SlackError("thread_not_found")
    root = channel.messages.get(message.thread_ts or message.ts, message)
    thread = [root, *(reply for reply in channel.replies(root.ts) if _within(call, reply))]
    page, following = call.page(thread)
    parts = {"response_metadata": {"next_cursor": following}} if following else {}
    return build_answer(
        messages=[_shape(call, channel, message) for message in page], has_more=bool(following), **parts
    )


def _readable(call: Call) -> WorkspaceChannel:
    channel = call.channel()
    call.require_for(channel, "history")
    if BOT_USER not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _within(call: Call, message: WorkspaceMessage) -> bool:
    oldest, latest = call.text("oldest"), call.text("latest")
    try:
        at, low, high = float(message.ts), float(oldest or 0), float(latest or "inf")
    except ValueError:
        raise SlackError("invalid_ts_oldest" if oldest else "invalid_ts_latest") from None
    if call.flag("inclusive") and message.ts in (oldest, latest):
        return True
    return low < at < high


def _shape(call: Call, channel: WorkspaceChannel, message: WorkspaceMessage) -> Json:
    return build_message_json(message, channel.replies(message.ts), call.flag("include_all_metadata"))
