"""Brings the buttons of messages up to date that offer a change or another playbook, when an incident ends or goes
on."""

from typing import cast

from bot.domain import effects as e
from bot.domain.diagnostic_run import DiagnosticRun, StepResult
from bot.domain.incident import PostedMessage
from bot.errors import SlackRejected
from bot.ports import LeasedEffect, SlackPayload
from bot.services.offer_refreshes import PLAYBOOK
from bot.services.remediation_offers import list_suggested_offers
from handlers.outbox.deleted_messages import DELETED
from handlers.outbox.effect_context import EffectContext
from handlers.outbox.effect_result import EffectResult
from templates import diagnostic_run, finding, playbook
from templates.incident_view import IncidentViewModel


async def refresh_offers(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """Edit a part of the playbook, or a look's message with what its thread offers; what is deleted stays deleted."""
    effect = cast(e.RefreshOffers, row.effect)
    view = await hands.load_view(effect.incident)
    if found := PLAYBOOK.fullmatch(effect.post):
        part, parts = int(found["part"]), playbook.render_incident_playbook(view)
        if part < len(parts):
            await _edit(hands, row, effect.post, view, parts[part])
        return EffectResult()
    look = await hands.services.store.look(int(effect.post.rpartition(":")[2]))
    await _edit(hands, row, effect.post, view, diagnostic_run.render_run(view, look))
    for result in look.results:
        if list_suggested_offers(view.runbook, view.playbook, [result]):
            await _refresh_finding(hands, row, view, look, result)
    return EffectResult()


async def _refresh_finding(
    hands: EffectContext, row: LeasedEffect, view: IncidentViewModel, look: DiagnosticRun, result: StepResult
) -> None:
    """Edit the evidence of one step in the thread; left alone where its picture is not known any more."""
    posted = e.PostFinding(incident=view.incident.number, look=look.id, place=result.place)
    async with hands.services.store.transaction() as tx:
        payload = await tx.find_effect_payload(posted.key)
    file = (payload or {}).get("file") or ""
    if file or not result.detail.chart:
        drawn = finding.render_evidence(view, look, result, file or None)
        await _edit(hands, row, posted.key, view, drawn)


async def _edit(
    hands: EffectContext, row: LeasedEffect, key: str, view: IncidentViewModel, message: SlackPayload
) -> None:
    post: PostedMessage | None = view.situation.posts.get(key)
    if post is None or post.channel == view.incident.lost_channel:
        return
    try:
        await hands.edit(row, post, message)
    except SlackRejected as refusal:
        if refusal.code not in DELETED:
            raise
