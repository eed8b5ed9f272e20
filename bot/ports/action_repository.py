"""Action items, as the database keeps them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from bot.domain.action_item import ActionItem, ActionKind, ActionState
from bot.domain.earlier_incident import EarlierIncident
from bot.domain.tracker_ticket import ActionTicket, Ticket


@dataclass(frozen=True, slots=True)
class NewAction:
    """An action item that is not there yet."""

    text: str
    purpose: ActionKind = ActionKind.PREVENT
    owner: str | None = None
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class ListedAction:
    """An action item with the title and the channel of its incident."""

    item: ActionItem
    title: str
    channel: str | None = None


class ActionRepository(Protocol):
    """What a transaction knows of action items. Their incident is locked by it."""

    async def add_action(
        self, number: int, new: NewAction, actor: str, remind_at: datetime | None
    ) -> ActionItem: ...
    async def find_action(self, number: int, action: int) -> ActionItem | None: ...
    async def list_actions(self, number: int) -> Sequence[ActionItem]: ...
    async def end_action(self, number: int, action: int, state: ActionState, actor: str) -> ActionItem | None:
        """None when it was not open."""

    async def reopen_action(self, number: int, action: int, remind_at: datetime | None) -> ActionItem | None:
        """None when it was open."""

    async def list_due_actions(self, limit: int) -> Sequence[int]:
        """The incidents of which an owner is to be reminded."""

    async def list_due_actions_of(self, number: int) -> Sequence[ActionItem]: ...
    async def set_action_reminder(self, number: int, action: int, remind_at: datetime | None) -> None:
        """One reminder was written; this is when the next one is due."""


class TicketRepository(Protocol):
    """What a transaction knows of the tickets of action items. Their incident is locked by it."""

    async def plan_ticket(self, number: int, action: int, tracker: str) -> None: ...
    async def find_ticket(self, number: int, action: int) -> ActionTicket | None: ...
    async def record_ticket(self, number: int, action: int, ticket: Ticket) -> None:
        """As its tracker shows it now; a problem is over."""

    async def end_ticket(self, number: int, action: int) -> None:
        """It was deleted at its tracker, and is read no more."""

    async def set_ticket_wish(self, number: int, action: int, state: str) -> None:
        """The state that the tracker is to be told; empty when it was told."""

    async def set_ticket_problem(self, number: int, action: int, why: str) -> None: ...
    async def note_ticket_changes(self, tracker: str, ids: Sequence[str]) -> None:
        """The tracker's webhook told that these changed: they are to be read now. Without any it only came."""

    async def claim_due_tickets(self, tracker: str, limit: int) -> Sequence[ActionTicket]:
        """Those that are to be read now, for this replica alone; what the tracker told of in front."""


class ActionReader(Protocol):
    """What the store knows of action items without changing them."""

    async def list_open_actions(self, viewer: str, owner: str | None, limit: int) -> Sequence[ListedAction]:
        """The open ones of incidents that the viewer may see, of one owner or of all: what is due first in front."""

    async def find_actions(self, number: int) -> Sequence[ActionItem]:
        """All of an incident, in the order of their numbers."""

    async def list_earlier_incidents(self, number: int, limit: int) -> Sequence[EarlierIncident]:
        """Public incidents that are over and like this one, with their open action items; the most alike in front."""

    async def find_action_ticket(self, number: int, action: int) -> ActionTicket | None: ...
    async def find_webhook_time(self, tracker: str) -> datetime | None:
        """When the tracker's webhook came last."""
