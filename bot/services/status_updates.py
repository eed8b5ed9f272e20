"""Posts status updates, and reminds of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from bot.domain import policy
from bot.domain.effects import (
    Effect,
    PostUpdate,
    PublishUpdate,
    RemindOfUpdate,
    SetTopic,
    TellIncidentsChannel,
)
from bot.domain.incident import Incident, Status
from bot.domain.notices import UpdateNews, UpdateOverdueNotice
from bot.domain.results import (
    CommandResult,
    DraftOutdatedResult,
    NothingToSnoozeResult,
    SnoozedAlreadyResult,
    SnoozedResult,
    UpdatedMeanwhileResult,
    UpdatedResult,
)
from bot.domain.timeline_details import (
    CommanderChangedDetail,
    ReminderSnoozedDetail,
    RoleAssignedDetail,
    StatusChangedDetail,
    TimelineDetail,
    UpdateOverdueDetail,
    UpdatePostedDetail,
)
from bot.errors import RuleViolation
from bot.ports import Transaction
from bot.services.acknowledge import build_alert_refreshes
from bot.services.context import ServiceContext, UserRequest
from bot.services.followers import notify_followers
from bot.services.impact import Impact, change_impact
from bot.services.incident_guards import must_be_open
from bot.services.overdue_update import (
    compute_promised_s,
    count_overdue_minutes,
    escalate_overdue,
    settle_reminders,
)
from bot.services.publication import PublicChange
from bot.services.publication_along import check_along, publish_along
from bot.services.publication_draft import offer_next_draft, offer_to_readers
from bot.services.responder_acknowledgement import UPDATED, acknowledge_by_action
from bot.services.unit_of_work import get_for_update, run_idempotent
from bot.services.update_draft import StepChange, build_draft
from bot.text.truncation import is_blank

BATCH = 250
"""How many due incidents one transaction takes."""


async def post_update(
    desk: ServiceContext,
    request: UserRequest,
    number: int,
    text: str,
    status: Status | None = None,
    seen: int | None = None,
    fields: Mapping[str, str] | None = None,
    impact: Impact | None = None,
    public: PublicChange | None = None,
    offers: bool = False,
) -> CommandResult:
    """Tell everybody what changed, and promise the next update one cadence from now. `seen` is the latest update that
    its author knew of (0 for none), None where nobody can tell; `fields` are what only people know of the message, by
    the names of its gaps; `impact` is what the author says of it, `public` what
    customers are told with it. Without it the next draft for them is shown where `offers` asks for one or the status
    changed.

    The outcome is `updated`, `updated_meanwhile` when somebody posted one that the author has not seen, or `refused`
    for an empty text and for an incident that is over.
    """

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        must_be_open(incident)
        if seen is not None and await tx.find_latest_update(number) > seen:
            return UpdatedMeanwhileResult(number)
        if refused := await check_along(desk, tx, request, incident, status or incident.status, public):
            return refused
        known = replace(incident, fields={**incident.fields, **(fields or {})})
        result = await _add_update(desk, tx, request, known, text, status, impact)
        if not await publish_along(desk, tx, request, number, public):
            is_new = status is not None and status != incident.status
            await _offer_draft(desk, tx, request, number, is_new, offers)
        return result

    return await run_idempotent(desk, request, change)


async def _offer_draft(
    desk: ServiceContext, tx: Transaction, request: UserRequest, number: int, is_new: bool, offers: bool
) -> None:
    """The next text for customers, when the status `is_new` or no form had asked for it."""
    if is_new:
        await offer_next_draft(desk, tx, number, request.actor)
    elif offers:
        await offer_to_readers(desk, tx, number, request.actor)


async def post_draft(desk: ServiceContext, request: UserRequest, number: int, key: str) -> CommandResult:
    """Post the draft of one reminder as it was shown; `key` is that reminder's effect key.

    When an update was posted meanwhile the promise has moved, and the draft is not posted: `draft_outdated`.
    """

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        must_be_open(incident)
        reminder = await tx.find_effect_payload(key)
        if reminder is None or reminder.get("incident") != number:
            raise RuleViolation(
                "I don't have this draft any more. Use `/incident update`. Nothing was posted."
            )
        if reminder["promise"] != compute_promised_s(incident):
            return DraftOutdatedResult(number)
        result = await _add_update(desk, tx, request, incident, str(reminder["draft"]), None)
        await offer_to_readers(desk, tx, number, request.actor)
        return result

    return await run_idempotent(desk, request, change)


async def find_draft(desk: ServiceContext, number: int, key: str) -> str:
    """The draft that one reminder showed; empty when it is not known any more."""
    async with desk.store.transaction() as tx:
        reminder = await tx.find_effect_payload(key)
    return str(reminder["draft"]) if reminder and reminder.get("incident") == number else ""


async def _add_update(
    desk: ServiceContext,
    tx: Transaction,
    request: UserRequest,
    incident: Incident,
    text: str,
    status: Status | None,
    impact: Impact | None = None,
) -> CommandResult:
    number = incident.number
    if is_blank(text):
        raise RuleViolation("Write a few words about what changed. Nothing was posted.")
    if status is not None and not status.is_open:
        raise RuleViolation("An update cannot end an incident. Use `/incident resolve`. Nothing was posted.")
    answered = await acknowledge_by_action(desk, tx, request, number, UPDATED)
    now_status = status or incident.status
    update = await tx.add_update(number, request.actor, now_status, text.strip(), incident.cadence)
    await tx.change(
        number,
        status=now_status,
        fields=incident.fields,
        next_update_at=update.next_update_at,
        notice_at=update.next_update_at,
        notice_stage=0,
        snoozed=False,
    )
    await change_impact(tx, request.actor, incident, impact or Impact())
    effects: list[Effect] = [
        PostUpdate(incident=number, update=update.id),
        PublishUpdate(incident=number, channel_name=desk.channel_name, update=update.id),
        *answered,
        *build_alert_refreshes(number, request.change),
        *await notify_followers(tx, number, UpdateNews(), str(update.id)),
        *await settle_reminders(tx, incident),
    ]
    if now_status != incident.status:
        detail = StatusChangedDetail(before=incident.status, to=now_status)
        await tx.add_entry(number, request.actor, detail)
        effects.append(SetTopic(incident=number, change=request.change))
    await tx.add_entry(number, request.actor, UpdatePostedDetail(update=update.id))
    await tx.enqueue(effects)
    return UpdatedResult(number, next=update.next_update_at, status=now_status)


async def snooze(desk: ServiceContext, request: UserRequest, number: int, promised: int) -> CommandResult:
    """Remind again in so many minutes at the earliest, once for each promise; the promise itself stays.

    `promised` (epoch seconds) is the promise whose reminder was answered. The outcome is `snoozed`,
    `snoozed_already`, `nothing_to_snooze` or `draft_outdated`.
    """

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        must_be_open(incident)
        if promised != compute_promised_s(incident):
            return DraftOutdatedResult(number)
        if incident.snoozed:
            return SnoozedAlreadyResult(number)
        if incident.notice_at is None:
            return NothingToSnoozeResult(number)
        until = max(incident.notice_at, await tx.now() + policy.SNOOZE)
        await tx.change(number, notice_at=until, snoozed=True)
        await tx.add_entry(number, request.actor, ReminderSnoozedDetail())
        return SnoozedResult(number, until=until, promise=datetime.fromtimestamp(promised, UTC))

    return await run_idempotent(desk, request, change)


async def send_due_reminders(desk: ServiceContext) -> int:
    """Send the update reminders that are due, as effects. Gives the number of incidents processed."""
    async with desk.store.transaction() as tx:
        due = await tx.list_due_notices(BATCH)
        if not due:
            return 0
        now = await tx.now()
        drafts = await _drafts(tx, [incident.number for incident in due])
        effects: list[Effect] = []
        following: dict[int, tuple[datetime | None, int]] = {}
        for incident in due:
            notice = policy.plan_reminder(incident, now)
            following[incident.number] = (notice.next_at, notice.stage + 1)
            if notice.stage < policy.CLIMB:
                effects.append(_reminder(incident, notice, drafts[incident.number]))
                continue
            if notice.stage == policy.CLIMB:
                effects.append(await _build_reminder(desk, tx, incident, notice, now))
            effects += await escalate_overdue(desk, tx, incident, notice.stage - policy.CLIMB, now)
        await tx.set_notices(following)
        await tx.enqueue(effects)
        return len(due)


async def _drafts(tx: Transaction, numbers: Sequence[int]) -> Mapping[int, str]:
    """A draft for each of these incidents; an empty one where there is no news."""
    happened = await tx.list_entries_since_update(numbers)
    findings = await tx.list_findings_by_update(numbers)
    people = {
        person
        for entries in happened.values()
        for entry in entries
        for person in (entry.actor, _get_person(entry.detail))
        if person
    }
    names = await tx.find_names(people)
    return {
        number: build_draft(
            happened.get(number, ()),
            [StepChange(now, before) for now, before in findings.get(number, ())],
            names,
        )
        for number in numbers
    }


def _get_person(detail: TimelineDetail) -> str:
    """Who took command or a role."""
    return detail.to if isinstance(detail, CommanderChangedDetail | RoleAssignedDetail) else ""


def _reminder(incident: Incident, notice: policy.UpdateReminder, draft: str) -> Effect:
    return RemindOfUpdate(
        incident=incident.number,
        promise=compute_promised_s(incident),
        stage=notice.stage,
        missed=notice.missed,
        draft=draft,
    )


async def _build_reminder(
    desk: ServiceContext, tx: Transaction, incident: Incident, notice: policy.UpdateReminder, now: datetime
) -> Effect:
    await tx.add_entry(incident.number, "", UpdateOverdueDetail())
    overdue = UpdateOverdueNotice(
        minutes=count_overdue_minutes(incident, now), commander=incident.commander, missed=notice.missed
    )
    promised = str(compute_promised_s(incident))
    return TellIncidentsChannel.say(incident.number, desk.channel_name, overdue, promised)
