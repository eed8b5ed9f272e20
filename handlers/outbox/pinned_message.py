"""Keeps a message that somebody pinned or marked in the timeline of its incident."""

from typing import cast

from bot.domain import effects as e
from bot.ports import LeasedEffect
from bot.services import timeline_notes
from handlers.outbox.effect_context import EffectContext
from handlers.outbox.effect_result import EffectResult


async def capture_message(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    effect = cast(e.KeepMessage, row.effect)
    said = await hands.chat.read_message(effect.channel, effect.ts)
    if said is None:
        return EffectResult()
    number = effect.incident or await hands.services.store.find_incident_in(effect.channel, said.thread)
    if number is None:
        return EffectResult()
    return EffectResult(on_commit=lambda tx: timeline_notes.record_pinned_message(tx, effect, number, said))
