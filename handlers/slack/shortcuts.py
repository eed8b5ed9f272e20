"""Message shortcuts: a message becomes an incident, a line of an incident's timeline, or an action item."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot import services
from bot.adapters.slack import extract_subject, extract_text, find_unnamed_mentions
from bot.errors import NowhereNamed, RuleViolation
from bot.ports import SlackMessage, SlackPayload
from handlers import SHORTCUTS
from handlers.slack.request_context import RequestContext
from handlers.slack.responses import answer_click, open_form
from handlers.transport.request_keys import build_request
from templates import modals, replies
from templates.action_form import build_action_form

DECLARE, NOTE, ACTION = SHORTCUTS


def listen(bolt: AsyncApp, front: RequestContext) -> None:
    """Register the message shortcuts."""

    @bolt.shortcut(DECLARE)
    async def declare(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Open the declare form with the message's words and keep its address."""

        async def ask() -> SlackPayload:
            await front.ensure_allowed(body["user"]["id"])
            message = body["message"]
            names = await front.names(find_unnamed_mentions(message))
            view = modals.build_declare_form(
                front.services.runbook_versions.current.runbook,
                severity="",
                title=extract_subject(message, names),
                origin=body["channel"]["id"],
                quote=extract_text(message, names),
                link=_link(body),
            )
            open_form(front, body["trigger_id"], respond, view)
            return replies.render_nothing()

        message = await front.answer_in_time(ask, body["channel"]["id"], body["user"]["id"])
        await ack()
        if message != replies.render_nothing():
            answer_click(front, respond, message)

    @bolt.shortcut(NOTE)
    async def note(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Keep the message's words and its address in the incident's timeline."""

        async def ask() -> SlackPayload:
            user = body["user"]["id"]
            await front.ensure_allowed(user)
            message, channel = body["message"], body["channel"]["id"]
            number = await _meant(front, channel, user, message.get("thread_ts"), "a note", "note")
            words = extract_text(message, await front.names(find_unnamed_mentions(message)))
            said = SlackMessage(message.get("user") or "", words, _link(body))
            asked, source = build_request(body), f"{channel}:{message['ts']}"
            return replies.render_reply(
                await services.keep_message(front.services, asked, number, said, source)
            )

        message = await front.answer_in_time(ask, body["channel"]["id"], body["user"]["id"])
        await ack()
        answer_click(front, respond, message)

    @bolt.shortcut(ACTION)
    async def add_action(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Open the form for an action item with the message's words."""

        async def ask() -> SlackPayload:
            user = body["user"]["id"]
            await front.ensure_allowed(user)
            message, channel = body["message"], body["channel"]["id"]
            thread = message.get("thread_ts")
            number = await _meant(front, channel, user, thread, "an action item", "action")
            words = extract_text(message, await front.names(find_unnamed_mentions(message)))
            view = await front.view(number, user)
            open_form(front, body["trigger_id"], respond, build_action_form(view, words))
            return replies.render_nothing()

        message = await front.answer_in_time(ask, body["channel"]["id"], body["user"]["id"])
        await ack()
        if message != replies.render_nothing():
            answer_click(front, respond, message)


async def _meant(
    front: RequestContext, channel: str, user: str, thread: str | None, what: str, word: str
) -> int:
    try:
        return await front.number(None, channel, user, thread)
    except NowhereNamed as refusal:
        raise RuleViolation(
            f"{refusal} Elsewhere {what} names its incident: `/incident {word} INC-42 …`."
        ) from refusal


def _link(body: dict[str, Any]) -> str:
    """The address of the message that the shortcut was used on. An app of a whole organisation is told no workspace:
    then Slack asks the reader for theirs."""
    ts = str(body["message"]["ts"]).replace(".", "")
    domain = (body.get("team") or {}).get("domain")
    site = f"{domain}.slack.com" if domain else "slack.com"
    return f"https://{site}/archives/{body['channel']['id']}/p{ts}"
