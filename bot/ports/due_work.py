"""The kinds of work that fall due by the clock."""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Protocol


class DueWork(StrEnum):
    """What the scheduler looks for."""

    HELD_PAGE = "held_page"
    REMINDER = "reminder"
    PAGE_ATTEMPT = "page_attempt"
    ESCALATION = "escalation"
    SHIFT = "shift"
    ACTION = "action"
    PUBLIC_PROMISE = "public_promise"
    REVIEW_PROPOSAL = "review_proposal"
    CHECKLIST_WINDOW = "checklist_window"


class DueWorkReader(Protocol):
    """Part of the store."""

    async def find_due_work(self, severities: Sequence[str], rings_for: timedelta) -> frozenset[DueWork]:
        """The kinds of which anything is due, by the rules of the questions that list it; asked in one message.
        `severities` from the worst on; a page rings for `rings_for`."""
