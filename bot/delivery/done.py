"""What came of an effect."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.ports import Posted, Transaction

Then = Callable[[Transaction], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Done:
    """What came of an effect: where its message stands, and what is to be recorded with the success."""

    posted: Posted | None = None
    then: Then | None = None
