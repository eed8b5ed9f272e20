"""Action items: what a team does after an incident so that it does not come again, each with an owner and a day."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

MAX_TEXT_LENGTH = 300
"""Characters of an action item."""

ASKS_FOR_ACTIONS = re.compile(r"\baction[\s-]items?\b", re.IGNORECASE)
"""What an item of the checklist says that asks for action items."""


class ActionKind(StrEnum):
    """What an action item is good for."""

    PREVENT = "prevent"
    MITIGATE = "mitigate"
    DETECT = "detect"
    PROCESS = "process"


class ActionState(StrEnum):
    """Where it stands. `dropped` will not be done."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class ActionItem:
    """One action item of an incident. `number` is the N of its A-N; `reminders` counts those that were sent.
    `ticket` is what it is called at the team's tracker, empty where it is not there."""

    incident: int
    number: int
    text: str
    added_by: str
    added_at: datetime
    purpose: ActionKind = ActionKind.PREVENT
    owner: str | None = None
    due_on: date | None = None
    state: ActionState = ActionState.OPEN
    ended_by: str | None = None
    ended_at: datetime | None = None
    reminders: int = 0
    ticket: str = ""
    ticket_url: str = ""
    ticket_problem: str = ""
    is_ticket_gone: bool = False

    @property
    def reference(self) -> str:
        """The name people use: `A2`, of its incident."""
        return f"A{self.number}"

    @property
    def is_open(self) -> bool:
        return self.state is ActionState.OPEN
