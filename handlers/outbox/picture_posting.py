"""Posts a message with an uploaded picture: Slack may need a moment to look at it."""

from datetime import timedelta

from bot.errors import SlackRejected
from bot.ports import LeasedEffect, MessageRef, SlackPayload
from handlers.outbox.effect_context import Destination, EffectContext, RetryLater

NOT_READY = frozenset({"invalid_blocks", "invalid_slack_file", "slack_file_not_ready"})
"""How Slack refuses a message with a picture that it has not looked at yet."""

RETRY_DELAY, MAX_WAITS = timedelta(seconds=1), 10
"""How long, and how often, Slack is given time to look at a picture before the message goes without it."""


async def post_with_picture(
    hands: EffectContext, row: LeasedEffect, place: Destination, message: SlackPayload, file: str
) -> MessageRef | None:
    """Post it. Raises RetryLater when Slack is not done yet with the picture, the `file`."""
    try:
        return await hands.post(row, place, message)
    except SlackRejected as refusal:
        if file and refusal.code in NOT_READY:
            raise RetryLater("Slack is still looking at the picture", RETRY_DELAY) from None
        raise
