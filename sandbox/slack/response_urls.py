"""What the bot answers to a person: in the acknowledgement of a command, or to a response_url."""

from dataclasses import replace
from typing import Any

from sandbox.slack.block_ids import assign_ids
from sandbox.slack.block_kit.validation import find_block_problems
from sandbox.slack.posting import delete, edit, post, show_ephemeral
from sandbox.slack.uploads import find_file_problems
from sandbox.slack.web_api.method import SlackError, build_refusal
from sandbox.slack.workspace import BOT_USER, Workspace
from sandbox.slack.workspace_model import Json, ReplyAddress

USES = 5
SECONDS = 30 * 60


def use(workspace: Workspace, address: ReplyAddress, body: Any) -> None:
    """Do what was sent to a response_url. Raises SlackError (`used_url`, `expired_url`, ...)."""
    if workspace.clocks.read_monotonic() - address.issued > SECONDS:
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
    show_answer(workspace, address.user, address.channel, body)


def show_answer(workspace: Workspace, user: str, channel: str, body: Json) -> None:
    """Show an answer to the person alone, or to the channel when it says `in_channel`."""
    text, blocks = str(body.get("text", "")), body.get("blocks") or ()
    thread = body.get("thread_ts")
    if body.get("response_type") == "in_channel":
        post(workspace, workspace.channels[channel], BOT_USER, text, blocks=blocks, thread_ts=thread)
    else:
        show_ephemeral(workspace, user, channel, text, blocks=blocks, thread_ts=thread, user=BOT_USER)


def show_acknowledgement(workspace: Workspace, user: str, channel: str, body: Any) -> None:
    """Show what came in the acknowledgement of a command: JSON, or plain text. Raises SlackError."""
    if isinstance(body, str):
        body = {"text": body}
    if not isinstance(body, dict):
        raise SlackError("invalid_payload")
    _refuse_invalid(workspace, body)
    show_answer(workspace, user, channel, body)


def _refuse_invalid(workspace: Workspace, body: Json) -> None:
    if not body.get("text") and not body.get("blocks"):
        raise SlackError("no_text")
    blocks = body.get("blocks") or []
    problems = find_block_problems(blocks, "message") or find_file_problems(workspace, blocks)
    if problems:
        raise build_refusal("invalid_blocks", problems)


def _original(workspace: Workspace, address: ReplyAddress, body: Json | None) -> None:
    """Replace the message that the response_url came with; without a body, delete it."""
    source = address.source or ""
    for place, seen in enumerate(workspace.ephemerals):
        if seen.ts == source and seen.reader == address.user:
            if body is None:
                del workspace.ephemerals[place]
            else:
                blocks = assign_ids(body.get("blocks") or (), f"b{source[-6:]}")
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
        blocks = assign_ids(body.get("blocks") or (), f"b{source[-6:]}")
        edit(workspace, channel, message, text=str(body.get("text", "")), blocks=blocks)
