"""An action item at a tracker: the tracker owns its state, Tocsin that it exists."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.action_item import ActionState


class TicketState(StrEnum):
    """Where a ticket stands at its tracker. `ended` is one that is closed without saying whether it was done."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"
    ENDED = "ended"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket as its tracker shows it: the id by which it is read, what people call it there, its address."""

    id: str
    name: str
    url: str
    state: TicketState = TicketState.OPEN


@dataclass(frozen=True, slots=True)
class ActionTicket:
    """What is kept of the ticket of an action item: empty names until it is there. `wanted` is the state that people
    gave it here and that the tracker was not told yet, `problem` why the tracker did not do what it was asked.
    `read_at` is when it is read next; a reading during which that changes was overtaken by another one."""

    incident: int
    number: int
    tracker: str
    id: str = ""
    name: str = ""
    url: str = ""
    state: TicketState = TicketState.OPEN
    wanted: str = ""
    problem: str = ""
    read_at: datetime | None = None


def find_state_there(state: TicketState, here: ActionState) -> ActionState:
    """What the state of a ticket means for its action item, which stands as `here`. One that was deleted there stays
    as it is: Tocsin owns that it exists."""
    match state:
        case TicketState.OPEN:
            return ActionState.OPEN
        case TicketState.DROPPED:
            return ActionState.DROPPED
        case TicketState.DONE:
            return ActionState.DONE
        case TicketState.ENDED:
            return ActionState.DONE if here is ActionState.OPEN else here
        case TicketState.DELETED:
            return here
