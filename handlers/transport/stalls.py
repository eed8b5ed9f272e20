"""Notices that this process stood still: what came meanwhile may be too old, and envelopes have no timestamp."""

import asyncio
from collections.abc import Callable

from bot.adapters.slack import read_steady_s

CHECK_INTERVAL_S = 0.5
"""Seconds between looks at the clock."""

MAX_PAUSE_S = 2.5
"""Seconds after which Slack may have given up, with half a second for the way: it waits for three."""

CATCH_UP_S = 0.5
"""Seconds after a pause in which what waited meanwhile is read."""


class PauseDetector:
    """Notices a pause by a clock that goes on meanwhile, by `watch` or by whoever asks first."""

    def __init__(self, clock: Callable[[], float] = read_steady_s) -> None:
        self._clock = clock
        self._seen, self._ended = clock(), float("-inf")
        self.count = 0

    async def watch(self) -> None:
        """Check the clock for ever."""
        while True:
            await asyncio.sleep(CHECK_INTERVAL_S)
            self.look()

    def look(self) -> None:
        """Note that the process runs, and whether it did since the last look."""
        now = self._clock()
        if now - self._seen > CHECK_INTERVAL_S + MAX_PAUSE_S:
            self.count += 1
            self._ended = now
        self._seen = now

    def still_waits(self) -> Callable[[], bool]:
        """For what is read now: whether whoever sent it still waits for the answer."""
        self.look()
        count, may_be_old = self.count, self._clock() - self._ended < CATCH_UP_S

        def waits() -> bool:
            self.look()
            return not may_be_old and self.count == count

        return waits
