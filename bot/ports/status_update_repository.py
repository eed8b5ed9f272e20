"""The status updates in the database, their reminders and who reads along."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.incident import (
    Incident,
    StatusUpdate,
)


class StatusUpdateRepository(Protocol):
    """Updates, when the next one is due, and the followers who are told."""

    async def add_update(
        self, number: int, author: str, status: str, text: str, cadence: timedelta | None
    ) -> StatusUpdate: ...
    async def find_latest_update(self, number: int) -> int:
        """The id of the incident's latest update; 0 while there is none."""

    async def list_due_notices(self, limit: int) -> Sequence[Incident]: ...
    async def set_notices(self, following: Mapping[int, tuple[datetime | None, int]]) -> None:
        """When each of these incidents is looked at next (None: never by itself) and at which stage."""

    async def add_follower(self, number: int, person: str) -> bool:
        """Let somebody read along; False when they do already."""

    async def drop_follower(self, number: int, person: str) -> bool:
        """The contrary; False when they did not."""

    async def drop_followers(self, number: int) -> None: ...
    async def followers(self, number: int) -> Sequence[str]:
        """Who reads along and may see the incident."""
