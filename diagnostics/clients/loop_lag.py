"""Measures how long the event loop stood still, so that no system is called slow for it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

EVERY = 0.05
"""Seconds between two ticks of the watch."""

TICK_TOLERANCE_S = 0.02
"""Seconds by which every timer may be late."""

LEAST = 0.1
"""Seconds of standing still below which it explains nothing."""


@dataclass(slots=True)
class LoopLagMonitor:
    """Watches the event loop while something is measured: a tick that comes late tells how long nothing could run,
    whether this program held itself up or the machine had no time for it."""

    _seconds: float = field(default=0.0, init=False)
    _watching: int = field(default=0, init=False)
    _watch: "asyncio.Task[None] | None" = field(default=None, init=False)
    _due: float = field(default=0.0, init=False)

    @asynccontextmanager
    async def watch(self) -> AsyncIterator[None]:
        """Watch while the body runs."""
        self._watching += 1
        if self._watch is None:
            self._due = asyncio.get_running_loop().time() + EVERY
            self._watch = asyncio.create_task(self._tick(), name="watching for standstills")
        try:
            yield
        finally:
            self._watching -= 1
            if not self._watching and self._watch is not None:
                self._watch.cancel()
                self._watch = None

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._due - loop.time())
            self._seconds += self._late()
            self._due = loop.time() + EVERY

    def _late(self) -> float:
        """Seconds that the next tick is late by now."""
        late = asyncio.get_running_loop().time() - self._due
        return late if late > TICK_TOLERANCE_S else 0.0

    def start_measurement(self) -> Callable[[], float]:
        """From now on: gives, when it is called, the share of the time since that was a standstill, 0.0 to 1.0."""
        loop = asyncio.get_running_loop()
        began, before = loop.time(), self._seconds

        def told() -> float:
            stood = (
                self._seconds - before + self._late()
            )  # the tick itself may come after whatever else was ready
            return min(1.0, stood / (loop.time() - began)) if stood >= LEAST else 0.0

        return told
