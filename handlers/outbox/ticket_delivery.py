"""Makes the tickets of action items at the team's tracker, once each, and tells it what people said of them."""

from datetime import timedelta
from typing import cast

from bot.domain.action_item import ActionItem, ActionState
from bot.domain.effects import CreateTicket, SendTicketState, compute_backoff_s
from bot.domain.tracker_ticket import ActionTicket, Ticket, find_state_there
from bot.errors import SlackCallError, SlackOutcomeUnknown
from bot.ports import LeasedEffect, Transaction
from bot.ports.tracker import (
    NewTicket,
    TicketRefused,
    Tracker,
    TrackerAnswerLost,
    TrackerBusy,
    TrackerRefused,
)
from bot.services import action_tickets
from bot.text.mentions import MENTION
from handlers.outbox.effect_context import EffectContext, RetryLater, ensure_lease, needs_reconciliation
from handlers.outbox.effect_result import EffectResult
from templates.incident_view import IncidentViewModel
from templates.ticket_text import format_ticket_text, format_ticket_title

AGAIN_AFTER_REFUSAL = timedelta(hours=1)
"""How long what the tracker refused rests: somebody has to set the token, its rights or the fields right."""

TOLD_AT = 3
"""The attempt at which the item's message says that the tracker is away."""


async def create_ticket(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """Make the ticket of an action item. What an earlier attempt may have made is looked for first."""
    effect = cast(CreateTicket, row.effect)
    known = await hands.services.store.find_action_ticket(effect.incident, effect.action)
    tracker = _find_tracker(hands, known)
    if known is None or known.id or tracker is None:
        return EffectResult()
    if hands.ticket_turn.locked():  # whoever is due at the same time waits without keeping a page's place
        raise RetryLater("another ticket is being made")
    async with hands.ticket_turn:
        return await _create_known(hands, row, known, tracker)


async def _create_known(
    hands: EffectContext, row: LeasedEffect, known: ActionTicket, tracker: Tracker
) -> EffectResult:
    effect = cast(CreateTicket, row.effect)
    view = await hands.load_view(effect.incident, at_once=True)
    item = await _find_item(hands, effect.incident, effect.action)
    new = await _build_ticket(hands, view, item)
    try:
        ticket = await _make_once(row, tracker, new, item)
    except (TrackerRefused, TrackerBusy, TrackerAnswerLost) as trouble:
        return await _try_later(hands, row, known, trouble)
    if ticket is None:  # it was done before the tracker heard of it
        return EffectResult()

    async def record(tx: Transaction) -> None:
        await action_tickets.record_created(tx, known, ticket)

    return EffectResult(on_commit=record)


async def _make_once(row: LeasedEffect, tracker: Tracker, new: NewTicket, item: ActionItem) -> Ticket | None:
    if needs_reconciliation(row):
        assert row.uncertain_for is not None
        if row.uncertain_for < tracker.settles_after:
            raise RetryLater("an earlier attempt was not answered", tracker.settles_after - row.uncertain_for)
        ensure_lease(row)
        if (found := await tracker.find(new)) is not None:
            return found
    if not item.is_open:
        return None
    ensure_lease(row)
    return await tracker.create(new)


async def send_ticket_state(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """Tell the tracker how an item stands here; what it says then is what holds. What people did there meanwhile, and
    is something else, is not overwritten: that it differs is told."""
    effect = cast(SendTicketState, row.effect)
    known = await hands.services.store.find_action_ticket(effect.incident, effect.action)
    tracker = _find_tracker(hands, known)
    if known is None or not known.id or not known.wanted or tracker is None:
        return EffectResult()
    ensure_lease(row)
    try:
        there = await tracker.read(known.id)
        if there is not None and not _is_conflict(known, there):
            there = await tracker.set_state(known.id, ActionState(known.wanted))
    except TrackerRefused as refusal:
        why = str(refusal)

        async def give_up(tx: Transaction) -> None:
            await action_tickets.record_refused_state(tx, known, why)

        return EffectResult(on_commit=give_up)
    except (TrackerBusy, TrackerAnswerLost) as away:  # the same state again changes nothing
        return await _try_later(hands, row, known, TrackerBusy(str(away), getattr(away, "delay", AWAY)))

    async def record(tx: Transaction) -> None:
        await action_tickets.record_sent(hands.services, tx, known, there)

    return EffectResult(on_commit=record)


AWAY = timedelta(seconds=5)


def _is_conflict(known: ActionTicket, there: Ticket) -> bool:
    """Whether somebody changed it there since it was read last, to another state than what people said here."""
    wanted = ActionState(known.wanted)
    return there.state is not known.state and find_state_there(there.state, wanted) is not wanted


def _find_tracker(hands: EffectContext, known: ActionTicket | None) -> Tracker | None:
    """The tracker that the ticket belongs to; None when another one is set by now."""
    tracker = hands.tracker
    return tracker if tracker is not None and known is not None and known.tracker == tracker.name else None


async def _find_item(hands: EffectContext, number: int, action: int) -> ActionItem:
    items = await hands.services.store.find_actions(number)
    return next(item for item in items if item.number == action)


async def _build_ticket(hands: EffectContext, view: IncidentViewModel, item: ActionItem) -> NewTicket:
    named = {found[1] for found in MENTION.finditer(item.text)} | {item.added_by}
    named |= {item.owner} if item.owner else set()
    names = {person: await _find_name(hands, person) for person in named}
    return NewTicket(
        installation=hands.services.store.installation,
        incident=item.incident,
        number=item.number,
        title=format_ticket_title(MENTION.sub(lambda found: names[found[1]], item.text)),
        text=format_ticket_text(view, item, names),
        since=item.added_at,
        due_on=item.due_on,
    )


async def _find_name(hands: EffectContext, person: str) -> str:
    """What somebody is called; while Slack does not say it, nobody waits for that."""
    try:
        return (await hands.chat.person(person)).name
    except SlackCallError:
        return "somebody in Slack"


async def _try_later(
    hands: EffectContext,
    row: LeasedEffect,
    known: ActionTicket,
    trouble: TrackerRefused | TrackerBusy | TrackerAnswerLost,
) -> EffectResult:
    """Again: soon where it is away, in an hour where it refused; the item's message says why. What it refuses for what
    the ticket says holds up no other."""
    if isinstance(trouble, TrackerRefused) or row.attempts >= TOLD_AT:
        async with hands.services.store.transaction() as tx:
            await action_tickets.record_problem(tx, known, f"{trouble} I keep trying.")
    if isinstance(trouble, TrackerRefused):
        raise RetryLater(str(trouble), AGAIN_AFTER_REFUSAL, apart=isinstance(trouble, TicketRefused))
    if isinstance(trouble, TrackerAnswerLost):
        raise SlackOutcomeUnknown(str(trouble))
    raise RetryLater(str(trouble), max(trouble.delay, timedelta(seconds=compute_backoff_s(row.attempts))))
