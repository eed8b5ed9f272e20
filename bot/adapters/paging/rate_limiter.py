"""Keeps PagerDuty's rate limit on our side: so many calls a minute for each key."""

import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import timedelta

PER_MINUTE = 120
"""Events API v2 takes about this many calls a minute for one integration key, looking back 60 seconds."""

WINDOW = 61.0
"""Seconds: theirs, and one in which an early call may have been on its way longer than a late one."""


class RateLimiter:
    """Counts the calls of the last WINDOW. `clock` gives seconds that never go back."""

    def __init__(self, at_most: int = PER_MINUTE, clock: Callable[[], float] = time.monotonic) -> None:
        self._at_most = at_most
        self._clock = clock
        self._counting = threading.Lock()  # the calls come from several threads
        self._calls: dict[str, deque[float]] = {}

    def take(self, key: str) -> timedelta | None:
        """Count one call of this key, or say how long to wait instead."""
        now = self._clock()
        with self._counting:
            calls = self._calls.setdefault(key, deque())
            while calls and calls[0] <= now - WINDOW:
                calls.popleft()
            if len(calls) < self._at_most:
                calls.append(now)
                return None
            return timedelta(seconds=calls[0] + WINDOW - now)
