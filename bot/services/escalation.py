"""Escalates when nobody acknowledges, and asks those who did whether they are still on it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.contacts import BusinessHours, find_next_business_day
from bot.domain import policy
from bot.domain.effects import AskIfStill, CallEveryone, Effect, PostNotice, RefreshAlert
from bot.domain.incident import Incident
from bot.domain.incident_changes import EscalatedLevel
from bot.domain.notices import BusinessDayNotice, EscalatedNotice, StillOnItNotice
from bot.domain.page_attempts import WORST, EscalationState
from bot.domain.results import CommandResult, EscalatedResult, StillOnItResult
from bot.domain.timeline_details import AskedIfStillDetail, EscalatedDetail, StillOnItDetail
from bot.errors import RuleViolation
from bot.ports import Transaction
from bot.runbook import EscalationStep, Runbook, Severity, build_escalation
from bot.services.acknowledge import build_alert_refreshes, build_notice
from bot.services.check_in import format_moment, settle_check_in
from bot.services.context import ServiceContext, UserRequest
from bot.services.first_attempts import PageCause
from bot.services.incident_guards import must_be_open, must_be_real
from bot.services.page_acknowledgement import acknowledge_pages, find_contacts_of
from bot.services.paged_contacts import find_slack_people, is_paged, select_paged_in_slack
from bot.services.paging import (
    is_deferrable,
    lookup_on_call_again,
    page_contacts,
    repage_contacts,
    schedule_check_in,
)
from bot.services.responder_acknowledgement import STILL_ON_IT, acknowledge_by_action
from bot.services.slack_pages import renew_slack_pages
from bot.services.unit_of_work import get_for_update, process_each_due, run_idempotent

ANYWHERE = BusinessHours("UTC")
"""Monday to Friday from nine, where the contacts file does not say when the team works."""


def schedule_first_escalation(
    desk: ServiceContext, runbook: Runbook, incident: Incident, severity: Severity, now: datetime
) -> dict[str, object]:
    """The escalation's columns of an incident whose severity counts from now; a drill pages nobody."""
    if incident.drill:
        return {"ladder": EscalationState.NONE, "rung": 0, "look_at": None}
    if is_deferrable(severity):
        return {
            "ladder": EscalationState.WAITING,
            "rung": 0,
            "look_at": find_next_business_day(desk.book.hours or ANYWHERE, now),
        }
    rungs = build_escalation(runbook, severity, list(desk.contacts))
    if not rungs:
        return {"ladder": EscalationState.NONE, "rung": 0, "look_at": None}
    return {"ladder": EscalationState.CLIMBING, "rung": 0, "look_at": now + rungs[0].after}


async def escalate_due(desk: ServiceContext) -> int:
    """Take the escalation steps that are due. Gives the number of incidents processed."""
    return await process_each_due(
        desk, "ladder", lambda work, limit: work.list_due_escalations(limit), _process_incident
    )


async def _process_incident(desk: ServiceContext, tx: Transaction, incident: Incident) -> None:
    now = await tx.now()
    if not incident.status.is_open or incident.look_at is None or incident.look_at > now:
        return
    due = format_moment(incident.look_at)
    match incident.ladder:
        case EscalationState.WAITING:
            await tx.change(incident.number, ladder=EscalationState.NONE, look_at=None)
            notice = BusinessDayNotice(person=incident.commander)
            await tx.enqueue([PostNotice.say(incident.number, notice, f"due:{due}")])
        case EscalationState.ANSWERED | EscalationState.ASKED:
            await _still_on_it(desk, tx, incident, now)
        case EscalationState.CLIMBING:
            first = incident.acknowledged_at is None
            why = "Nobody has acknowledged." if first else "Nobody new has acknowledged."
            await tx.enqueue(await _escalate(desk, tx, incident, now, why, f"rung:{due}"))
        case EscalationState.NONE:
            await tx.change(incident.number, look_at=None)


async def _still_on_it(desk: ServiceContext, tx: Transaction, incident: Incident, now: datetime) -> None:
    """Those who acknowledged were active since, or are asked now, or did not answer: then the next level is paged."""
    act, asked = await tx.find_last_activity(incident.number)
    last = max(filter(None, (act, incident.acknowledged_at, incident.declared_at)))
    if incident.ladder is EscalationState.ASKED and (asked is None or last <= asked):
        why = "Those who acknowledged have been silent."
        await tx.enqueue(await _escalate(desk, tx, incident, now, why, f"silent:{format_moment(now)}"))
    elif incident.ladder is EscalationState.ASKED or now < last + desk.check_in_after:
        following = max(last + desk.check_in_after, now + timedelta(seconds=1))
        await tx.enqueue(await settle_check_in(tx, incident))
        await tx.change(incident.number, ladder=EscalationState.ANSWERED, look_at=following)
    else:
        await tx.change(incident.number, ladder=EscalationState.ASKED, look_at=now + policy.CHECK_IN_TIMEOUT)
        await tx.add_entry(incident.number, "", AskedIfStillDetail())
        await tx.enqueue([AskIfStill(incident=incident.number, change=format_moment(now))])


async def _escalate(
    desk: ServiceContext,
    tx: Transaction,
    incident: Incident,
    now: datetime,
    why: str,
    change: str,
    actor: str = "",
) -> list[Effect]:
    """Page the people of the next level, once; above the last level the incidents channel."""
    runbook = await desk.runbook_versions.of(incident)
    severity = runbook.severity(incident.severity)
    rungs = build_escalation(runbook, severity, list(desk.contacts)) if severity else ()
    step = incident.rung
    rung = rungs[step] if step < len(rungs) else None
    following = rungs[step + 1].after - rungs[step].after if step + 1 < len(rungs) else None
    before = await tx.pages(incident.number)
    effects, known, reached = await _page_level(desk, tx, incident, severity, rung, why, change)
    if following is not None and not reached:
        following = timedelta(0)  # a step that reaches nobody is not waited for
    await tx.change(
        incident.number,
        ladder=EscalationState.CLIMBING,
        rung=step + 1,
        look_at=None if following is None else now + following,
    )
    level = EscalatedLevel(
        why=why,
        to=", ".join(reached),
        known=", ".join(name for name in known if name not in reached),
        line=rung.line if rung else 0,
        step=step + 1,
        total=len(rungs),
    )
    await tx.add_entry(incident.number, actor, EscalatedDetail(**vars(level)))
    people = find_slack_people(
        desk, before, reached
    )  # who is called for the first time is rung by a direct message
    anew = await renew_slack_pages(tx, incident.number, people, change)
    said = PostNotice.say(incident.number, EscalatedNotice(**vars(level), people=tuple(people)), change)
    return [*effects, *anew, said, RefreshAlert(incident=incident.number, change=change)]


async def _page_level(
    desk: ServiceContext,
    tx: Transaction,
    incident: Incident,
    severity: Severity | None,
    rung: EscalationStep | None,
    why: str,
    change: str,
) -> tuple[list[Effect], list[str], list[str]]:
    """The effects of one level, which of its names were paged before, and which are reached by it."""
    effects: list[Effect] = []
    known: list[str] = []
    reached: list[str] = []
    if rung is not None and rung.names:
        effects, known, reached = await _page_names(desk, tx, incident, severity, rung, change)
    if rung is None or rung.everyone:
        if await tx.find_member_count(desk.channel_name) != 0:
            reached.append("everyone")
        if not incident.private:
            effects.append(_page_everyone(desk, incident, why, change))
    return effects, known, reached


async def _page_names(
    desk: ServiceContext,
    tx: Transaction,
    incident: Incident,
    severity: Severity | None,
    rung: EscalationStep,
    change: str,
) -> tuple[list[Effect], list[str], list[str]]:
    """The same for the contacts that a level names: new ones are paged, those paged before by their next method."""
    situation = await tx.situation(incident.number)
    assert situation is not None
    known = [name for name in rung.names if is_paged(desk, situation, name)]
    lookups = lookup_on_call_again(desk, incident, known, change)
    effects, repaged = await repage_contacts(
        desk, tx, situation, _select_not_looked_up(desk, known), "has not acknowledged"
    )
    rank = severity.rank if severity else WORST
    first = [name for name in rung.names if name not in known]
    plan = policy.plan_paging(rank, first, rung.unmatched, False, desk.contacts, desk.on_call)
    pages, new = await page_contacts(desk, tx, incident, plan, PageCause(change))
    in_slack = select_paged_in_slack(desk, situation, known)
    answered_for = {*repaged, *(lookup.contact for lookup in lookups), *new, *in_slack}
    return (
        [*effects, *lookups, *pages],
        known,
        [name for name in rung.names if name in answered_for],
    )


def _select_not_looked_up(desk: ServiceContext, names: Iterable[str]) -> list[str]:
    """The contacts for whom no schedule or calendar is asked."""
    return [name for name in names if name not in desk.on_call]


def _page_everyone(desk: ServiceContext, incident: Incident, why: str, change: str) -> CallEveryone:
    return CallEveryone(
        incident=incident.number,
        channel_name=desk.channel_name,
        why=_for_everyone(incident, why),
        cause=f":{change}",
    )


def _for_everyone(incident: Incident, why: str) -> str:
    """Why the incidents channel is paged, as the middle of a sentence."""
    return (
        "nobody has acknowledged"
        if incident.acknowledged_at is None
        else why[0].lower() + why[1:].rstrip(".")
    )


async def escalate(desk: ServiceContext, request: UserRequest, number: int) -> CommandResult:
    """Call the next ones now, without waiting. The outcome is `escalated` or `refused`."""

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        must_be_open(incident)
        must_be_real(incident)
        runbook = await desk.runbook_versions.of(incident)
        severity = runbook.severity(incident.severity)
        rungs = build_escalation(runbook, severity, list(desk.contacts)) if severity else ()
        if severity is not None and is_deferrable(severity):
            raise RuleViolation(
                f"{severity.id} waits for the next business day, so nobody is paged for it. Raise it with "
                "`/incident severity`, or page somebody: `/incident page WHO`. Nobody was paged."
            )
        if incident.rung >= max(1, len(rungs)):
            raise RuleViolation(
                "No one is left to escalate to. Page somebody by name: `/incident page WHO`. Nobody was paged."
            )
        why = f"<@{request.actor}> asked for more people."
        effects = await _escalate(desk, tx, incident, await tx.now(), why, request.change, request.actor)
        await tx.enqueue(effects)
        after = await tx.lock(number)
        assert after is not None
        return EscalatedResult(number, step=after.rung)

    return await run_idempotent(desk, request, change)


async def confirm_still_responding(desk: ServiceContext, request: UserRequest, number: int) -> CommandResult:
    """Somebody says that they are still on it. The outcome is `still_on_it`."""

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        must_be_open(incident)
        situation = await tx.situation(number)
        assert situation is not None
        severity = (await desk.runbook_versions.of(incident)).severity(incident.severity)
        settled = await settle_check_in(tx, incident)
        page = await acknowledge_by_action(desk, tx, request, number, STILL_ON_IT)
        await tx.change(number, **schedule_check_in(desk, incident, severity, await tx.now()))
        await tx.add_entry(number, request.actor, StillOnItDetail())
        own = find_contacts_of(desk, situation, request.actor)
        await tx.enqueue(
            [
                *page,
                *settled,
                *await acknowledge_pages(tx, number, request.change, own),
                build_notice(incident, request, StillOnItNotice(actor=request.actor)),
                *build_alert_refreshes(number, request.change),
            ]
        )
        return StillOnItResult(number)

    return await run_idempotent(desk, request, change)
