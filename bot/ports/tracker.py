"""The port of a tracker of issues, where action items go."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from bot.domain.action_item import ActionState
from bot.domain.tracker_ticket import Ticket


class TrackerRefused(Exception):
    """The tracker says no, and would say it again: the text says why, as a sentence."""


class TicketRefused(TrackerRefused):
    """It says no to what this ticket says; another one may be made."""


class TrackerBusy(Exception):
    """Nothing was done: again after `delay`."""

    def __init__(self, why: str, delay: timedelta = timedelta(seconds=5)) -> None:
        self.delay = delay
        super().__init__(why)


class TrackerAnswerLost(Exception):
    """No answer came: it may have been done, and is looked for before it is tried again."""


@dataclass(frozen=True, slots=True)
class NewTicket:
    """An action item as it goes to a tracker: plain text, and the mark by which it is found again. `installation` tells
    our marks from those of another Tocsin."""

    installation: str
    incident: int
    number: int
    title: str
    text: str
    since: datetime
    due_on: date | None = None

    @property
    def mark(self) -> str:
        return f"tocsin {self.installation} INC-{self.incident} A{self.number}"

    @property
    def label(self) -> str:
        """The same as a label, which has no spaces."""
        return f"tocsin-{self.installation[:12]}-inc-{self.incident}-a{self.number}".lower()


class Tracker(Protocol):
    """One tracker. Every method raises TrackerRefused, TrackerBusy or TrackerAnswerLost.

    No tracker takes a key of ours with a creation: `find` tells whether a ticket with the mark is there, so long as
    `settles_after` after a call that was not answered. Setting a state that is there already changes nothing.
    """

    @property
    def name(self) -> str:
        """As the setting spells it: `github:acme/shop`."""

    @property
    def title(self) -> str:
        """What people call it: `GitHub`."""

    @property
    def settles_after(self) -> timedelta: ...
    async def find(self, ticket: NewTicket) -> Ticket | None: ...
    async def create(self, ticket: NewTicket) -> Ticket: ...
    async def read(self, id: str) -> Ticket | None:
        """None when it is not there any more: deleted, or moved away."""

    async def set_state(self, id: str, state: ActionState) -> Ticket | None:
        """None when it is not there any more."""

    async def examine(self) -> str:
        """Why nothing could be created, in a sentence; empty when something could. Creates nothing."""

    async def aclose(self) -> None: ...
