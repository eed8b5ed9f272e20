"""The app's home: drawn when somebody looks at it, and its button that declares."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.ports import SlackPayload
from handlers.slack.home_view import answer_beside, draw
from handlers.slack.request_context import RequestContext
from handlers.slack.responses import answer_click, open_form
from handlers.transport.request_keys import build_request
from templates import action_ids, modals, replies


def listen(bolt: AsyncApp, front: RequestContext) -> None:
    """Register the home tab and its button."""

    @bolt.event("app_home_opened")
    async def app_home_opened(event: dict[str, Any]) -> None:
        """Draw the home anew each time somebody looks at it."""
        if event.get("tab") == "home":
            draw(front, str(event["user"]))

    @bolt.action(action_ids.DECLARE)
    async def declare(ack: AsyncAck, body: dict[str, Any]) -> None:
        """Open the declare form."""
        respond = answer_beside(front, build_request(body))

        async def ask() -> SlackPayload:
            await front.ensure_allowed(body["user"]["id"])
            runbook = front.services.runbook_versions.current.runbook
            view = modals.build_declare_form(runbook, severity="", title="", origin="")
            open_form(front, body["trigger_id"], respond, view)
            return replies.render_nothing()

        message = await front.answer_in_time(ask, user=body["user"]["id"])
        await ack()
        if message != replies.render_nothing():
            answer_click(front, respond, message, None)
