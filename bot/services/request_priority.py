"""Gives requests and pages priority over background work in the event loop."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from bot.performance import MAX_YIELD_S


class PriorityGate:
    """Requests and pages take precedence: reads and records of messages yield to them, and messages are rendered one in
    each turn of the loop.
    """

    def __init__(self) -> None:
        self._ahead = 0
        self._nobody = asyncio.Event()
        self._nobody.set()
        self._drawing = asyncio.Lock()

    @contextmanager
    def hold_priority(self) -> Iterator[None]:
        """While this is done the rest waits."""
        self._ahead += 1
        self._nobody.clear()
        try:
            yield
        finally:
            self._ahead -= 1
            if not self._ahead:
                self._nobody.set()

    async def yield_to_priority(self) -> None:
        """Return when nobody goes first any more, or after MAX_YIELD_S."""
        if self._ahead:
            with suppress(TimeoutError):
                async with asyncio.timeout(MAX_YIELD_S):
                    await self._nobody.wait()

    async def wait_turn(self) -> None:
        """Return in a turn of the loop in which nobody else returns from here: between two of them all others run."""
        async with self._drawing:
            await asyncio.sleep(0)
