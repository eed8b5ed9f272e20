"""Effect handlers that ask for an overdue update, and shorten reminders that nobody needs any more."""

from typing import cast

from bot.domain import effects as e
from bot.ports import LeasedEffect
from handlers.outbox.effect_context import Destination, EffectContext, find_room
from handlers.outbox.effect_result import EffectResult
from templates import update_messages


async def remind_of_update(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """In the room; how late the update is counts from its promise to when the reminder fell due."""
    effect = cast(e.RemindOfUpdate, row.effect)
    view = await hands.load_view(effect.incident)
    late = int((row.created_at.timestamp() - effect.promise) // 60)
    drawn = update_messages.render_reminder(view, effect, late)
    return EffectResult(await hands.post(row, find_room(view.situation), drawn))


async def ask_for_update(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    effect = cast(e.AskForUpdate, row.effect)
    view = await hands.load_view(effect.incident)
    if not update_messages.is_awaited(view, effect.promise):
        return EffectResult()
    return EffectResult(
        await hands.post(row, Destination(effect.person), update_messages.render_update_request(view, effect))
    )


async def settle_update_request(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    effect = cast(e.SettleUpdateRequest, row.effect)
    view = await hands.load_view(effect.incident)
    post = view.situation.posts.get(str(effect.after))
    if post is not None:
        await hands.edit(row, post, update_messages.render_settled_request(view, effect.promise))
    return EffectResult()


async def settle_reminder(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    effect = cast(e.SettleReminder, row.effect)
    view = await hands.load_view(effect.incident)
    post = view.situation.posts.get(str(effect.after))
    if post is not None and post.channel != view.incident.lost_channel:
        await hands.edit(row, post, update_messages.render_settled_reminder(view, effect.promise))
    return EffectResult()
