"""The message of a text for customers: drawn once from the runbook's template, kept, then shown as it stands."""

import logging
from datetime import UTC, datetime
from typing import cast

from bot.domain.effects import PostPublicDraft, RefreshPublicDraft
from bot.domain.public_update import PublicUpdate
from bot.errors import SlackCallError
from bot.ports import LeasedEffect, SlackPayload
from bot.services.public_wording_check import examine_wording
from handlers.outbox.effect_context import EffectContext, find_room
from handlers.outbox.effect_result import EffectResult
from handlers.outbox.evidence_place import stand_below_evidence
from templates.incident_view import IncidentViewModel
from templates.public_draft import PublicDraftView, render_public_draft
from templates.public_text import draft_public_text

log = logging.getLogger(__name__)

MOST_MEMBERS = 50
"""So many members of a channel are looked up by name."""


async def post_public_draft(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """Nothing for a draft that was overtaken before it could be shown."""
    effect = cast(PostPublicDraft, row.effect)
    await stand_below_evidence(hands, row, effect.incident)
    view, update = await hands.load_view(effect.incident), await find_public_update(hands, effect.update)
    if not update.text:
        update = await _draw_text(hands, view, update)
    await _learn_names(hands, view)
    drawn = await _render(hands, view, update)
    return EffectResult(await hands.post(row, find_room(view.situation), drawn))


async def refresh_public_draft(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """Nothing where the message was lost with its channel."""
    effect = cast(RefreshPublicDraft, row.effect)
    view, update = await hands.load_view(effect.incident), await find_public_update(hands, effect.update)
    post = view.situation.posts.get(f"public-draft:{effect.incident}:{effect.update}")
    if post is not None and post.channel != view.incident.lost_channel:
        await hands.edit(row, post, await _render(hands, view, update))
    return EffectResult()


async def find_public_update(hands: EffectContext, id: int) -> PublicUpdate:
    """The text that an effect names."""
    found = await hands.services.store.find_public_update(id)
    assert found is not None, f"an effect names the public update {id}, which is not there"
    return found


async def _learn_names(hands: EffectContext, view: IncidentViewModel) -> None:
    """Who works on it, and who reads in its channel and in the one of all incidents: a text for customers must not name
    them. Whom Slack does not tell about just now stays unknown."""
    store = hands.services.store
    people = {*view.situation.people, *(page.person for page in view.situation.pages)} - {""}
    try:
        for channel in (view.incident.channel, await store.place(hands.services.channel_name)):
            if channel:
                people |= {*(await hands.chat.list_members_up_to(channel, MOST_MEMBERS) or ())}
        for id in sorted(people):
            known = await store.person(id)
            if known is None or not known[0].real_name:
                await store.save_person(await hands.chat.person(id))
    except SlackCallError as error:
        log.warning("INC-%d: whom its channel has is not known: %s", view.incident.number, error)


async def _draw_text(hands: EffectContext, view: IncidentViewModel, update: PublicUpdate) -> PublicUpdate:
    """The text is kept before it is shown: what somebody publishes is what they saw."""
    drawn = draft_public_text(view, update.status, datetime.now(UTC))
    async with hands.services.store.transaction() as tx:
        await tx.lock(update.incident)
        held = await tx.lock_public_update(update.id)
        assert held is not None
        if not held.text:
            await tx.change_public_update(update.id, text=drawn)
    return await find_public_update(hands, update.id)


async def _render(hands: EffectContext, view: IncidentViewModel, update: PublicUpdate) -> SlackPayload:
    async with hands.services.store.transaction() as tx:
        concerns = await examine_wording(hands.services, tx, view.incident, update)
    return render_public_draft(
        PublicDraftView(
            view,
            update,
            concerns,
            hands.status_pages.components,
            hands.services.status_pages,
            hands.services.status_approvals,
        )
    )
