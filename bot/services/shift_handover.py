"""Hands over at the end of a commander's shift: whoever is on call next is told what is open, and offered command."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.effects import FindShift, TellOfShift
from bot.domain.incident import Incident
from bot.domain.timeline_details import CommandOfferedDetail
from bot.ports import Transaction
from bot.services.context import ServiceContext
from bot.services.unit_of_work import process_each_due

BEFORE = timedelta(minutes=10)
"""So long before the end of a shift both are told."""

AGAIN = timedelta(minutes=15)
"""After so long a schedule is asked once more: it may have been changed."""

AFTER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ShiftEnd:
    """The end of a shift. `following` are the Slack ids of those who are on call then, as far as known; `named` are
    their names in the schedule."""

    at: datetime
    following: tuple[str, ...] = ()
    named: str = ""


async def process_due_shifts(desk: ServiceContext) -> int:
    """Look up when the shifts of commanders end, where a schedule or calendar says so. Gives the number of incidents
    processed."""
    if not desk.on_call:
        return 0
    return await process_each_due(desk, "ends of shifts", _due, _look)


async def _due(tx: Transaction, limit: int) -> Sequence[int]:
    return await tx.list_due_shifts(limit)


async def _look(desk: ServiceContext, tx: Transaction, incident: Incident) -> None:
    if not incident.status.is_open:
        return
    look = await tx.begin_shift_check(incident.number, incident.commander, AGAIN)
    if look is not None:
        await tx.enqueue([FindShift(incident=incident.number, commander=incident.commander, look=look)])


async def handle_found_shift(tx: Transaction, effect: FindShift, ending: ShiftEnd, now: datetime) -> None:
    """The commander's shift ends then: check again in time, or tell both."""
    number, commander = effect.incident, effect.commander
    incident = await tx.lock(number)
    if incident is None or not incident.status.is_open or incident.commander != commander:
        return
    if ending.at - now > BEFORE:
        await tx.schedule_shift_check(number, commander, min(ending.at - BEFORE, now + AGAIN))
        return
    await tx.schedule_shift_check(number, commander, ending.at + AFTER)
    if commander in ending.following:  # they go on
        return
    await _tell(tx, incident, ending)


async def _tell(tx: Transaction, incident: Incident, ending: ShiftEnd) -> None:
    """Told once for this end: somebody who may see the incident, with an offer of command unless another person is."""
    number, commander = incident.number, incident.commander
    following = ""
    for person in ending.following:
        if await tx.lock(number, person) is not None:
            following = person
            break
    ends = int(ending.at.timestamp())
    first = TellOfShift(incident=number, person=commander, ends=ends, next=following, named=ending.named)
    if await tx.find_effect_payload(first.key) is not None:
        return
    cards = [first]
    if following:
        card = TellOfShift(incident=number, person=following, ends=ends, next=following, named=ending.named)
        cards.append(card)
        if incident.offered_to is None:
            await tx.change(number, offered_to=following)
            await tx.add_entry(
                number,
                "",
                CommandOfferedDetail(
                    to=following, text="the commander's shift ends", offer=card.key, ends=ends
                ),
            )
    await tx.enqueue(cards)
