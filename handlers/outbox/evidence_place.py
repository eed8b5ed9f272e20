"""The place of the evidence: right below the alert, above what can wait for it."""

from datetime import timedelta

from bot.ports import LeasedEffect
from bot.services import reserve_evidence
from handlers.outbox.effect_context import EffectContext, RetryLater

RETRY_DELAY = timedelta(seconds=1)
RESERVE_AFTER, MAX_WAITS = 1, 60
"""How long, and how often, a message waits for the checks to begin before the evidence gets its place without them; and
how often it waits at all."""


async def stand_below_evidence(hands: EffectContext, row: LeasedEffect, incident: int) -> None:
    """Raises RetryLater while the evidence is not posted; where the checks are slow to begin it is posted without them,
    and edited: on a busy machine it stands above this message all the same."""
    if row.attempts > MAX_WAITS:
        return
    awaited = await hands.services.store.find_awaited_evidence(incident)
    if awaited is None:
        return
    if not awaited and row.attempts > RESERVE_AFTER:
        await reserve_evidence(hands.services, incident)
    raise RetryLater("the evidence is not posted yet", RETRY_DELAY, after=awaited)
