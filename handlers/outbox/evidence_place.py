"""The place of the evidence: right below the alert, above what can wait for it."""

from datetime import timedelta

from bot.ports import LeasedEffect
from bot.services import reserve_evidence
from handlers.outbox.effect_context import EffectContext, RetryLater

RETRY_DELAY = timedelta(seconds=0.2)
RESERVE_AFTER, MAX_WAITS = 10, 300
"""How often a message waits for what the checks find before the evidence gets its place without it, and how often for
Slack to take that."""


async def stand_below_evidence(hands: EffectContext, row: LeasedEffect, incident: int) -> None:
    """Raises RetryLater while the evidence is not posted; where the checks are slow to begin it is posted without them,
    and edited: on a busy machine it stands above this message all the same."""
    if row.attempts > MAX_WAITS or not await hands.services.store.awaits_evidence(incident):
        return
    if row.attempts > RESERVE_AFTER:
        await reserve_evidence(hands.services, incident)
    raise RetryLater("the evidence is not posted yet", RETRY_DELAY)
