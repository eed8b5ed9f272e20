"""Reminds the owners of action items, and the commander of what is late or nobody's."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.contacts import BusinessHours
from bot.domain.effects import RemindOfAction
from bot.domain.incident import Incident
from bot.ports import Transaction
from bot.services.context import ServiceContext
from bot.services.unit_of_work import process_each_due

WEEK = timedelta(days=7)
WEEKS_AHEAD = 520
"""So many weeks after its day nobody is reminded any more."""


def find_next_reminder(desk: ServiceContext, due_on: date | None, now: datetime) -> datetime | None:
    """When the owner is reminded next: when work begins on the day before, on the day, and each week after it, in UTC.
    None without a day."""
    if due_on is None:
        return None
    hours = desk.book.hours or BusinessHours("UTC")
    days = (due_on - timedelta(days=1), *(due_on + WEEK * ahead for ahead in range(WEEKS_AHEAD)))
    opens = (datetime.combine(day, hours.opens, ZoneInfo(hours.zone)).astimezone(UTC) for day in days)
    return next((moment for moment in opens if moment > now), None)


async def remind_of_due_actions(desk: ServiceContext) -> int:
    """Remind the owners of what is due, and the commander of what is late or nobody's. Gives how many incidents."""
    return await process_each_due(desk, "action items", _list_due, _remind)


async def _list_due(tx: Transaction, limit: int) -> Sequence[int]:
    return await tx.list_due_actions(limit)


async def _remind(desk: ServiceContext, tx: Transaction, incident: Incident) -> None:
    now = await tx.now()
    zone = ZoneInfo((desk.book.hours or BusinessHours("UTC")).zone)
    for item in await tx.list_due_actions_of(incident.number):
        is_late = item.due_on is not None and now.astimezone(zone).date() > item.due_on
        people = [item.owner] if item.owner else []
        if is_late or not people:
            people.append(incident.commander)
        stage = item.reminders + 1
        effects = [
            RemindOfAction(incident=incident.number, action=item.number, person=person, stage=stage)
            for person in dict.fromkeys(people)
        ]
        await tx.enqueue(effects)
        await tx.set_action_reminder(incident.number, item.number, find_next_reminder(desk, item.due_on, now))
