"""The items that remain after an incident, as the database keeps them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One line of the post-incident checklist, copied from the incident's runbook edition. `due_at` is its window's
    end, `owner` who does it, `due_on` the day that was set for it."""

    position: int
    window: timedelta
    text: str
    line: int
    due_at: datetime
    done_by: str | None = None
    done_at: datetime | None = None
    owner: str | None = None
    due_on: date | None = None

    @property
    def is_done(self) -> bool:
        return self.done_at is not None
