"""The `files.*` methods: an address for the bytes, then the file in its conversations."""

import secrets
from dataclasses import replace
from typing import Any

from sandbox.slack.posting import post
from sandbox.slack.uploads import build_file_json
from sandbox.slack.web_api.chat import find_parent, find_target, read_blocks
from sandbox.slack.web_api.method import ApiMethodTable, Call, SlackError, build_answer, build_refusal
from sandbox.slack.workspace import BOT_USER
from sandbox.slack.workspace_model import File, Json, WorkspaceChannel

methods = ApiMethodTable()
ALT_TEXT = 1000
SNIPPET = 1_000_000
CHANNELS = 100


@methods.add("files.getUploadURLExternal", "files:write")
def get_upload_url(call: Call) -> Json:
    name, size = call.need("filename"), _size(call)
    if len(call.text("alt_txt")) > ALT_TEXT:
        raise SlackError("alt_txt_too_large")
    if call.text("snippet_type") and size > SNIPPET:
        raise SlackError("snippet_too_large")
    number = call.workspace.next_number()
    file = File(
        id=f"F0SAND{number:05d}",
        name=name,
        size=size,
        user=BOT_USER,
        created=call.workspace.seconds(),
        ticket=secrets.token_hex(12),
        title=name,
        alt_text=call.text("alt_txt"),
        snippet_type=call.text("snippet_type"),
    )
    call.workspace.files[file.id] = file
    return build_answer(upload_url=f"{call.workspace.served_at}/upload/v1/{file.ticket}", file_id=file.id)


@methods.add("files.completeUploadExternal", "files:write")
def complete_upload(call: Call) -> Json:
    """The files become usable, and are shown in each of the conversations in one message."""
    titles = _read_titles(call)
    files = [_find_upload(call, id) for id in titles]
    places = [_place(call, name) for name in _names(call)]
    comment, blocks = call.text("initial_comment"), read_blocks(call)
    if call.text("thread_ts") and len(places) != 1:
        raise build_refusal(
            "invalid_arguments", ["[ERROR] one channel when thread_ts is set [json-pointer:/channels]"]
        )
    threads = [find_parent(call, place) for place in places]
    for file in files:
        file.title = titles[file.id] or file.title
        file.ready = call.workspace.clocks.read_monotonic() + call.workspace.files_ready_after
    for channel, thread in zip(places, threads, strict=True):
        shown = [build_file_json(call.workspace, file) for file in files]
        message = post(
            call.workspace,
            channel,
            BOT_USER,
            comment,
            blocks=() if comment else blocks or (),
            thread_ts=thread,
            subtype="file_share",
            extra={"files": shown, "upload": True},
        )
        for file in files:
            file.shares.append((channel.id, message.ts))
            _tell(call, channel, file)
    shown = [build_file_json(call.workspace, file) for file in files]
    for place, ts in files[0].shares:
        messages = call.workspace.channels[place].messages
        messages[ts] = replace(messages[ts], extra={**messages[ts].extra, "files": shown})
    call.workspace.changes.touch()
    return build_answer(files=shown)


@methods.add("files.info", "files:read")
def get_file_info(call: Call) -> Json:
    file = call.workspace.files.get(call.need("file", "file_not_found"))
    if file is None or file.ready is None:
        raise SlackError("file_not_found")
    return build_answer(
        file=build_file_json(call.workspace, file), comments=[], response_metadata={"next_cursor": ""}
    )


@methods.add("files.delete", "files:write")
def delete_file(call: Call) -> Json:
    """The file is gone; the messages that showed it stay, with a tombstone in its place."""
    file = call.workspace.files.get(call.need("file", "file_not_found"))
    if file is None or file.ready is None:
        raise SlackError("file_not_found")
    if file.is_deleted:
        raise SlackError("file_deleted")
    if file.user != BOT_USER:
        raise SlackError("cant_delete_file")
    file.content, file.is_deleted = None, True
    for place, ts in file.shares:
        messages = call.workspace.channels[place].messages
        if (message := messages.get(ts)) is not None:
            shown = [
                {"id": file.id, "mode": "tombstone"} if each["id"] == file.id else each
                for each in message.extra["files"]
            ]
            messages[ts] = replace(message, extra={**message.extra, "files": shown})
    call.workspace.changes.touch()
    return build_answer()


def _size(call: Call) -> int:
    try:
        size = int(call.text("length") or 0)
    except ValueError:
        raise build_refusal(
            "invalid_arguments", ["[ERROR] must be an integer [json-pointer:/length]"]
        ) from None
    if size == 0:
        raise SlackError("missing_argument")
    if size < 0:
        raise build_refusal("invalid_arguments", ["[ERROR] must be positive [json-pointer:/length]"])
    return size


def _read_titles(call: Call) -> dict[str, str]:
    """The title of each file by its id."""
    value: Any = call.parse_json("files", "invalid_arguments")
    if not isinstance(value, list) or not value:
        raise build_refusal("invalid_arguments", ["[ERROR] missing required field: files"])
    found: dict[str, str] = {}
    for place, item in enumerate(value):
        if not isinstance(item, dict) or not isinstance(item.get("id"), str) or item["id"] in found:
            raise build_refusal(
                "invalid_arguments", [f"[ERROR] must be a file of its own [json-pointer:/files/{place}]"]
            )
        found[item["id"]] = str(item.get("title") or "")
    return found


def _find_upload(call: Call, id: str) -> File:
    """A file whose bytes came and that nobody has completed yet."""
    found = call.workspace.files.get(id)
    if found is None or found.content is None or found.ready is not None:
        raise SlackError("file_not_found")
    return found


def _names(call: Call) -> list[str]:
    names = list(dict.fromkeys([*call.people("channel_id"), *call.people("channels")]))
    if len(names) > CHANNELS:
        raise SlackError("channels_limit_exceeded")
    return names


def _place(call: Call, name: str) -> WorkspaceChannel:
    channel = find_target(call, name)
    if BOT_USER not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _tell(call: Call, channel: WorkspaceChannel, file: File) -> None:
    call.workspace.emit(
        {
            "type": "file_shared",
            "channel_id": channel.id,
            "file_id": file.id,
            "user_id": file.user,
            "file": {"id": file.id},
            "event_ts": call.workspace.next_ts(),
        }
    )
