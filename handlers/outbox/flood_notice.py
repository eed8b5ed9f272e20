"""Posts in the incidents channel that one person declares very many incidents at once."""

from typing import cast

from bot.domain import effects as e
from bot.ports import LeasedEffect, SlackPayload
from bot.services.page_grouping import RINGS_FOR
from handlers.outbox.effect_context import EffectContext
from handlers.outbox.effect_result import EffectResult
from templates import notices


async def post_flood_notice(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """Post it, with what was declared by now."""
    effect = cast(e.TellOfFlood, row.effect)
    place = await hands.incidents_channel()
    return EffectResult(
        await hands.post(row, place, await _render_notice(hands, effect.incident, effect.person))
    )


async def refresh_flood_notice(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """Mend the count."""
    effect = cast(e.RefreshFlood, row.effect)
    view = await hands.load_view(effect.incident)
    post = view.situation.posts.get(f"flood:{effect.incident}:{effect.person}")
    if post is not None:
        await hands.edit(row, post, await _render_notice(hands, effect.incident, effect.person))
    return EffectResult()


async def _render_notice(hands: EffectContext, first: int, person: str) -> SlackPayload:
    return notices.render_flood(person, await hands.services.store.list_flood_run(first, RINGS_FOR))
