"""Message shortcuts: a message becomes an incident, a line of an incident's timeline, or an action item."""

from collections.abc import Awaitable, Callable
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


Ask = Callable[[RequestContext, dict[str, Any], AsyncRespond], Awaitable[SlackPayload]]


def listen(bolt: AsyncApp, front: RequestContext) -> None:
    """Register the message shortcuts."""
    for shortcut, ask in {
        DECLARE: _open_declare_form,
        NOTE: _keep_message,
        ACTION: _open_action_form,
    }.items():
        bolt.shortcut(shortcut)(_build_listener(front, ask))


def _build_listener(front: RequestContext, ask: Ask) -> Callable[..., Awaitable[None]]:
    async def answer(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        async def work() -> SlackPayload:
            await front.ensure_allowed(body["user"]["id"])
            return await ask(front, body, respond)

        message = await front.answer_in_time(work, body["channel"]["id"], body["user"]["id"])
        await ack()
        if message != replies.render_nothing():
            answer_click(front, respond, message)

    return answer


async def _open_declare_form(
    front: RequestContext, body: dict[str, Any], respond: AsyncRespond
) -> SlackPayload:
    """The declare form has the message's words and keeps its address."""
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


async def _keep_message(front: RequestContext, body: dict[str, Any], respond: AsyncRespond) -> SlackPayload:
    """Keep the message's words and its address in the incident's timeline."""
    message, channel = body["message"], body["channel"]["id"]
    number = await _find_incident(front, body, "a note", "note")
    words = extract_text(message, await front.names(find_unnamed_mentions(message)))
    said = SlackMessage(message.get("user") or "", words, _link(body))
    asked, source = build_request(body), f"{channel}:{message['ts']}"
    return replies.render_reply(await services.keep_message(front.services, asked, number, said, source))


async def _open_action_form(
    front: RequestContext, body: dict[str, Any], respond: AsyncRespond
) -> SlackPayload:
    """The form for an action item has the message's words."""
    message = body["message"]
    number = await _find_incident(front, body, "an action item", "action")
    words = extract_text(message, await front.names(find_unnamed_mentions(message)))
    view = await front.view(number, body["user"]["id"])
    open_form(front, body["trigger_id"], respond, build_action_form(view, words))
    return replies.render_nothing()


async def _find_incident(front: RequestContext, body: dict[str, Any], what: str, word: str) -> int:
    """The incident of the place where the message stands. Raises RuleViolation where there is none, with the command
    that names one."""
    channel, thread = body["channel"]["id"], body["message"].get("thread_ts")
    try:
        return await front.number(None, channel, body["user"]["id"], thread)
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
