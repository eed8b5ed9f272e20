"""Status updates and the clock that asks for them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot import policy
from bot.effects import (
    Effect,
    PostUpdate,
    PublishUpdate,
    RemindOfUpdate,
    SetTopic,
    TellIncidentsChannel,
)
from bot.errors import Refused
from bot.incident import EntryKind, Incident, Outcome, Status
from bot.lifecycle.demand import demanded, overdue, promise
from bot.lifecycle.desk import Desk, Request, held, must_be_open, once
from bot.lifecycle.respond import refreshed
from bot.ports import Transaction

BATCH = 250
"""How many due incidents one transaction takes."""


async def post_update(
    desk: Desk,
    request: Request,
    number: int,
    text: str,
    status: Status | None = None,
    seen: int | None = None,
    fields: Mapping[str, str] | None = None,
) -> Outcome:
    """Tell everybody what changed, and promise the next update one cadence from now. `seen` is the latest update that
    its author knew of (0 for none), None where nobody can tell; `fields` are what only people know of the message, by
    the names of its gaps.

    The outcome is `updated`, `updated_meanwhile` when somebody posted one that the author has not seen, or `refused`
    for an empty text and for an incident that is over.
    """

    async def change(work: Transaction) -> Outcome:
        incident = await held(work, request, number)
        must_be_open(incident)
        if seen is not None and await work.latest_update(number) > seen:
            return Outcome("updated_meanwhile", number)
        known = replace(incident, fields={**incident.fields, **(fields or {})})
        return await _updated(desk, work, request, known, text, status)

    return await once(desk, request, change)


async def post_draft(desk: Desk, request: Request, number: int, key: str) -> Outcome:
    """Post the draft of one reminder as it was shown; `key` is that reminder's effect key.

    When an update was posted meanwhile the promise has moved, and the draft is not posted: `draft_outdated`.
    """

    async def change(work: Transaction) -> Outcome:
        incident = await held(work, request, number)
        must_be_open(incident)
        reminder = await work.effect_payload(key)
        if reminder is None or reminder.get("incident") != number:
            raise Refused("This draft is not known any more. Use `/incident update`. Nothing was posted.")
        if reminder["promise"] != promise(incident):
            return Outcome("draft_outdated", number)
        return await _updated(desk, work, request, incident, str(reminder["draft"]), None)

    return await once(desk, request, change)


async def draft_of(desk: Desk, number: int, key: str) -> str:
    """The draft that one reminder showed; empty when it is not known any more."""
    async with desk.store.transaction() as work:
        reminder = await work.effect_payload(key)
    return str(reminder["draft"]) if reminder and reminder.get("incident") == number else ""


async def _updated(
    desk: Desk, work: Transaction, request: Request, incident: Incident, text: str, status: Status | None
) -> Outcome:
    number = incident.number
    if not text.strip():
        raise Refused("An update says what changed: write a few words. Nothing was posted.")
    if status is not None and not status.is_open:
        raise Refused("An update cannot end an incident. Use `/incident resolve`. Nothing was posted.")
    now_status = status or incident.status
    update = await work.add_update(number, request.actor, now_status, text.strip(), incident.cadence)
    await work.change(
        number,
        status=now_status,
        fields=incident.fields,
        next_update_at=update.next_update_at,
        notice_at=update.next_update_at,
        notice_stage=0,
        snoozed=False,
    )
    effects: list[Effect] = [
        PostUpdate(incident=number, update=update.id),
        PublishUpdate(incident=number, channel_name=desk.channel_name, update=update.id),
        *refreshed(number, request.change),
    ]
    if now_status != incident.status:
        await work.add_entry(
            number, request.actor, EntryKind.STATUS_CHANGED, before=incident.status, to=now_status
        )
        effects.append(SetTopic(incident=number, change=request.change))
    await work.add_entry(number, request.actor, EntryKind.UPDATE_POSTED, update=str(update.id))
    await work.enqueue(effects)
    following = str(int(update.next_update_at.timestamp())) if update.next_update_at else ""
    return Outcome("updated", number, {"next": following, "status": now_status})


async def snooze(desk: Desk, request: Request, number: int, promised: int) -> Outcome:
    """Delay the next reminder, once for each promise; the promise itself stays.

    `promised` (epoch seconds) is the promise whose reminder was answered. The outcome is `snoozed`,
    `snoozed_already`, `nothing_to_snooze` or `draft_outdated`.
    """

    async def change(work: Transaction) -> Outcome:
        incident = await held(work, request, number)
        must_be_open(incident)
        if promised != promise(incident):
            return Outcome("draft_outdated", number)
        if incident.snoozed:
            return Outcome("snoozed_already", number)
        if incident.notice_at is None:
            return Outcome("nothing_to_snooze", number)
        until = incident.notice_at + policy.SNOOZE
        await work.change(number, notice_at=until, snoozed=True)
        await work.add_entry(number, request.actor, EntryKind.REMINDER_SNOOZED)
        return Outcome("snoozed", number, {"until": str(int(until.timestamp())), "promise": str(promised)})

    return await once(desk, request, change)


async def remind(desk: Desk) -> int:
    """Send the update reminders that are due, as effects. Gives how many incidents were looked at."""
    async with desk.store.transaction() as work:
        due = await work.due_notices(BATCH)
        if not due:
            return 0
        now = await work.now()
        happened = await work.entries_since_update([incident.number for incident in due])
        effects: list[Effect] = []
        following: dict[int, tuple[datetime | None, int]] = {}
        for incident in due:
            notice = policy.notice(incident, now)
            draft = policy.draft(happened.get(incident.number, ()))
            following[incident.number] = (notice.next_at, notice.stage + 1)
            if notice.stage < policy.CLIMB:
                effects.append(_reminder(incident, notice, draft))
                continue
            if notice.stage == policy.CLIMB:
                effects.append(await _told(desk, work, incident, notice, now))
            effects += await demanded(desk, work, incident, notice.stage - policy.CLIMB, now)
        await work.set_notices(following)
        await work.enqueue(effects)
        return len(due)


def _reminder(incident: Incident, notice: policy.Notice, draft: str) -> Effect:
    return RemindOfUpdate(
        incident=incident.number,
        promise=promise(incident),
        stage=notice.stage,
        missed=notice.missed,
        draft=draft,
    )


async def _told(
    desk: Desk, work: Transaction, incident: Incident, notice: policy.Notice, now: datetime
) -> Effect:
    await work.add_entry(incident.number, "", EntryKind.UPDATE_OVERDUE)
    detail = {
        "minutes": str(overdue(incident, now)),
        "commander": incident.commander,
        "missed": str(notice.missed),
    }
    return TellIncidentsChannel(
        incident=incident.number,
        channel_name=desk.channel_name,
        words="update_overdue",
        detail=tuple(detail.items()),
        change=str(promise(incident)),
    )
