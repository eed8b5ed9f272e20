"""Message shortcuts: a message becomes an incident, or a line of an incident's timeline."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot import lifecycle
from bot.ports import Message
from handlers import SHORTCUTS
from handlers.front import Front, request
from handlers.replies import open_form, tell
from handlers.words import as_typed
from templates import answers, modals

DECLARE, NOTE = SHORTCUTS


def listen(bolt: AsyncApp, front: Front) -> None:
    """Register the message shortcuts."""

    @bolt.shortcut(DECLARE)
    async def declare(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Open the declare form with the message's words and keep its address."""

        async def ask() -> Message:
            await front.must_be_allowed(body["user"]["id"])
            words, link = as_typed(body["message"].get("text", "")), _link(body)
            runbook = front.desk.editions.current.runbook
            view = modals.declare(
                runbook, severity="", title=words, origin=body["channel"]["id"], quote=words, link=link
            )
            open_form(front, body["trigger_id"], respond, view)
            return answers.nothing()

        message = await front.answered(ask)
        await ack()
        if message != answers.nothing():
            tell(front, respond, message)

    @bolt.shortcut(NOTE)
    async def note(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Keep the message's words and its address in the incident's timeline."""

        async def ask() -> Message:
            user = body["user"]["id"]
            await front.must_be_allowed(user)
            number = await front.number(None, body["channel"]["id"])
            words = as_typed(body["message"].get("text", ""))
            asked = request("shortcut", body["trigger_id"], user)
            return await front.told(await lifecycle.add_note(front.desk, asked, number, words, _link(body)))

        message = await front.answered(ask)
        await ack()
        tell(front, respond, message)


def _link(body: dict[str, Any]) -> str:
    """The address of the message that the shortcut was used on."""
    ts = str(body["message"]["ts"]).replace(".", "")
    return f"https://{body['team']['domain']}.slack.com/archives/{body['channel']['id']}/p{ts}"
