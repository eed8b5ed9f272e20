"""Action items: part of the `Transaction` port."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from bot.adapters.database.row_mappers import Row, build_from_row
from bot.domain.action_item import ActionItem, ActionKind, ActionState
from bot.domain.tracker_ticket import ActionTicket, Ticket, TicketState
from bot.ports.action_repository import ListedAction, NewAction


class ActionQueries:
    """See `bot.ports.action_repository`. The statements are run by the class that inherits this one."""

    async def _run(self, name: str, /, **values: object) -> None:
        raise NotImplementedError

    async def one(self, name: str, /, **values: object) -> Row | None:
        raise NotImplementedError

    async def _all(self, name: str, /, **values: object) -> list[Row]:
        raise NotImplementedError

    async def add_action(
        self, number: int, new: NewAction, actor: str, remind_at: datetime | None
    ) -> ActionItem:
        row = await self.one(
            "add_action",
            incident=number,
            text=new.text,
            purpose=new.purpose.value,
            owner=new.owner,
            due_on=new.due_on,
            added_by=actor,
            remind_at=remind_at,
        )
        assert row is not None
        return build_action(row)

    async def find_action(self, number: int, action: int) -> ActionItem | None:
        return _build(await self.one("action_item", incident=number, number=action))

    async def list_actions(self, number: int) -> Sequence[ActionItem]:
        return [build_action(row) for row in await self._all("actions_of", incident=number)]

    async def end_action(self, number: int, action: int, state: ActionState, actor: str) -> ActionItem | None:
        row = await self.one("end_action", incident=number, number=action, state=state.value, by=actor)
        return _build(row)

    async def reopen_action(self, number: int, action: int, remind_at: datetime | None) -> ActionItem | None:
        return _build(await self.one("reopen_action", incident=number, number=action, remind_at=remind_at))

    async def list_due_actions(self, limit: int) -> Sequence[int]:
        return [row["incident"] for row in await self._all("due_actions", limit=limit)]

    async def list_due_actions_of(self, number: int) -> Sequence[ActionItem]:
        return [build_action(row) for row in await self._all("due_actions_of", incident=number)]

    async def plan_ticket(self, number: int, action: int, tracker: str) -> None:
        await self._run("plan_ticket", incident=number, number=action, tracker=tracker)

    async def find_ticket(self, number: int, action: int) -> ActionTicket | None:
        row = await self.one("ticket_of", incident=number, number=action)
        return build_action_ticket(row) if row else None

    async def record_ticket(self, number: int, action: int, ticket: Ticket) -> None:
        await self._run("record_ticket", incident=number, number=action, **asdict(ticket))

    async def end_ticket(self, number: int, action: int) -> None:
        await self._run("end_ticket", incident=number, number=action)

    async def set_ticket_wish(self, number: int, action: int, state: str) -> None:
        await self._run("set_ticket_wish", incident=number, number=action, state=state)

    async def set_ticket_problem(self, number: int, action: int, why: str) -> None:
        await self._run("set_ticket_problem", incident=number, number=action, why=why)

    async def note_ticket_changes(self, tracker: str, ids: Sequence[str]) -> None:
        await self._run("note_ticket_changes", tracker=tracker, ids=list(ids))

    async def claim_due_tickets(self, tracker: str, limit: int) -> Sequence[ActionTicket]:
        rows = await self._all("claim_due_tickets", tracker=tracker, limit=limit)
        return [build_action_ticket(row) for row in rows]

    async def set_action_reminder(self, number: int, action: int, remind_at: datetime | None) -> None:
        await self._run("set_action_reminder", incident=number, number=action, remind_at=remind_at)


def build_action(row: Row) -> ActionItem:
    """An action item from a row of its table."""
    purpose, state = ActionKind(row["purpose"]), ActionState(row["state"])
    return build_from_row(ActionItem, row, purpose=purpose, state=state)


def build_action_ticket(row: Row) -> ActionTicket:
    """What is kept of a ticket, from its row."""
    return build_from_row(ActionTicket, row, state=TicketState(row["state"]))


def build_listed_action(row: Row) -> ListedAction:
    """One from a row with the title and the channel of its incident."""
    return ListedAction(build_action(row), row["incident_title"], row["incident_channel"])


def _build(row: Row | None) -> ActionItem | None:
    return build_action(row) if row else None
