"""How an answer reaches the person who asked."""

from typing import Any

from slack_bolt.async_app import AsyncRespond

from bot.ports import Message
from handlers.front import Front
from templates import answers


def ephemeral(message: Message) -> dict[str, Any]:
    """The message as the answer to a slash command, for its author only."""
    return {"response_type": "ephemeral", "text": message.text, "blocks": list(message.blocks)}


def tell(front: Front, respond: AsyncRespond, message: Message) -> None:
    """Answer a click: only for the person who clicked, the message with the button stays."""
    front.errands.run("answering a click", lambda: respond(**ephemeral(message), replace_original=False))


def open_form(front: Front, trigger: str, respond: AsyncRespond, view: dict[str, Any]) -> None:
    """Open a modal; when that fails the person is told, nothing was recorded."""
    front.errands.run(
        "opening a form",
        lambda: front.client.views_open(trigger_id=trigger, view=view),
        lambda: respond(**ephemeral(answers.form_failed()), replace_original=False),
    )
