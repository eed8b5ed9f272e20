"""Tells somebody that an item of the checklist is theirs."""

from typing import cast

from bot.domain.effects import TellItemOwner
from bot.ports import LeasedEffect
from handlers.outbox.effect_context import Destination, EffectContext
from handlers.outbox.effect_result import EffectResult
from templates import item_owners


async def notify_item_owner(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """In a direct message; nothing where it was done meanwhile, or given to somebody else."""
    effect = cast(TellItemOwner, row.effect)
    view = await hands.load_view(effect.incident)
    item = next((item for item in view.situation.items if item.position == effect.position), None)
    if item is None or item.is_done or item.owner != effect.person:
        return EffectResult()
    return EffectResult(
        await hands.post(row, Destination(effect.person), item_owners.render_owner_message(view, item))
    )
