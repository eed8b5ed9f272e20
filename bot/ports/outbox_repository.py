"""The outbox in the database: effects as they are written down."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol

from bot.domain.effects import Effect


class OutboxRepository(Protocol):
    """Effects that are written down with the change that causes them."""

    async def enqueue(self, effects: Iterable[Effect], later: timedelta = timedelta(0)) -> None:
        """Write the effects down, to be performed now or so much later."""

    async def is_begun(self, key: str) -> bool:
        """Whether an effect was begun: what it shows may have been read already."""

    async def hold(self, key: str) -> bool:
        """Whether an effect has not begun yet: it does not before this transaction ends, and shows what that writes."""

    async def find_effect_payload(self, key: str) -> Mapping[str, Any] | None: ...
    async def revive(self, key: str) -> None: ...
    async def mark_all_uncertain(self) -> None:
        """All that was waiting or under way may have been done: it is looked for before it is done."""

    async def find_restore_age(self) -> timedelta | None:
        """How long ago it was noted that these tables were put back from a backup; None when it was not."""

    async def note_restore(self, number: int, held: Mapping[int, Sequence[str]]) -> None:
        """The next incident gets a number past this one; what was held is kept for the operator."""
