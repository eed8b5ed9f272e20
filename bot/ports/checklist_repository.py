"""The post-incident checklists in the database."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Protocol


class ChecklistRepository(Protocol):
    """Items with their owners, and the windows in which they are due."""

    async def add_checklist(self, number: int, items: Iterable[tuple[timedelta, str, int]]) -> None:
        """Copy the runbook's items, each (window, text, line), and note when each window ends."""

    async def set_item(self, number: int, position: int, done: bool, actor: str) -> str | None:
        """The item's text, or None when it was in that state already."""

    async def set_item_owner(
        self, number: int, position: int, owner: str | None, due_on: date | None, actor: str
    ) -> None:
        """Keep who does an item and until which day, with who said so."""

    async def list_due_windows(self, limit: int) -> Sequence[tuple[int, timedelta]]: ...
    async def drop_window(self, number: int, within: timedelta) -> None: ...
    async def drop_windows(self, number: int) -> None: ...
