"""Tells who follows an incident of its news."""

from typing import cast

from bot.domain import effects as e
from bot.domain.notices import UpdateNews
from bot.ports import LeasedEffect
from handlers.outbox.effect_context import Destination, EffectContext
from handlers.outbox.effect_result import EffectResult
from handlers.outbox.message_handlers import find_update
from templates import follower_messages


async def notify_follower(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """Nothing for somebody who is in the channel, where it was said, or may not see the incident any more: a guest sees
    it in its channel only."""
    effect = cast(e.TellFollower, row.effect)
    view = await hands.load_view(effect.incident)
    if view.situation.has_inside(effect.person):
        return EffectResult()
    if not await hands.services.store.may_see(effect.incident, effect.person):
        return EffectResult()
    known = await hands.services.store.person(effect.person)
    if known is not None and known[0].guest:
        return EffectResult()
    news = effect.news
    if isinstance(news, UpdateNews):
        drawn = follower_messages.render_update(view, find_update(view, int(effect.change)))
    else:
        drawn = follower_messages.render_news(view, news)
    return EffectResult(await hands.post(row, Destination(effect.person), drawn))
