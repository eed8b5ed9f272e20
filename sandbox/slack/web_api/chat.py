"""The `chat.*` methods."""

import json
import re
from typing import Any

from sandbox.slack.block_ids import assign_ids
from sandbox.slack.block_kit.validation import TEXT_IN_BLOCKS, find_block_problems, measure_text
from sandbox.slack.posting import delete, edit, post, show_ephemeral
from sandbox.slack.serializers import build_message_json
from sandbox.slack.uploads import find_file_problems
from sandbox.slack.web_api.method import ApiMethodTable, Call, SlackError, build_answer, build_refusal
from sandbox.slack.workspace import BOT_USER
from sandbox.slack.workspace_model import Json, WorkspaceChannel

methods = ApiMethodTable()
TEXT_CUT_AT = 40_000
EDITED_TEXT = 4_000


@methods.add("chat.postMessage", "chat:write")
def post_message(call: Call) -> Json:
    channel = find_target(call, call.need("channel", "channel_not_found"))
    text, blocks, attachments = read_content(call)
    thread = find_parent(call, channel)
    message = post(
        call.workspace,
        channel,
        BOT_USER,
        text[:TEXT_CUT_AT],
        blocks=blocks or (),
        attachments=attachments,
        thread_ts=thread,
        broadcast=call.flag("reply_broadcast"),
        subtype="thread_broadcast" if thread and call.flag("reply_broadcast") else None,
        metadata=read_metadata(call),
    )
    return build_answer(channel=channel.id, ts=message.ts, message=build_message_json(message))


@methods.add("chat.update", "chat:write")
def update_message(call: Call) -> Json:
    channel = call.channel()
    message = call.message(channel, "ts")
    if message.user != BOT_USER or message.subtype not in (None, "thread_broadcast"):
        raise SlackError("cant_update_message")
    if channel.is_archived:
        raise SlackError("is_inactive")
    text, blocks, attachments = read_content(call)
    if len(text) > EDITED_TEXT:
        raise SlackError("msg_too_long")
    changed = edit(
        call.workspace,
        channel,
        message,
        text=text,
        blocks=message.blocks if blocks is None else assign_ids(blocks, f"b{message.ts[-6:]}"),
        attachments=attachments or message.attachments,
        metadata=read_metadata(call) if call.args.get("metadata") is not None else message.metadata,
        edited=(BOT_USER, call.workspace.next_ts()),
    )
    return build_answer(
        channel=channel.id, ts=changed.ts, text=changed.text, message=build_message_json(changed)
    )


@methods.add("chat.delete", "chat:write")
def delete_message(call: Call) -> Json:
    channel = call.channel()
    message = call.message(channel, "ts")
    if message.user != BOT_USER:
        raise SlackError("cant_delete_message")
    delete(call.workspace, channel, message)
    return build_answer(channel=channel.id, ts=message.ts)


@methods.add("chat.postEphemeral", "chat:write")
def post_ephemeral(call: Call) -> Json:
    channel = call.find_joined_channel()
    reader = call.user(call.need("user", "user_not_found"))
    if reader.id not in channel.members:
        raise SlackError("user_not_in_channel")
    text, blocks, _ = read_content(call)
    if len(text) > EDITED_TEXT:
        raise SlackError("msg_too_long")
    message = show_ephemeral(
        call.workspace,
        reader.id,
        channel.id,
        text,
        blocks=blocks or (),
        thread_ts=call.text("thread_ts") or None,
        user=BOT_USER,
    )
    return build_answer(message_ts=message.ts)


@methods.add("chat.getPermalink")
def get_permalink(call: Call) -> Json:
    channel = call.channel()
    message = call.message(channel, "message_ts")
    link = f"{call.workspace.url}archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.thread_ts and message.thread_ts != message.ts:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return build_answer(channel=channel.id, permalink=link)


def read_content(call: Call) -> tuple[str, list[Json] | None, tuple[Json, ...]]:
    """Text, blocks (None when not given) and attachments, held against Slack's limits."""
    text = call.text("text")
    blocks = read_blocks(call)
    attachments = call.parse_json("attachments", "invalid_attachments") or []
    if not text and not blocks and not attachments:
        raise SlackError("no_text")
    for place, each in enumerate(attachments):
        refuse_invalid(call, each.get("blocks") or [], f"/attachments/{place}/blocks")
    return text, blocks, tuple(attachments)


def read_blocks(call: Call) -> list[Json] | None:
    """The `blocks` of a message, held against Slack's limits; None when there are none."""
    blocks = call.parse_json("blocks", "invalid_blocks_format")
    if blocks is None:
        return None
    if not isinstance(blocks, list):
        raise build_refusal("invalid_blocks_format", ["[ERROR] must be an array [json-pointer:/blocks]"])
    refuse_invalid(call, blocks)
    if measure_text(blocks) > TEXT_IN_BLOCKS:
        raise SlackError("msg_blocks_too_long")
    return blocks


def refuse_invalid(call: Call, blocks: Any, path: str = "/blocks") -> None:
    """Raises SlackError that names each problem of the blocks."""
    problems = find_block_problems(blocks, "message", path) or find_file_problems(
        call.workspace, blocks, path
    )
    if problems:
        raise SlackError("invalid_blocks", errors=problems, response_metadata={"messages": problems})


def read_metadata(call: Call) -> Json | None:
    """`{event_type, event_payload}`; an empty object removes it."""
    value: Any = call.parse_json("metadata", "invalid_metadata_format")
    if not value:
        return None
    if (
        not isinstance(value, dict)
        or set(value) != {"event_type", "event_payload"}
        or not isinstance(value["event_type"], str)
        or not isinstance(value["event_payload"], dict)
    ):
        raise SlackError("invalid_metadata_format")
    if len(json.dumps(value)) > 16_000:
        raise SlackError("metadata_too_large")
    return value


def find_target(call: Call, name: str) -> WorkspaceChannel:
    """The conversation to post to; somebody's id opens the direct message."""
    user = call.workspace.users.get(name)
    if user is not None:
        if user.deleted and call.workspace.direct(BOT_USER, user.id) is None:
            raise SlackError("user_disabled")  # where they wrote to each other before, Slack takes it
        if user.is_bot:
            raise SlackError("cannot_dm_bot")
        return call.workspace.open_direct(BOT_USER, user.id)
    channel = call.channel_named(name)
    if channel.is_archived:
        raise SlackError("is_archived")
    if BOT_USER not in channel.members and "chat:write.public" not in call.scopes:
        raise SlackError("not_in_channel")
    return channel


def find_parent(call: Call, channel: WorkspaceChannel) -> str | None:
    """The ts of the message whose thread is meant by `thread_ts`; None for the channel itself."""
    ts = call.text("thread_ts")
    if not ts:
        return None
    if not re.fullmatch(r"\d+\.\d{6}", ts):
        raise build_refusal("invalid_thread_ts", [f"[ERROR] {ts} is not a valid thread_ts"])
    parent = channel.messages.get(ts)
    if parent is None:
        raise SlackError("thread_not_found")
    return parent.thread_ts or parent.ts
