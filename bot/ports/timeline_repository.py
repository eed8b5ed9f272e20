"""The timelines in the database, and what is new in them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.diagnostic_run import StepResult
from bot.domain.incident import (
    EntryKind,
    TimelineEntry,
)
from bot.domain.timeline_details import TimelineDetail
from bot.domain.timeline_proof import TimelineHead


class TimelineRepository(Protocol):
    """Entries, and those since the last update."""

    async def add_entry(self, number: int, actor: str, detail: TimelineDetail) -> None: ...
    async def find_last_entry(self, number: int, actor: str, kinds: Iterable[EntryKind]) -> EntryKind | None:
        """The kind of the newest entry of this person's among these kinds."""

    async def list_notes_of_message(self, source: str) -> Mapping[int, TimelineEntry]:
        """The last entry about a message (`channel:ts`) in each incident whose timeline keeps it."""

    async def find_last_activity(self, number: int) -> tuple[datetime | None, datetime | None]:
        """When somebody did something last, and when it was last asked whether anybody still does."""

    async def list_entries_since_update(
        self, numbers: Sequence[int]
    ) -> Mapping[int, Sequence[TimelineEntry]]: ...
    async def list_findings_by_update(
        self, numbers: Sequence[int]
    ) -> Mapping[int, Sequence[tuple[StepResult, StepResult | None]]]:
        """What each step of these incidents found last, and what it had found when the last update was posted."""

    async def find_names(self, people: Iterable[str]) -> Mapping[str, str]:
        """What these people are called, by their ids, as far as Slack told it."""


class TimelineReader(Protocol):
    """What timelines keep, and where their chains end."""

    async def is_noted(self, source: str) -> bool:
        """Whether any timeline keeps the message (`channel:ts`)."""

    async def list_timeline_heads(self, since: timedelta) -> Sequence[TimelineHead]:
        """The heads of the timelines that were added to within so long."""
