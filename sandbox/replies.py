"""What the bot answers to a person: in the acknowledgement of a command, or to a response_url."""

from dataclasses import replace
from typing import Any

from sandbox.files import file_problems
from sandbox.identifiers import with_ids
from sandbox.model import Json, ReplyAddress
from sandbox.posting import delete, edit, post, whisper
from sandbox.validation import block_problems
from sandbox.webapi import SlackError, wrong
from sandbox.workspace import BOT_USER, Workspace

USES = 5
SECONDS = 30 * 60


def use(workspace: Workspace, address: ReplyAddress, body: Any) -> None:
    """Do what was sent to a response_url. Raises SlackError (`used_url`, `expired_url`, ...)."""
    if workspace.clocks.elapsed() - address.issued > SECONDS:
        raise SlackError("expired_url")
    if address.uses >= USES:
        raise SlackError("used_url")
    if not isinstance(body, dict):
        raise SlackError("invalid_payload")
    address.uses += 1
    if body.get("delete_original"):
        _original(workspace, address, None)
        return
    _refuse_invalid(workspace, body)
    if body.get("replace_original"):
        _original(workspace, address, body)
        return
    show(workspace, address.user, address.channel, body)


def show(workspace: Workspace, user: str, channel: str, body: Json) -> None:
    """Show an answer to the person alone, or to the channel when it says `in_channel`."""
    text, blocks = str(body.get("text", "")), body.get("blocks") or ()
    thread = body.get("thread_ts")
    if body.get("response_type") == "in_channel":
        post(workspace, workspace.channels[channel], BOT_USER, text, blocks=blocks, thread_ts=thread)
    else:
        whisper(workspace, user, channel, text, blocks=blocks, thread_ts=thread, user=BOT_USER)


def acknowledged(workspace: Workspace, user: str, channel: str, body: Any) -> None:
    """Show what came in the acknowledgement of a command: JSON, or plain text. Raises SlackError."""
    if isinstance(body, str):
        body = {"text": body}
    if not isinstance(body, dict):
        raise SlackError("invalid_payload")
    _refuse_invalid(workspace, body)
    show(workspace, user, channel, body)


def _refuse_invalid(workspace: Workspace, body: Json) -> None:
    if not body.get("text") and not body.get("blocks"):
        raise SlackError("no_text")
    blocks = body.get("blocks") or []
    problems = block_problems(blocks, "message") or file_problems(workspace, blocks)
    if problems:
        raise wrong("invalid_blocks", problems)


def _original(workspace: Workspace, address: ReplyAddress, body: Json | None) -> None:
    """Replace the message that the response_url came with; without a body, delete it."""
    source = address.source or ""
    for place, seen in enumerate(workspace.ephemerals):
        if seen.ts == source and seen.reader == address.user:
            if body is None:
                del workspace.ephemerals[place]
            else:
                blocks = with_ids(body.get("blocks") or (), f"b{source[-6:]}")
                workspace.ephemerals[place] = replace(seen, text=str(body.get("text", "")), blocks=blocks)
            workspace.changes.touch()
            return
    message = workspace.message(address.channel, source)
    if message is None:
        raise SlackError("message_not_found")
    channel = workspace.channels[address.channel]
    if body is None:
        delete(workspace, channel, message)
    else:
        blocks = with_ids(body.get("blocks") or (), f"b{source[-6:]}")
        edit(workspace, channel, message, text=str(body.get("text", "")), blocks=blocks)
