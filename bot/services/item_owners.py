"""Assigns the items of the checklist: who does one, and until when."""

from datetime import date

from bot.domain.checklist import ChecklistItem
from bot.domain.effects import Effect, InvitePeople, RefreshChecklist, TellItemOwner
from bot.domain.incident import Status
from bot.domain.results import CommandResult, ItemOwnedAlreadyResult, ItemOwnedResult
from bot.domain.timeline_details import ItemOwnedDetail
from bot.errors import RuleViolation
from bot.ports import Transaction
from bot.services.context import ServiceContext, UserRequest
from bot.services.unit_of_work import get_for_update, run_idempotent


async def set_owner(
    desk: ServiceContext,
    request: UserRequest,
    number: int,
    position: int,
    owner: str | None,
    due_on: date | None,
) -> CommandResult:
    """Assign an item to somebody and set its due day; None clears either. A new owner is told, once for each item.

    The outcome is `item_owned`, `item_owned_already` or `refused`.
    """

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        if incident.status in (Status.CLOSED, Status.CANCELLED):
            raise RuleViolation(f"{incident.reference} is {incident.status}. Its checklist stays as it is.")
        item = await _item(tx, number, position)
        if (item.owner, item.due_on) == (owner, due_on):
            return ItemOwnedAlreadyResult(number)
        await tx.set_item_owner(number, position, owner, due_on, request.actor)
        await tx.add_entry(number, request.actor, _build_detail(item, owner, due_on))
        effects: list[Effect] = [
            RefreshChecklist(incident=number, count=incident.resolutions, change=request.change)
        ]
        if owner and owner != item.owner:
            await tx.add_member(number, owner)
            effects.append(InvitePeople(incident=number, people=(owner,), change=request.change))
        if owner and owner not in (item.owner, request.actor):
            effects.append(TellItemOwner(incident=number, position=position, person=owner))
        await tx.enqueue(effects)
        return ItemOwnedResult(number, text=item.text)

    return await run_idempotent(desk, request, change)


def _build_detail(item: ChecklistItem, owner: str | None, due_on: date | None) -> ItemOwnedDetail:
    return ItemOwnedDetail(
        text=item.text,
        owner=owner or "",
        due=due_on.isoformat() if due_on else "",
        owner_before=item.owner or "",
        due_before=item.due_on.isoformat() if item.due_on else "",
    )


async def _item(tx: Transaction, number: int, position: int) -> ChecklistItem:
    situation = await tx.situation(number)
    assert situation is not None
    found = next((item for item in situation.items if item.position == position), None)
    if found is None:
        raise RuleViolation("The checklist has no such item any more. Nothing was changed.")
    return found
