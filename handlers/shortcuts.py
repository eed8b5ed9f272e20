"""Message shortcuts: a message becomes an incident, or a line of an incident's timeline."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot import lifecycle
from bot.ports import Message, Said
from bot.slack import as_typed
from handlers import SHORTCUTS
from handlers.front import Front, request
from handlers.replies import open_form, tell
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
            message, channel = body["message"], body["channel"]["id"]
            number = await front.number(None, channel, user, message.get("thread_ts"))
            said = Said(message.get("user", ""), as_typed(message.get("text", "")), _link(body))
            asked, source = request("shortcut", body["trigger_id"], user), f"{channel}:{message['ts']}"
            return answers.answer(await lifecycle.keep(front.desk, asked, number, said, source))

        message = await front.answered(ask)
        await ack()
        tell(front, respond, message)


def _link(body: dict[str, Any]) -> str:
    """The address of the message that the shortcut was used on."""
    ts = str(body["message"]["ts"]).replace(".", "")
    return f"https://{body['team']['domain']}.slack.com/archives/{body['channel']['id']}/p{ts}"
