"""The result of an effect handler."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.ports import MessageRef, Transaction

Then = Callable[[Transaction], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class EffectResult:
    """What came of an effect: where its message stands, and what is to be recorded with the success."""

    posted: MessageRef | None = None
    on_commit: Then | None = None
