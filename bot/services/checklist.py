"""Works off the checklist of an incident that has ended."""

from collections.abc import Sequence

from bot.domain.checklist import ChecklistItem
from bot.domain.effects import RefreshChecklist, RemindOfChecklist
from bot.domain.incident import Incident, Status
from bot.domain.results import (
    CommandResult,
    TickedAlreadyResult,
    TickedResult,
    UntickedAlreadyResult,
    UntickedResult,
)
from bot.domain.timeline_details import ItemTickedDetail, ItemUntickedDetail
from bot.errors import RuleViolation
from bot.ports import Transaction
from bot.services.action_items import ensure_actions_known
from bot.services.context import ServiceContext, UserRequest
from bot.services.unit_of_work import get_for_update, run_idempotent

BATCH = 250


async def set_item(
    desk: ServiceContext, request: UserRequest, number: int, position: int, done: bool
) -> CommandResult:
    """Bring one checklist item to the state that the button named; a second click finds it there already.

    The outcome is `ticked`, `unticked`, `ticked_already` or `unticked_already`.
    """

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        if incident.status == Status.CLOSED:
            raise RuleViolation(f"{incident.reference} is closed. Its checklist stays as it is.")
        if done:
            await _ensure_may_tick(tx, incident, position)
        text = await tx.set_item(number, position, done, request.actor)
        if text is None:
            return TickedAlreadyResult(number) if done else UntickedAlreadyResult(number)
        detail = ItemTickedDetail(text=text) if done else ItemUntickedDetail(text=text)
        await tx.add_entry(number, request.actor, detail)
        await tx.enqueue(
            [RefreshChecklist(incident=number, count=incident.resolutions, change=request.change)]
        )
        return TickedResult(number, text=text) if done else UntickedResult(number, text=text)

    return await run_idempotent(desk, request, change)


async def _ensure_may_tick(tx: Transaction, incident: Incident, position: int) -> None:
    """Raises RuleViolation for an item that asks for what is not there."""
    situation = await tx.situation(incident.number)
    assert situation is not None
    item = next((item for item in situation.items if item.position == position and not item.is_done), None)
    if item is not None:
        await ensure_actions_known(tx, situation, item.text)


def select_open_items(items: Sequence[ChecklistItem]) -> list[ChecklistItem]:
    """The items that nobody ticked yet."""
    return [item for item in items if not item.is_done]


async def process_due_windows(desk: ServiceContext) -> int:
    """Bring the items still open at the end of a window to the commander. Gives how many windows ended."""
    async with desk.store.transaction() as tx:
        ended = await tx.list_due_windows(BATCH)
        for number, within in ended:
            situation = await tx.situation(number)
            assert situation is not None
            await tx.drop_window(number, within)
            left = [item for item in select_open_items(situation.items) if item.window == within]
            if left and situation.incident.status == Status.RESOLVED:
                await tx.enqueue([RemindOfChecklist(incident=number, within=int(within.total_seconds()))])
        return len(ended)
