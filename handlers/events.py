"""Events: what Slack tells without being asked."""

from datetime import UTC, datetime
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot import lifecycle
from bot.ports import Channel
from handlers.front import Front, request


def listen(bolt: AsyncApp, front: Front) -> None:
    """Register the event listeners."""

    @bolt.event("channel_created")
    async def channel_created(event: dict[str, Any]) -> None:
        """Kept so that a channel whose creation was never answered is known again."""
        told = event["channel"]
        created = datetime.fromtimestamp(int(told["created"]), UTC)
        await front.desk.store.see_channel(Channel(told["id"], told["name"], told["creator"], created))

    @bolt.event("member_joined_channel")
    async def member_joined_channel(body: dict[str, Any], event: dict[str, Any]) -> None:
        """Who comes into an incident's channel stands in its timeline."""
        await _moved(front, body, event, came=True)

    @bolt.event("member_left_channel")
    async def member_left_channel(body: dict[str, Any], event: dict[str, Any]) -> None:
        """Who leaves it too."""
        await _moved(front, body, event, came=False)


async def _moved(front: Front, body: dict[str, Any], event: dict[str, Any], *, came: bool) -> None:
    asked = request("event", str(body["event_id"]), str(event["user"]))
    await lifecycle.came_or_went(front.desk, asked, str(event["channel"]), came)
