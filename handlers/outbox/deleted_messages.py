"""Reposts once a message that somebody deleted, which an edit finds out."""

from collections.abc import Sequence
from functools import partial
from typing import cast

from bot.domain import effects as e
from bot.domain.incident import AGAIN, PostedMessage
from bot.errors import SlackRejected
from bot.ports import LeasedEffect, SlackPayload, Transaction
from bot.services import effect_results
from handlers.outbox.effect_context import EffectContext, find_room
from handlers.outbox.effect_result import EffectResult
from templates import alert, checklist_message

DELETED = frozenset({"message_not_found", "cant_update_message"})
"""How Slack refuses to edit a deleted message: one with replies leaves a stone in its place that nobody may edit."""


async def edit_posts(
    hands: EffectContext, row: LeasedEffect, posts: Sequence[PostedMessage], message: SlackPayload
) -> EffectResult:
    """Bring the copies of one message up to date. Those that are deleted are told of at the end."""
    effect = cast(e.AboutIncident, row.effect)
    gone: list[str] = []
    for post in posts:
        try:
            await hands.edit(row, post, message)
        except SlackRejected as refusal:
            if refusal.code not in DELETED:
                raise
            gone.append(post.key)
    return EffectResult(on_commit=partial(_tell, effect.incident, gone)) if gone else EffectResult()


async def _tell(number: int, gone: Sequence[str], tx: Transaction) -> None:
    for key in gone:
        await effect_results.repost_deleted(tx, number, key)


async def repost_message(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """The message as it is now, where it belongs now. A new alert is pinned."""
    effect = cast(e.Repost, row.effect)
    view = await hands.load_view(effect.incident)
    if effect.post.startswith("announcement:"):
        return EffectResult(
            await hands.post(row, await hands.incidents_channel(), alert.render_announcement(view))
        )
    if effect.post.startswith("checklist:"):
        return EffectResult(
            await hands.post(row, find_room(view.situation), checklist_message.render_checklist(view))
        )
    sent = await hands.post(row, find_room(view.situation), alert.render_alert(view))
    copy = effect.post.removeprefix(f"alert:{effect.incident}") + AGAIN
    shown = e.RefreshAlert(incident=effect.incident, change=f"copied{copy}")
    return EffectResult(
        sent, lambda work: work.enqueue([e.PinAlert(incident=effect.incident, room=copy), shown])
    )
