"""Handlers of effects that post or edit one message: what is drawn, and where it goes."""

from collections.abc import Awaitable, Callable
from typing import cast

from bot.domain import effects as e
from bot.domain.incident import PostedMessage, Situation, StatusUpdate
from bot.domain.notices import TO_ACT_ON
from bot.ports import LeasedEffect, SlackPayload
from handlers.outbox import deleted_messages
from handlers.outbox.effect_context import EffectContext, build_message_ref, find_room, get_incident_number
from handlers.outbox.effect_result import EffectResult
from templates import alert, notices, update_messages
from templates.incident_view import IncidentViewModel

EffectHandler = Callable[[EffectContext, LeasedEffect], Awaitable[EffectResult]]
Renderer = Callable[[IncidentViewModel, e.Effect], SlackPayload]


def build_room_handler(draw: Renderer) -> EffectHandler:
    """A message in the incident's channel."""

    async def perform(hands: EffectContext, row: LeasedEffect) -> EffectResult:
        view = await hands.load_view(get_incident_number(row))
        return EffectResult(await hands.post(row, find_room(view.situation), draw(view, row.effect)))

    return perform


def build_announcement_handler(draw: Renderer) -> EffectHandler:
    """A message in the channel where incidents are announced."""

    async def perform(hands: EffectContext, row: LeasedEffect) -> EffectResult:
        view = await hands.load_view(get_incident_number(row))
        if view.incident.private:
            return await _among_members(hands, row, view)
        return EffectResult(await hands.post(row, await hands.incidents_channel(), draw(view, row.effect)))

    return perform


async def _among_members(hands: EffectContext, row: LeasedEffect, view: IncidentViewModel) -> EffectResult:
    """Nothing of a private incident goes into the incidents channel; what somebody must act on is said in its own."""
    said = row.effect
    if not isinstance(said, e.TellIncidentsChannel) or not isinstance(said.notice, TO_ACT_ON):
        return EffectResult()
    drawn = notices.render_notice(view, said.notice)
    return EffectResult(await hands.post(row, find_room(view.situation), drawn))


def build_edit_handler(name: str, draw: Renderer) -> EffectHandler:
    """An edit of the message whose effect key begins with `name`; nothing when that was never posted."""

    async def perform(hands: EffectContext, row: LeasedEffect) -> EffectResult:
        view = await hands.load_view(get_incident_number(row))
        post = find_reachable_post(view.situation, name)
        return await deleted_messages.edit_posts(hands, row, [post] if post else [], draw(view, row.effect))

    return perform


async def refresh_alert(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """Every copy is brought up to date: the buttons of each are still used."""
    view = await hands.load_view(get_incident_number(row))
    return await deleted_messages.edit_posts(
        hands, row, view.situation.copies("alert"), alert.render_alert(view)
    )


def find_reachable_post(situation: Situation, name: str) -> PostedMessage | None:
    """The message by its short name; None when there is none, or when it stands in a channel that was lost."""
    post = situation.post(name)
    return None if post is None or post.channel == situation.incident.lost_channel else post


async def pin_alert(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    post = find_reachable_post((await hands.load_view(get_incident_number(row))).situation, "alert")
    if post is not None:
        await hands.chat.pin(build_message_ref(post))
    return EffectResult()


def find_update(view: IncidentViewModel, number: int) -> StatusUpdate:
    """The incident's update of this number."""
    return next(update for update in view.situation.updates if update.id == number)


def render_update(view: IncidentViewModel, effect: e.Effect) -> SlackPayload:
    return update_messages.render_update(view, find_update(view, cast(e.PostUpdate, effect).update))


def render_published_update(view: IncidentViewModel, effect: e.Effect) -> SlackPayload:
    return update_messages.render_published_update(
        view, find_update(view, cast(e.PublishUpdate, effect).update)
    )


def render_notice(view: IncidentViewModel, effect: e.Effect) -> SlackPayload:
    said = cast(e.PostNotice, effect)
    return notices.render_notice(view, said.notice)


def render_announcement(view: IncidentViewModel, effect: e.Effect) -> SlackPayload:
    said = cast(e.TellIncidentsChannel, effect)
    return notices.render_announcement(view, said.notice)
