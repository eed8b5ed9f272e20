"""The `files.*` methods: an address for the bytes, then the file in its conversations."""

import secrets
from dataclasses import replace
from typing import Any

from sandbox.files import file_shape
from sandbox.model import Channel, File, Json
from sandbox.posting import post
from sandbox.webapi import Call, Methods, SlackError, answer, wrong
from sandbox.webapi_chat import given_blocks, parent_of, target
from sandbox.workspace import BOT_USER

methods = Methods()
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
    return answer(upload_url=f"{call.workspace.served_at}/upload/v1/{file.ticket}", file_id=file.id)


@methods.add("files.completeUploadExternal", "files:write")
def complete_upload(call: Call) -> Json:
    """The files become usable, and are shown in each of the conversations in one message."""
    titles = _wanted(call)
    files = [_uploaded(call, id) for id in titles]
    places = [_place(call, each) for each in _names(call)]
    comment, blocks = call.text("initial_comment"), given_blocks(call)
    if call.text("thread_ts") and len(places) != 1:
        raise wrong(
            "invalid_arguments", ["[ERROR] one channel when thread_ts is set [json-pointer:/channels]"]
        )
    threads = [parent_of(call, each) for each in places]
    for file in files:
        file.title = titles[file.id] or file.title
        file.ready = call.workspace.clocks.elapsed() + call.workspace.files_ready_after
    for channel, thread in zip(places, threads, strict=True):
        shown = [file_shape(call.workspace, each) for each in files]
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
    shown = [file_shape(call.workspace, each) for each in files]
    for place, ts in files[0].shares:
        messages = call.workspace.channels[place].messages
        messages[ts] = replace(messages[ts], extra={**messages[ts].extra, "files": shown})
    call.workspace.changes.touch()
    return answer(files=shown)


@methods.add("files.info", "files:read")
def info(call: Call) -> Json:
    file = call.workspace.files.get(call.need("file", "file_not_found"))
    if file is None or file.ready is None:
        raise SlackError("file_not_found")
    return answer(file=file_shape(call.workspace, file), comments=[], response_metadata={"next_cursor": ""})


def _size(call: Call) -> int:
    try:
        size = int(call.text("length") or 0)
    except ValueError:
        raise wrong("invalid_arguments", ["[ERROR] must be an integer [json-pointer:/length]"]) from None
    if size == 0:
        raise SlackError("missing_argument")
    if size < 0:
        raise wrong("invalid_arguments", ["[ERROR] must be positive [json-pointer:/length]"])
    return size


def _wanted(call: Call) -> dict[str, str]:
    """The title of each file by its id."""
    value: Any = call.parsed("files", "invalid_arguments")
    if not isinstance(value, list) or not value:
        raise wrong("invalid_arguments", ["[ERROR] missing required field: files"])
    found: dict[str, str] = {}
    for place, each in enumerate(value):
        if not isinstance(each, dict) or not isinstance(each.get("id"), str) or each["id"] in found:
            raise wrong(
                "invalid_arguments", [f"[ERROR] must be a file of its own [json-pointer:/files/{place}]"]
            )
        found[each["id"]] = str(each.get("title") or "")
    return found


def _uploaded(call: Call, id: str) -> File:
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


def _place(call: Call, name: str) -> Channel:
    channel = target(call, name)
    if BOT_USER not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _tell(call: Call, channel: Channel, file: File) -> None:
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
