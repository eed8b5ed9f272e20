"""Messages and views as HTML: for now as the terminal shows them, with their buttons."""

from html import escape

from sandbox.model import Ephemeral, Message, User, View
from sandbox.plain import message_lines, view_lines
from sandbox.workspace import Workspace


def message(workspace: Workspace, message: Message | Ephemeral, reader: User) -> str:
    """The `<article>` of a message."""
    lines = escape("\n".join(message_lines(workspace, message, reader.tz)))
    author = escape(workspace.users[message.user].name) if message.user else ""
    private = " data-ephemeral" if isinstance(message, Ephemeral) else ""
    buttons = "".join(
        f'<button type="button" data-block="{escape(block.get("block_id", ""))}" '
        f'data-action="{escape(element["action_id"])}" data-value="{escape(element.get("value", ""))}">'
        f"{escape(element['text']['text'])}</button>"
        for block in message.blocks
        for element in block.get("elements", ())
        if element.get("type") == "button"
    )
    return (
        f'<article class="message" data-channel="{message.channel}" data-ts="{message.ts}"{private}>'
        f"<b>{author}</b><pre>{lines}</pre>{buttons}</article>"
    )


def view(workspace: Workspace, view: View, reader: User) -> str:
    """The `<form>` of a modal."""
    lines = escape("\n".join(view_lines(workspace, view, reader.tz)))
    return f'<form data-view="{view.id}" data-hash="{view.hash}"><pre>{lines}</pre></form>'


def home(workspace: Workspace, view: View, reader: User) -> str:
    """The app's home."""
    return f"<pre>{escape(chr(10).join(view_lines(workspace, view, reader.tz)))}</pre>"
