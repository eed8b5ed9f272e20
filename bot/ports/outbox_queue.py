"""The outbox in the database as delivery works it."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Protocol

from bot.ports.messages import LeasedEffect, MessageRef, UnsupportedEffect
from bot.ports.transaction import Transaction


class OutboxQueue(Protocol):
    """Effects as delivery sees them: due, leased, sent or given up."""

    async def wait_for_work(self, at_most: float, paging: bool = False) -> None: ...
    async def claim(self, limit: int, paging: bool = False) -> Sequence[LeasedEffect]:
        """Take what is due and this version can perform: the effects at the paging providers, or all others."""

    async def put_back(
        self, row: LeasedEffect, delay: timedelta, error: str, uncertain: bool, apart: bool = False
    ) -> None:
        """Again after `delay`; `apart` has it leave its lane, which goes on without it."""

    async def put_after(self, row: LeasedEffect, key: str, error: str) -> None:
        """Again once the effect with this key is settled."""

    async def has_lease(self, row: LeasedEffect) -> bool:
        """Whether the row is there and this replica's still: not after a restore, or when another one took it over."""

    async def record_sent(self, row: LeasedEffect, posted: MessageRef | None) -> bool:
        """Mark the row as sent, where nothing follows from it; False when another replica has it."""

    def mark_sent(
        self, row: LeasedEffect, posted: MessageRef | None
    ) -> AbstractAsyncContextManager[Transaction | None]:
        """Mark the row as sent in a transaction that may go on to record what follows; None when another has it."""

    def mark_dead_letter(
        self, row: LeasedEffect, error: str
    ) -> AbstractAsyncContextManager[Transaction | None]:
        """As `mark_sent`, for a row that can never be sent."""

    async def list_unsupported(self, limit: int) -> Sequence[UnsupportedEffect]:
        """Rows that are due and that no version that runs can perform: their lanes go on without them from now on."""

    def mark_abandoned(
        self, row: UnsupportedEffect, error: str
    ) -> AbstractAsyncContextManager[Transaction | None]:
        """Such a row will not be performed; None when somebody can by now, or it was given up."""

    async def find_mark(self, key: str) -> str | None:
        """What the message or page of the effect with this key carries out there; None when there is no such effect."""

    async def is_marked(self, number: int, marks: Sequence[str]) -> bool:
        """Whether an effect of this incident carries one of these marks."""
