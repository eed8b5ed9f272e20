"""Effect handlers that ask for an overdue update, and shorten reminders that nobody needs any more."""

from typing import cast

from bot.domain import effects as e
from bot.ports import LeasedEffect
from handlers.outbox.effect_context import Destination, EffectContext
from handlers.outbox.effect_result import EffectResult
from templates import update_messages


async def ask_for_update(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    effect = cast(e.AskForUpdate, row.effect)
    view = await hands.load_view(effect.incident)
    if not update_messages.is_awaited(view, effect.promise):
        return EffectResult()
    return EffectResult(
        await hands.post(row, Destination(effect.person), update_messages.render_update_request(view, effect))
    )


async def settle_reminder(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    effect = cast(e.SettleReminder, row.effect)
    view = await hands.load_view(effect.incident)
    post = view.situation.posts.get(str(effect.after))
    if post is not None and post.channel != view.incident.lost_channel:
        await hands.edit(row, post, update_messages.render_settled_reminder(view, effect.promise))
    return EffectResult()
