"""The app's home: what is open, what is mine, what waits for me, and declare."""

import asyncio
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.errors import StoreAway
from bot.ports import Message
from handlers.front import Front
from handlers.replies import open_form, tell
from templates import actions, answers, home, modals


def listen(bolt: AsyncApp, front: Front) -> None:
    """Register the home tab and its button."""

    @bolt.event("app_home_opened")
    async def app_home_opened(event: dict[str, Any]) -> None:
        """Draw the home anew each time somebody looks at it."""
        if event.get("tab") == "home":
            user = str(event["user"])
            front.errands.run("drawing a home", lambda: _publish(front, user))

    @bolt.action(actions.DECLARE)
    async def declare(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Open the declare form."""

        async def ask() -> Message:
            await front.must_be_allowed(body["user"]["id"])
            runbook = front.desk.editions.current.runbook
            view = modals.declare(runbook, severity="", title="", origin="")
            open_form(front, body["trigger_id"], respond, view)
            return answers.nothing()

        message = await front.answered(ask)
        await ack()
        if message != answers.nothing():
            tell(front, respond, message, None)


async def _publish(front: Front, user: str) -> None:
    try:
        listed, mine, waiting = await asyncio.gather(
            front.listed(user, home.LISTED),
            front.commanded(user, home.MINE + 1),
            front.desk.store.waiting_for(user, home.MINE + 1),
        )
        view = home.home(listed.open, listed.counts, mine, waiting, listed.drills)
    except StoreAway as away:
        view = home.away(front.desk.editions.current.runbook, away.why)
    await front.client.views_publish(user_id=user, view=view)
