"""Posts action items in their incident's channel, and reminds of them by direct messages."""

from datetime import UTC, datetime
from typing import cast
from zoneinfo import ZoneInfo

from bot.contacts import BusinessHours
from bot.domain.action_item import ActionItem
from bot.domain.effects import PostAction, RefreshAction, RemindOfAction, ShareLearnings
from bot.domain.timeline_details import LearningsSharedDetail
from bot.ports import LeasedEffect
from handlers.outbox.effect_context import Destination, EffectContext, find_room, get_incident_number
from handlers.outbox.effect_result import EffectResult
from templates import action_views
from templates.earlier_incidents import render_earlier_incidents
from templates.shared_learnings import render_learnings

MAX_EARLIER = 3
"""Earlier incidents that are named: more is no help."""


async def post_action(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """In the incident's channel."""
    effect = cast(PostAction, row.effect)
    view = await hands.load_view(effect.incident)
    item = await _find(hands, effect.incident, effect.action)
    return EffectResult(await hands.post(row, find_room(view.situation), action_views.render_action(item)))


async def refresh_action(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """As it stands now."""
    effect = cast(RefreshAction, row.effect)
    view = await hands.load_view(effect.incident)
    post = view.situation.posts.get(PostAction(incident=effect.incident, action=effect.action).key)
    if post is not None:
        item = await _find(hands, effect.incident, effect.action)
        await hands.edit(row, post, action_views.render_action(item))
    return EffectResult()


async def remind_of_action(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """To its owner; to the commander where the owner has left the workspace. Nothing where it has ended meanwhile."""
    effect = cast(RemindOfAction, row.effect)
    view = await hands.load_view(effect.incident)
    item = await _find(hands, effect.incident, effect.action)
    if not item.is_open:
        return EffectResult()
    zone = ZoneInfo((hands.services.book.hours or BusinessHours("UTC")).zone)
    today = datetime.now(UTC).astimezone(zone).date()
    gone = item.owner is not None and (await hands.chat.person(item.owner)).deactivated
    to = effect.person
    if gone and to == item.owner:
        if item.due_on and item.due_on < today:  # the commander has a reminder of their own
            return EffectResult()
        to = view.incident.commander
    message = action_views.render_reminder(view, item, to, today, gone)
    return EffectResult(await hands.post(row, Destination(to), message))


async def tell_of_earlier(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """In the incident's channel; nothing where no earlier one was like it."""
    number = get_incident_number(row)
    view = await hands.load_view(number)
    if not view.incident.status.is_open:
        return EffectResult()
    earlier = await hands.services.store.list_earlier_incidents(number, MAX_EARLIER)
    room = find_room(view.situation)
    if not earlier or await hands.is_told(row, room):
        return EffectResult()
    return EffectResult(await hands.post(row, room, render_earlier_incidents(earlier, datetime.now(UTC))))


async def share_learnings(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """In one of the channels that somebody chose, which is joined first."""
    effect = cast(ShareLearnings, row.effect)
    view = await hands.load_view(effect.incident)
    shared = next(
        entry
        for entry in view.situation.entries
        if isinstance(entry.detail, LearningsSharedDetail) and entry.detail.share == effect.share
    )
    assert isinstance(shared.detail, LearningsSharedDetail)
    await hands.chat.join(effect.channel)
    message = render_learnings(view, shared.actor, shared.detail)
    return EffectResult(await hands.post(row, Destination(effect.channel), message))


async def _find(hands: EffectContext, number: int, action: int) -> ActionItem:
    items = await hands.services.store.find_actions(number)
    return next(item for item in items if item.number == action)
