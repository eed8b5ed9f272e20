"""Changes of an open incident: status, severity, title."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.domain.effects import Effect, RenameChannel, SetTopic
from bot.domain.incident import Incident, Status
from bot.domain.incident_changes import SeverityChange
from bot.domain.notices import RenamedNotice, SeverityChangedNotice, SeverityNews, StatusChangedNotice
from bot.domain.page_attempts import EscalationState
from bot.domain.results import (
    CommandResult,
    RenamedAlreadyResult,
    RenamedResult,
    SeverityAlreadyResult,
    SeverityChangedResult,
    StatusAlreadyResult,
    StatusChangedResult,
)
from bot.domain.timeline_details import RenamedDetail, SeverityChangedDetail, StatusChangedDetail
from bot.errors import RuleViolation
from bot.ports import Transaction
from bot.runbook import EscalationStep, Runbook, Severity, build_escalation
from bot.services.acknowledge import build_alert_refreshes, build_notice
from bot.services.channel_page import RAISED, page_everyone_by_severity
from bot.services.check_in import settle_check_in
from bot.services.context import ServiceContext, UserRequest
from bot.services.declare import (
    TEXT_LENGTH,
    find_cadence,
    find_severity,
    format_drill_title,
    shorten_title,
)
from bot.services.escalation import schedule_first_escalation
from bot.services.first_attempts import PageCause
from bot.services.first_pages import plan_first_pages
from bot.services.followers import notify_followers
from bot.services.incident_guards import must_be_open
from bot.services.overdue_update import settle_reminders
from bot.services.paging import is_deferrable, page_contacts, schedule_check_in
from bot.services.publication_draft import offer_next_draft
from bot.services.responder_acknowledgement import STATUS_SET, acknowledge_by_action
from bot.services.severity_pages import end_uncalled_pages
from bot.services.slack_pages import refresh_pages
from bot.services.unit_of_work import get_for_update, run_idempotent
from bot.text.truncation import cut, is_blank, join_lines


async def set_status(desk: ServiceContext, request: UserRequest, number: int, typed: str) -> CommandResult:
    """Say where it stands: investigating, identified or monitoring. `status_changed`, `status_already` or `refused`."""

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        must_be_open(incident)
        try:
            status = Status(typed.strip().casefold())
        except ValueError:
            status = Status.CLOSED
        if not status.is_open:
            raise RuleViolation(
                f"“{typed}” is not a status. Use investigating, identified or monitoring; "
                "`/incident resolve` ends an incident. Nothing was changed."
            )
        if status == incident.status:
            return StatusAlreadyResult(number, status=status)
        answered = await acknowledge_by_action(desk, tx, request, number, STATUS_SET)
        await tx.change(number, status=status)
        await tx.add_entry(number, request.actor, StatusChangedDetail(before=incident.status, to=status))
        said = build_notice(
            incident,
            request,
            StatusChangedNotice(actor=request.actor, before=incident.status, to=status),
        )
        await tx.enqueue(
            [
                *answered,
                *build_alert_refreshes(number, request.change),
                SetTopic(incident=number, change=request.change),
                said,
            ]
        )
        await offer_next_draft(desk, tx, number, request.actor)
        return StatusChangedResult(number, status=status)

    return await run_idempotent(desk, request, change)


async def set_severity(
    desk: ServiceContext, request: UserRequest, number: int, typed: str, reason: str = ""
) -> CommandResult:
    """Change the severity, perhaps for a `reason`. New people are paged, nobody twice; the update cadence follows.

    The outcome is `severity_changed` with what changes with it, `severity_already` or `refused`.
    """

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        must_be_open(incident)
        runbook = await desk.runbook_versions.of(incident)
        severity = find_severity(runbook, typed)
        if severity.id == incident.severity:
            return SeverityAlreadyResult(number, severity=severity.id)
        rhythm = find_cadence(desk, runbook, severity)
        before = incident.severity
        settled = await settle_check_in(tx, incident)
        settled += await _change_severity(tx, incident, severity.id, rhythm)
        incident = await tx.incident(number)
        called = plan_first_pages(desk, runbook, severity, incident)
        old = runbook.severity(before)
        over: list[Effect] = []
        if old is None or severity.rank > old.rank:
            over = await end_uncalled_pages(desk, tx, incident, severity, called, request.change)
        look = _following_look(desk, runbook, incident, old, severity, await tx.now())
        await tx.change(number, **look)
        incident = await tx.incident(number)
        cause = PageCause(request.change, anew=old is not None and is_deferrable(old), by_severity=True)
        summoning, names = await page_contacts(desk, tx, incident, called, cause)
        if old is None or severity.rank < old.rank:
            over += await page_everyone_by_severity(desk, tx, incident, called, RAISED)
        severity_change = SeverityChange(
            before=before,
            to=severity.id,
            called=", ".join(names),
            every=int(rhythm.total_seconds()) if rhythm else None,
            reason=cut(reason.strip(), TEXT_LENGTH),
        )
        await tx.add_entry(number, request.actor, SeverityChangedDetail(**vars(severity_change)))
        told = await _tell_severity(tx, request, incident, severity_change)
        await tx.enqueue([*over, *settled, *summoning, *told])
        await offer_next_draft(desk, tx, number, request.actor)
        return SeverityChangedResult(number, **vars(severity_change))

    return await run_idempotent(desk, request, change)


async def _change_severity(
    tx: Transaction, incident: Incident, severity: str, rhythm: timedelta | None
) -> list[Effect]:
    """Set the severity and the rhythm of updates. An update that was promised stays promised while the rhythm does;
    else the effects say so where it was reminded of."""
    next_at = None
    if rhythm is not None:
        next_at = incident.next_update_at if rhythm == incident.cadence else await tx.now() + rhythm
    moved = next_at != incident.next_update_at
    await tx.change(
        incident.number,
        severity=severity,
        cadence=rhythm,
        next_update_at=next_at,
        notice_at=next_at if moved else incident.notice_at,
        notice_stage=0 if moved else incident.notice_stage,
        snoozed=False if moved else incident.snoozed,
    )
    return await settle_reminders(tx, incident) if moved else []


async def _tell_severity(
    tx: Transaction, request: UserRequest, incident: Incident, change: SeverityChange
) -> list[Effect]:
    """Everything that shows or tells the new severity."""
    number, actor = incident.number, request.actor
    return [
        build_notice(incident, request, SeverityChangedNotice(actor=actor, **vars(change))),
        *build_alert_refreshes(number, request.change),
        *await refresh_pages(tx, number, request.change),
        SetTopic(incident=number, change=request.change),
        *await notify_followers(tx, number, SeverityNews(actor=actor, **vars(change)), request.change),
    ]


def _following_look(
    desk: ServiceContext,
    runbook: Runbook,
    incident: Incident,
    old: Severity | None,
    new: Severity,
    now: datetime,
) -> dict[str, object]:
    """The escalation's columns after a change of the severity: those who acknowledged are asked later, and an
    escalation with the same steps continues at its level, not later than before."""
    if _is_being_handled(incident) and not _can_wait(old) and not is_deferrable(new):
        return schedule_check_in(desk, incident, new, now)
    first = schedule_first_escalation(desk, runbook, incident, new, now)
    states = {incident.ladder, first["ladder"]}
    if old is None or states != {EscalationState.CLIMBING}:
        return first
    names = list(desk.contacts)
    steps = build_escalation(runbook, new, names)
    if incident.rung > 0 and _list_targets(steps) == _list_targets(build_escalation(runbook, old, names)):
        left = steps[incident.rung :]
        return {"look_at": _sooner(now + left[0].after, incident.look_at) if left else None}
    if new.rank < old.rank:
        return {**first, "look_at": _sooner(first["look_at"], incident.look_at)}
    return first


def _is_being_handled(incident: Incident) -> bool:
    """Whether somebody has acknowledged it, and nobody is paged further."""
    return incident.acknowledged_at is not None and incident.ladder is not EscalationState.CLIMBING


def _can_wait(severity: Severity | None) -> bool:
    """Whether it could wait until now: then whoever acknowledged is not working on it."""
    return severity is not None and is_deferrable(severity)


def _list_targets(steps: Iterable[EscalationStep]) -> list[tuple[tuple[str, ...], bool]]:
    """Whom each step pages: contacts, and whether everyone."""
    return [(step.names, step.everyone) for step in steps]


def _sooner(one: object, other: datetime | None) -> datetime | None:
    """The earlier of two instants, where there are two."""
    assert one is None or isinstance(one, datetime)
    return min([instant for instant in (one, other) if instant is not None], default=None)


async def rename(desk: ServiceContext, request: UserRequest, number: int, title: str) -> CommandResult:
    """Give it a better title; its channel follows. The outcome is `renamed`, `renamed_already` or `refused`."""

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        must_be_open(incident)
        typed = join_lines(title)
        new = shorten_title(typed, incident.drill)
        if is_blank(typed):
            raise RuleViolation(
                "Type the new title: `/incident rename Payments are failing`. Nothing was changed."
            )
        if new == incident.title:
            return RenamedAlreadyResult(number)
        await tx.change(number, title=new)
        await tx.add_entry(
            number,
            request.actor,
            RenamedDetail(before=incident.title, to=cut(typed, TEXT_LENGTH)),
        )
        await tx.enqueue(
            [
                *build_alert_refreshes(number, request.change),
                SetTopic(incident=number, change=request.change),
                RenameChannel(incident=number, change=request.change),
                build_notice(
                    incident, request, RenamedNotice(actor=request.actor, before=incident.title, to=new)
                ),
            ]
        )
        cut_from = len(typed) if new != format_drill_title(typed, incident.drill) else None
        return RenamedResult(number, title=new, cut=cut_from)

    return await run_idempotent(desk, request, change)
