"""Adds, ends and reminds of action items: what a team does so that it does not come again."""

from bot.domain.action_item import ASKS_FOR_ACTIONS, MAX_TEXT_LENGTH, ActionItem, ActionState
from bot.domain.effects import (
    Effect,
    InvitePeople,
    PostAction,
    RefreshAction,
    RefreshChecklist,
    RemindOfAction,
)
from bot.domain.incident import OPEN, Incident, Situation, Status
from bot.domain.results import (
    ActionAddedResult,
    ActionEndedAlreadyResult,
    ActionEndedResult,
    ActionOpenAlreadyResult,
    ActionReopenedResult,
    CommandResult,
    NoActionsResult,
)
from bot.domain.timeline_details import (
    ActionAddedDetail,
    ActionEndedDetail,
    ActionReopenedDetail,
    NoActionsDetail,
)
from bot.errors import RuleViolation
from bot.ports import Transaction
from bot.ports.action_repository import NewAction
from bot.services.action_reminders import find_next_reminder
from bot.services.action_tickets import plan_state, plan_ticket
from bot.services.context import ServiceContext, UserRequest
from bot.services.unit_of_work import get_for_update, run_idempotent
from bot.text.truncation import cut, is_blank

MAX_ACTIONS = 100
"""Action items of one incident; more is no plan."""


async def add_action(
    desk: ServiceContext, request: UserRequest, number: int, new: NewAction
) -> CommandResult:
    """Add one; its owner is told, once. `action_added` or `refused`."""

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        await _ensure_may_add(tx, incident, new)
        words = NewAction(cut(new.text.strip(), MAX_TEXT_LENGTH), new.purpose, new.owner, new.due_on)
        remind_at = None if incident.drill else find_next_reminder(desk, new.due_on, await tx.now())
        item = await tx.add_action(number, words, request.actor, remind_at)
        due = item.due_on.isoformat() if item.due_on else ""
        owner = item.owner or ""
        detail = ActionAddedDetail(
            action=item.number, text=item.text, owner=owner, due=due, purpose=item.purpose.value
        )
        await tx.add_entry(number, request.actor, detail)
        if item.owner:
            await tx.add_member(number, item.owner)
        await tx.enqueue(
            [*_first_effects(incident, item, request), *await plan_ticket(desk, tx, incident, item)]
        )
        return ActionAddedResult(number, action=item.number, text=item.text, owner=owner, due=due)

    return await run_idempotent(desk, request, change)


async def _ensure_may_add(tx: Transaction, incident: Incident, new: NewAction) -> None:
    if incident.status is Status.CANCELLED:
        raise RuleViolation(f"{incident.reference} was cancelled. Nothing was added.")
    if is_blank(new.text):
        raise RuleViolation(
            "Type what is to be done: `/incident action @dana by friday Add an index on orders(status)`. "
            "Nothing was added."
        )
    if len(await tx.list_actions(incident.number)) >= MAX_ACTIONS:
        raise RuleViolation(
            f"{incident.reference} has {MAX_ACTIONS} action items already. Nothing was added."
        )


def _first_effects(incident: Incident, item: ActionItem, request: UserRequest) -> list[Effect]:
    """Its message while the channel is used, and the one to its owner."""
    number = incident.number
    effects: list[Effect] = []
    if _has_room(incident):
        effects.append(PostAction(incident=number, action=item.number))
        if incident.resolutions:
            effects.append(
                RefreshChecklist(incident=number, count=incident.resolutions, change=request.change)
            )
        if item.owner and item.owner != request.actor:
            effects.append(InvitePeople(incident=number, people=(item.owner,), change=request.change))
    if item.owner and item.owner != request.actor and not incident.drill:
        effects.append(RemindOfAction(incident=number, action=item.number, person=item.owner, stage=0))
    return effects


def _has_room(incident: Incident) -> bool:
    """Whether the channel is used: it is archived some days after the incident is closed."""
    return incident.status in (*OPEN, Status.RESOLVED)


async def end_action(
    desk: ServiceContext, request: UserRequest, number: int, action: int, state: ActionState
) -> CommandResult:
    """Say that one is done, or that it will not be done. `action_ended`, `action_ended_already` or `refused`."""

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        item = await _get(tx, incident, action)
        ended = await tx.end_action(number, action, state, request.actor)
        if ended is None:
            return ActionEndedAlreadyResult(number, action=action, state=item.state)
        detail = ActionEndedDetail(action=action, text=item.text, state=state)
        await tx.add_entry(number, request.actor, detail)
        await tx.enqueue(await plan_state(tx, number, action, state, request.change))
        await _refresh(tx, incident, action, request)
        return ActionEndedResult(number, action=action, text=item.text, state=state)

    return await run_idempotent(desk, request, change)


async def reopen_action(
    desk: ServiceContext, request: UserRequest, number: int, action: int
) -> CommandResult:
    """Open one again. `action_reopened`, `action_open_already` or `refused`."""

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        item = await _get(tx, incident, action)
        remind_at = None if incident.drill else find_next_reminder(desk, item.due_on, await tx.now())
        if await tx.reopen_action(number, action, remind_at) is None:
            return ActionOpenAlreadyResult(number, action=action)
        await tx.add_entry(number, request.actor, ActionReopenedDetail(action=action, text=item.text))
        await tx.enqueue(await plan_state(tx, number, action, ActionState.OPEN, request.change))
        await _refresh(tx, incident, action, request)
        return ActionReopenedResult(number, action=action, text=item.text)

    return await run_idempotent(desk, request, change)


async def explain_no_actions(
    desk: ServiceContext, request: UserRequest, number: int, reason: str
) -> CommandResult:
    """Keep why there is no action item: then the checklist's item can be ticked. `no_actions` or `refused`."""

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        if is_blank(reason):
            raise RuleViolation(
                "Say why there is none: `/incident action none The vendor fixed it`. Nothing was changed."
            )
        if items := await tx.list_actions(number):
            raise RuleViolation(
                f"{incident.reference} has {len(items)} action item{'s' if len(items) > 1 else ''}: see "
                "`/incident actions`. Nothing was changed."
            )
        words = cut(reason.strip(), MAX_TEXT_LENGTH)
        await tx.add_entry(number, request.actor, NoActionsDetail(reason=words))
        if incident.resolutions and _has_room(incident):
            shown = RefreshChecklist(incident=number, count=incident.resolutions, change=request.change)
            await tx.enqueue([shown])
        return NoActionsResult(number, reason=words)

    return await run_idempotent(desk, request, change)


async def ensure_actions_known(tx: Transaction, situation: Situation, item: str) -> None:
    """An item of the checklist that asks for action items is done when there is one, or a reason why there is none.
    Raises RuleViolation."""
    incident = situation.incident
    if not ASKS_FOR_ACTIONS.search(item) or await tx.list_actions(incident.number):
        return
    if any(isinstance(entry.detail, NoActionsDetail) for entry in situation.entries):
        return
    raise RuleViolation(
        f"{incident.reference} has no action item yet. Add one: `/incident action @dana by friday WORDS`, or say why "
        "there is none: `/incident action none WHY`. The item stays open."
    )


async def _get(tx: Transaction, incident: Incident, action: int) -> ActionItem:
    item = await tx.find_action(incident.number, action)
    if item is None:
        raise RuleViolation(f"{incident.reference} has no action item A{action}. Nothing was changed.")
    return item


async def _refresh(tx: Transaction, incident: Incident, action: int, request: UserRequest) -> None:
    if _has_room(incident):
        await tx.enqueue([RefreshAction(incident=incident.number, action=action, change=request.change)])
