"""Events: what Slack tells without being asked."""

from datetime import UTC, datetime
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.ports import Channel
from handlers.front import Front


def listen(bolt: AsyncApp, front: Front) -> None:
    """Register the event listeners."""

    @bolt.event("channel_created")
    async def channel_created(event: dict[str, Any]) -> None:
        """Kept so that a channel whose creation was never answered is known again."""
        told = event["channel"]
        created = datetime.fromtimestamp(int(told["created"]), UTC)
        await front.desk.store.see_channel(Channel(told["id"], told["name"], told["creator"], created))
