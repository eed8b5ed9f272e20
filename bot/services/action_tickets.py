"""Action items at the team's tracker: the tracker owns their state, Tocsin that they exist.

What people do here is a wish that is sent there; what is read there afterwards is what holds, and is told where it
differs from what was said here."""

import uuid

from bot.domain.action_item import ActionItem, ActionState
from bot.domain.effects import CreateTicket, Effect, RefreshAction, SendTicketState
from bot.domain.incident import OPEN, Incident, Status
from bot.domain.timeline_details import TicketCreatedDetail, TicketGoneDetail, TicketStateDetail
from bot.domain.tracker_ticket import ActionTicket, Ticket, TicketState, find_state_there
from bot.ports import Transaction
from bot.services.action_reminders import find_next_reminder
from bot.services.context import ServiceContext

MAX_READ = 5
"""Tickets that are read in one round of five seconds: 3,600 an hour, where GitHub allows 5,000 calls."""


async def plan_ticket(
    desk: ServiceContext, tx: Transaction, incident: Incident, item: ActionItem
) -> list[Effect]:
    """The effect that makes the ticket of a new item; none of a drill, nor of a private incident unless the team says
    so."""
    if not desk.tracker or incident.drill or (incident.private and not desk.tracks_private):
        return []
    await tx.plan_ticket(incident.number, item.number, desk.tracker)
    return [CreateTicket(incident=incident.number, action=item.number)]


async def plan_state(
    tx: Transaction, number: int, action: int, state: ActionState, change: str
) -> list[Effect]:
    """The effect that tells the tracker what people said here; none for an item that is not there."""
    ticket = await tx.find_ticket(number, action)
    if ticket is None or ticket.state is TicketState.DELETED:
        return []
    await tx.set_ticket_wish(number, action, state.value)
    return [SendTicketState(incident=number, action=action, change=change)]


async def record_created(tx: Transaction, known: ActionTicket, ticket: Ticket) -> None:
    """The ticket is there."""
    await tx.lock(known.incident)
    was = await tx.find_ticket(known.incident, known.number)
    if was is None or was.id:
        return
    await tx.record_ticket(known.incident, known.number, ticket)
    detail = TicketCreatedDetail(action=known.number, tracker=known.tracker, name=ticket.name, url=ticket.url)
    await tx.add_entry(known.incident, "", detail)
    await _refresh(tx, known)


async def record_problem(tx: Transaction, known: ActionTicket, why: str) -> None:
    """Why the tracker did not do it: shown in the item's message."""
    if known.problem != why:
        await tx.set_ticket_problem(known.incident, known.number, why)
        await _refresh(tx, known)


async def record_sent(
    desk: ServiceContext, tx: Transaction, known: ActionTicket, ticket: Ticket | None
) -> None:
    """The tracker was told; what it says now holds, unless people said something else meanwhile."""
    await tx.lock(known.incident)
    was = await tx.find_ticket(known.incident, known.number)
    if was is not None and was.wanted == known.wanted:
        await tx.set_ticket_wish(known.incident, known.number, "")
        await _record_state(desk, tx, known, ticket)


async def record_refused_state(tx: Transaction, known: ActionTicket, why: str) -> None:
    """The tracker does not take the state: its own holds, and is read again soon."""
    await tx.set_ticket_wish(known.incident, known.number, "")
    await record_problem(tx, known, why)


async def record_read(
    desk: ServiceContext, tx: Transaction, known: ActionTicket, ticket: Ticket | None
) -> None:
    """What the tracker said of one that was claimed for reading. Nothing is taken over while it was not told what
    people said here, nor where somebody read or told it since: then this answer may be older than what is known."""
    await tx.lock(known.incident)
    was = await tx.find_ticket(known.incident, known.number)
    if was is not None and not was.wanted and was.read_at == known.read_at:
        await _record_state(desk, tx, known, ticket)


async def _record_state(
    desk: ServiceContext, tx: Transaction, known: ActionTicket, ticket: Ticket | None
) -> None:
    incident = await tx.lock(known.incident)
    item = await tx.find_action(known.incident, known.number)
    was = await tx.find_ticket(known.incident, known.number)
    if incident is None or item is None or was is None:
        return
    if ticket is None:
        if was.state is not TicketState.DELETED:
            await tx.end_ticket(known.incident, known.number)
            detail = TicketGoneDetail(action=item.number, tracker=known.tracker, name=was.name)
            await tx.add_entry(known.incident, "", detail)
            await _refresh(tx, known)
        return
    await tx.record_ticket(known.incident, known.number, ticket)
    there = find_state_there(ticket.state, item.state)
    if there is not item.state:
        await _take_over(desk, tx, incident, item, there, known.tracker)
    if there is not item.state or was.problem or was.state is TicketState.DELETED:
        await _refresh(tx, known)


async def _take_over(
    desk: ServiceContext,
    tx: Transaction,
    incident: Incident,
    item: ActionItem,
    there: ActionState,
    tracker: str,
) -> None:
    """The item stands as it stands there; the timeline says how it stood here."""
    if there is ActionState.OPEN:
        remind_at = None if incident.drill else find_next_reminder(desk, item.due_on, await tx.now())
        await tx.reopen_action(incident.number, item.number, remind_at)
    else:
        if item.state is not ActionState.OPEN:
            await tx.reopen_action(incident.number, item.number, None)
        await tx.end_action(incident.number, item.number, there, "")
    detail = TicketStateDetail(
        action=item.number, text=item.text, tracker=tracker, state=there, was=item.state
    )
    await tx.add_entry(incident.number, "", detail)


async def _refresh(tx: Transaction, known: ActionTicket) -> None:
    incident = await tx.incident(known.incident)
    if incident.status in (*OPEN, Status.RESOLVED):
        change = uuid.uuid4().hex[:12]
        await tx.enqueue([RefreshAction(incident=known.incident, action=known.number, change=change)])


async def claim_due_tickets(desk: ServiceContext) -> list[ActionTicket]:
    """The tickets whose state is to be read now, each by one replica."""
    async with desk.store.transaction() as tx:
        return list(await tx.claim_due_tickets(desk.tracker, MAX_READ))
