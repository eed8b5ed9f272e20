"""How an answer reaches the person who asked."""

from typing import Any

from slack_bolt.async_app import AsyncRespond
from slack_sdk.errors import SlackApiError

from bot.ports import Message
from handlers.front import Front
from templates import answers, modals


def ephemeral(message: Message) -> dict[str, Any]:
    """The message as the answer to a slash command, for its author only."""
    return {"response_type": "ephemeral", "text": message.text, "blocks": list(message.blocks)}


def tell(front: Front, respond: AsyncRespond, message: Message, view: str | None = None) -> None:
    """Answer a click: only for the person who clicked, the message with the button stays.

    A click in a modal (`view` is its id) has no address for answers: the modal shows the answer itself.
    """
    if view is not None:
        shown = modals.declared(message)
        front.errands.run("answering in a form", lambda: front.client.views_update(view_id=view, view=shown))
        return
    front.errands.run("answering a click", lambda: respond(**ephemeral(message), replace_original=False))


def whisper(front: Front, channel: str, user: str, message: Message) -> None:
    """Say something to one person where they are, without having been asked by a command or a click."""
    front.errands.run(
        "whispering",
        lambda: front.client.chat_postEphemeral(
            channel=channel, user=user, text=message.text, blocks=list(message.blocks)
        ),
    )


def open_form(front: Front, trigger: str, respond: AsyncRespond, view: dict[str, Any]) -> None:
    """Open a modal; when that fails the person is told, nothing was recorded."""

    async def open_once() -> None:
        try:
            await front.client.views_open(trigger_id=trigger, view=view)
        except SlackApiError as error:
            # The same request came twice, and the first one opened the form.
            if error.response.get("error") != "exchanged_trigger_id":
                raise

    front.errands.run(
        "opening a form",
        open_once,
        lambda: respond(**ephemeral(answers.form_failed()), replace_original=False),
    )
