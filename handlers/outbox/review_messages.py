"""Posts how far an incident's review is, and keeps that message up to date."""

from typing import cast

from bot.domain.effects import OfferReview, PostReview
from bot.domain.incident import Status
from bot.ports import LeasedEffect
from handlers.outbox.effect_context import EffectContext, find_room, get_incident_number
from handlers.outbox.effect_result import EffectResult
from templates import review_messages


async def post_review(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """In the incident's channel."""
    view = await hands.load_view(get_incident_number(row))
    answers = await hands.services.store.find_review_answers(view.incident.number)
    message = review_messages.render_review_state(view, answers)
    return EffectResult(await hands.post(row, find_room(view.situation), message))


async def offer_review(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """In the incident's channel; nothing where it was begun, or the incident is open again or closed."""
    effect = cast(OfferReview, row.effect)
    view = await hands.load_view(effect.incident)
    incident, posts = view.incident, view.situation.posts
    is_begun = PostReview(incident=effect.incident).key in posts
    if is_begun or incident.status is not Status.RESOLVED or incident.resolutions != effect.count:
        return EffectResult()
    message = review_messages.render_review_state(view, ())
    return EffectResult(await hands.post(row, find_room(view.situation), message))


async def refresh_review(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """As it stands now."""
    view = await hands.load_view(get_incident_number(row))
    post = view.situation.posts.get(PostReview(incident=view.incident.number).key)
    if post is not None:
        answers = await hands.services.store.find_review_answers(view.incident.number)
        await hands.edit(row, post, review_messages.render_review_state(view, answers))
    return EffectResult()
