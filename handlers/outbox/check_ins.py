"""Effect handlers that ask whether somebody is still on it, and close that question."""

from typing import cast

from bot.domain import effects as e
from bot.ports import LeasedEffect
from bot.services.check_in import UNANSWERED, format_moment
from handlers.outbox.effect_context import EffectContext, find_room
from handlers.outbox.effect_result import EffectResult
from templates import page_progress


async def ask_if_still(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """Nothing where it was answered meanwhile, somebody was active since, or it is over."""
    effect = cast(e.AskIfStill, row.effect)
    view = await hands.load_view(effect.incident)
    active = any(entry.actor and format_moment(entry.at) > effect.change for entry in view.situation.entries)
    if active or not view.incident.status.is_open or view.incident.ladder not in UNANSWERED:
        return EffectResult()
    return EffectResult(await hands.post(row, find_room(view.situation), page_progress.render_check_in(view)))


async def settle_check_in(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    effect = cast(e.SettleCheckIn, row.effect)
    view = await hands.load_view(effect.incident)
    post = view.situation.posts.get(str(effect.after))
    if post is not None and post.channel != view.incident.lost_channel:
        await hands.edit(row, post, page_progress.render_settled_check_in(view, float(effect.asked)))
    return EffectResult()
