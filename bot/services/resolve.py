"""Resolves, closes, cancels and reopens incidents."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.domain.effects import (
    ArchiveChannel,
    Effect,
    OfferReview,
    PostChecklist,
    PostResolution,
    PublishResolution,
    RefreshChecklist,
    SetTopic,
    TellIncidentsChannel,
)
from bot.domain.incident import Incident, Status
from bot.domain.notices import CancelledNews, CancelledNotice, ClosedNotice, ReopenedNotice, ResolvedNews
from bot.domain.page_attempts import EscalationState
from bot.domain.policy import ARCHIVE_AFTER, OFFER_REVIEW_AFTER, PagingPlan
from bot.domain.results import (
    CancelledAlreadyResult,
    CancelledResult,
    ClosedAlreadyResult,
    ClosedResult,
    CommandResult,
    ItemsOpenResult,
    OpenAlreadyResult,
    ReopenedResult,
    ResolvedAlreadyResult,
    ResolvedResult,
)
from bot.domain.timeline_details import CancelledDetail, ClosedDetail, ReopenedDetail, ResolvedDetail
from bot.errors import RuleViolation
from bot.ports import Transaction
from bot.runbook import Runbook
from bot.services.acknowledge import build_alert_refreshes, build_notice
from bot.services.channel_page import page_everyone_by_severity
from bot.services.check_in import settle_check_in
from bot.services.checklist import select_open_items
from bot.services.command_offers import settle_offer
from bot.services.context import ServiceContext, UserRequest
from bot.services.declare import TEXT_LENGTH
from bot.services.diagnostic_runs import stop_diagnostic_runs
from bot.services.escalation import schedule_first_escalation
from bot.services.first_attempts import PageCause
from bot.services.first_pages import plan_first_pages
from bot.services.followers import notify_and_drop_followers
from bot.services.impact import Impact, change_impact
from bot.services.incident_guards import must_be_open, must_be_recent
from bot.services.meeting_arrangement import find_stay, refresh_meeting
from bot.services.merge import lock_with_merge_target, stand_down, undo_merge
from bot.services.offer_refreshes import refresh_offers
from bot.services.overdue_update import settle_reminders
from bot.services.page_acknowledgement import end_provider_pages
from bot.services.paging import is_deferrable, page_contacts, schedule_check_in
from bot.services.publication import PublicChange
from bot.services.publication_along import check_along, publish_along
from bot.services.publication_draft import settle_drafts
from bot.services.remediation_request import void_unbegun
from bot.services.responder_acknowledgement import RESOLVED, acknowledge_by_action
from bot.services.slack_pages import end_unanswered_pages, refresh_pages
from bot.services.unit_of_work import get_for_update, run_idempotent
from bot.text.truncation import cut, is_blank


async def resolve(
    desk: ServiceContext,
    request: UserRequest,
    number: int,
    resolution: str,
    root_cause: str,
    postmortem_at: datetime | None,
    fields: Mapping[str, str] | None = None,
    impact: Impact | None = None,
    public: PublicChange | None = None,
) -> CommandResult:
    """The outage is over. The outcome is `resolved`, or `resolved_already` with who and when.

    `fields` are what only people know of the message, by the names of its template's gaps; `impact` is what they say of
    it, `public` what customers are told with it.
    """

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        if not incident.status.is_open:
            by = incident.resolved_by or ""
            return ResolvedAlreadyResult(number, by=by, at=incident.resolved_at)
        if is_blank(resolution):
            raise RuleViolation("Say in a few words what was done. Nothing was changed.")
        if refused := await check_along(desk, tx, request, incident, Status.RESOLVED, public):
            return refused
        # Its pages are ended at their providers below: nothing else has to be told there.
        await acknowledge_by_action(desk, tx, request, number, RESOLVED)
        count = incident.resolutions + 1
        await tx.change(
            number,
            status=Status.RESOLVED,
            resolved_at="now",
            resolutions=count,
            resolved_by=request.actor,
            resolution=resolution.strip(),
            root_cause=root_cause.strip(),
            postmortem_at=postmortem_at,
            fields={**incident.fields, **(fields or {})},
            next_update_at=None,
            notice_at=None,
            ladder=EscalationState.NONE,
            look_at=None,
            offered_to=None,
        )
        await change_impact(tx, request.actor, incident, impact or Impact())
        done, cause = cut(resolution.strip(), TEXT_LENGTH), cut(root_cause.strip(), TEXT_LENGTH)
        await tx.add_entry(number, request.actor, ResolvedDetail(done=done, cause=cause))
        runbook = await desk.runbook_versions.of(incident)
        await tx.add_checklist(
            number,
            [(window.within, item.text, item.line) for window in runbook.windows for item in window.items],
        )
        await tx.enqueue(await _effects_of_resolving(desk, tx, request, runbook, incident, count))
        await tx.enqueue([OfferReview(incident=number, count=count)], later=OFFER_REVIEW_AFTER)
        if not await publish_along(desk, tx, request, number, public):
            await settle_drafts(desk, tx, number, request.actor, request.change)
        return ResolvedResult(number)

    return await run_idempotent(desk, request, change)


async def _effects_of_resolving(
    desk: ServiceContext,
    tx: Transaction,
    request: UserRequest,
    runbook: Runbook,
    incident: Incident,
    count: int,
) -> list[Effect]:
    """The effects of the `count`-th resolution: what is told, shown and stopped."""
    number = incident.number
    return [
        *await end_provider_pages(tx, number, request.change),
        *await stop_diagnostic_runs(tx, runbook, number, "resolved"),
        *await refresh_offers(tx, number, request.change),
        *await void_unbegun(tx, number, f"{incident.reference} was resolved."),
        PostResolution(incident=number, count=count),
        PublishResolution(incident=number, channel_name=desk.channel_name, count=count),
        PostChecklist(incident=number, count=count),
        *await notify_and_drop_followers(tx, number, ResolvedNews(by=request.actor), str(count)),
        *await settle_reminders(tx, incident),
        *await settle_check_in(tx, incident),
        *await settle_offer(tx, incident),
        *build_alert_refreshes(number, request.change),
        *await refresh_pages(tx, number, request.change),
        *refresh_meeting(incident, await tx.find_meeting(number), request.change),
        SetTopic(incident=number, change=request.change),
    ]


async def close(desk: ServiceContext, request: UserRequest, number: int, anyway: str = "") -> CommandResult:
    """Put the incident away. With open items only when `anyway` says why.

    The outcome is `closed`, `closed_already`, `items_open` with their texts, or `refused`.
    """

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        if incident.status == Status.CLOSED:
            return ClosedAlreadyResult(number)
        if incident.status.is_open:
            raise RuleViolation(
                f"{incident.reference} is not resolved yet. Use `/incident resolve` first. Nothing was changed."
            )
        situation = await tx.situation(number)
        assert situation is not None
        left = select_open_items(situation.items)
        if left and not anyway.strip():
            return ItemsOpenResult(number, items=tuple(item.text for item in left))
        await tx.change(
            number,
            status=Status.CLOSED,
            closed_at="now",
            closed_by=request.actor,
            close_reason=anyway.strip(),
        )
        await tx.drop_typed_commands(number)
        reason = anyway.strip()
        await tx.add_entry(number, request.actor, ClosedDetail(reason=reason, left=len(left)))
        await tx.enqueue(
            [
                *await stop_diagnostic_runs(tx, await desk.runbook_versions.of(incident), number, "closed"),
                RefreshChecklist(incident=number, count=incident.resolutions, change=request.change),
                *build_alert_refreshes(number, request.change),
                SetTopic(incident=number, change=request.change),
                build_notice(
                    incident, request, ClosedNotice(actor=request.actor, reason=reason, left=len(left))
                ),
            ]
        )
        await tx.enqueue([ArchiveChannel(incident=number, change=request.change)], later=ARCHIVE_AFTER)
        return ClosedResult(number)

    return await run_idempotent(desk, request, change)


async def cancel(desk: ServiceContext, request: UserRequest, number: int, reason: str) -> CommandResult:
    """It was a false alarm: said everywhere, no checklist. `cancelled`, `cancelled_already` or `refused`."""

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        if incident.status == Status.CANCELLED:
            return CancelledAlreadyResult(number)
        must_be_open(incident)
        effects = await stand_down(
            desk, tx, request, incident, CancelledNews(reason=reason.strip(), by=request.actor)
        )
        await tx.add_entry(number, request.actor, CancelledDetail(reason=reason.strip()))
        notice = CancelledNotice(actor=request.actor, reason=reason.strip())
        await tx.enqueue(
            [
                *effects,
                build_notice(incident, request, notice),
                TellIncidentsChannel.say(number, desk.channel_name, notice, request.change),
            ]
        )
        await tx.enqueue([ArchiveChannel(incident=number, change=request.change)], later=ARCHIVE_AFTER)
        await settle_drafts(desk, tx, number, request.actor, request.change)
        return CancelledResult(number)

    return await run_idempotent(desk, request, change)


async def reopen(desk: ServiceContext, request: UserRequest, number: int) -> CommandResult:
    """It is not over after all: the clock runs again, ticks stay. `reopened` or `open_already`."""

    async def change(tx: Transaction) -> CommandResult:
        stood = await lock_with_merge_target(tx, request, number)
        incident, before = stood.incident, stood.standing
        if incident.status.is_open:
            return OpenAlreadyResult(number)
        must_be_recent(incident, now := await tx.now())
        following = now + incident.cadence if incident.cadence else None
        runbook = await desk.runbook_versions.of(incident)
        severity = runbook.severity(incident.severity)
        nobody = incident.acknowledged_at is None
        look: dict[str, object] = {"ladder": EscalationState.NONE, "look_at": None}
        if severity is not None and (nobody or is_deferrable(severity)):
            look = schedule_first_escalation(desk, runbook, incident, severity, now)
        elif severity is not None:
            look = schedule_check_in(desk, incident, severity, now)
        await tx.change(
            number,
            status=Status.INVESTIGATING,
            resolved_at=None,
            resolved_by=None,
            closed_at=None,
            closed_by=None,
            close_reason="",
            next_update_at=following,
            notice_at=following,
            notice_stage=0,
            snoozed=False,
            **{"rung": 0, **look},
        )
        incident = await tx.incident(number)
        await tx.drop_windows(number)
        await tx.add_entry(number, request.actor, ReopenedDetail(before=before))
        # Nobody was on it when it ended by mistake: people are called as when it was declared.
        called = PagingPlan()
        await end_unanswered_pages(tx, number)
        if severity is not None and nobody:
            called = plan_first_pages(desk, runbook, severity, incident)
        summoning, names = await page_contacts(
            desk, tx, incident, called, PageCause(request.change, anew=True, by_severity=True)
        )
        everyone = await page_everyone_by_severity(desk, tx, incident, called, request.change)
        shown = await refresh_pages(tx, number, request.change)
        shown += await refresh_offers(tx, number, request.change)
        meeting = await tx.find_meeting(number)
        shown += refresh_meeting(incident, meeting, request.change)
        at, again = find_stay(meeting, now), ", ".join(names)
        told = ReopenedNotice(actor=request.actor, before=before, called=again, meeting_at=at)
        said = _build_reopen_effects(desk, request, incident, told)
        await tx.enqueue([*everyone, *summoning, *said, *shown, *await undo_merge(tx, request, stood)])
        return ReopenedResult(number, into=stood.into.reference if stood.into else "")

    return await run_idempotent(desk, request, change)


def _build_reopen_effects(
    desk: ServiceContext, request: UserRequest, incident: Incident, told: ReopenedNotice
) -> list[Effect]:
    """The effects that report it."""
    return [
        *build_alert_refreshes(incident.number, request.change),
        SetTopic(incident=incident.number, change=request.change),
        build_notice(incident, request, told),
        TellIncidentsChannel.say(
            incident.number, desk.channel_name, replace(told, called=None, meeting_at=None), request.change
        ),
    ]
