"""Effect handlers that offer command, and take the button off an offer that is not open any more."""

from typing import cast

from bot.domain import effects as e
from bot.ports import LeasedEffect
from handlers.outbox.effect_context import EffectContext, find_room
from handlers.outbox.effect_result import EffectResult
from templates import roles, shift_handover


async def offer_command(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    effect = cast(e.OfferCommand, row.effect)
    view = await hands.load_view(effect.incident)
    drawn = roles.render_offer(view, effect.person, effect.by, effect.words)
    return EffectResult(await hands.post(row, find_room(view.situation), drawn))


async def settle_offer(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    effect = cast(e.SettleOffer, row.effect)
    view = await hands.load_view(effect.incident)
    post = view.situation.posts.get(effect.offer)
    if post is not None and post.channel != view.incident.lost_channel:
        is_on_call = effect.ends and view.incident.status.is_open
        drawn = (
            shift_handover.render_for_next(view, _find_card(effect))
            if is_on_call
            else roles.render_settled_offer(view, effect)
        )
        await hands.edit(row, post, drawn)
    return EffectResult()


def _find_card(effect: e.SettleOffer) -> e.TellOfShift:
    return e.TellOfShift(incident=effect.incident, person=effect.person, ends=effect.ends, next=effect.person)
