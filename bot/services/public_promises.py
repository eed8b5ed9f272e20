"""Tells the room when readers wait for the next public update: by the clock that keeps all promises."""

from datetime import datetime, timedelta

from bot.domain import policy
from bot.domain.effects import PostNotice
from bot.domain.incident import Incident
from bot.domain.notices import PublicOverdueNotice
from bot.domain.public_update import find_first_publisher
from bot.domain.timeline_details import PublicOverdueDetail
from bot.ports import Transaction
from bot.services.context import ServiceContext
from bot.services.unit_of_work import process_each_due

STAGES = policy.NOTICES[: policy.CLIMB]
"""When the room is told, counted from the promise."""


async def remind_public_promises(desk: ServiceContext) -> int:
    """Ask who publishes for each public update that is late. Gives how many incidents were processed."""
    return await process_each_due(
        desk, "public promises", lambda tx, limit: tx.list_due_public_promises(limit), _remind
    )


async def _remind(desk: ServiceContext, tx: Transaction, incident: Incident) -> None:
    due = await tx.find_due_public_promise(incident.number)
    if due is None:
        return
    now = await tx.now()
    await tx.set_public_notice(incident.number, _find_next(due.stage, now), due.stage + 1)
    situation = await tx.situation(incident.number)
    assert situation is not None
    minutes = max(0, int((now - due.promised_at) / timedelta(minutes=1)))
    notice = PublicOverdueNotice(
        promised=due.promised_at, minutes=minutes, person=find_first_publisher(incident, situation.roles)
    )
    change = f"{int(due.promised_at.timestamp())}:{due.stage}"
    if due.stage:
        await tx.add_entry(incident.number, "", PublicOverdueDetail(minutes=minutes))
    await tx.enqueue([PostNotice.say(incident.number, notice, change)])


def _find_next(stage: int, now: datetime) -> datetime | None:
    """When it is told next; never by itself after the last time."""
    if stage + 1 >= len(STAGES):
        return None
    return now + (STAGES[stage + 1] - STAGES[stage])
