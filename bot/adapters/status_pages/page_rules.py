"""How status pages are called: so many calls in a minute, and what a failure means for a publication."""

import time
from collections import deque
from collections.abc import Callable
from datetime import timedelta

from bot.adapters.provider_api import ApiRules
from bot.ports.publication_repository import PageAnswerLost, PageBusy, PageRefused

WINDOW_S = 60.0
PAGE_RULES = ApiRules(
    refused=PageRefused,
    busy=PageBusy,
    lost=PageAnswerLost,
    refusals={
        401: "{name} does not take the key (HTTP 401): check it.",
        403: "{name} does not let this key do that (HTTP 403): check its rights.",
    },
    returned=frozenset({404}),
    timeout_s=3.0,  # the lease of an effect is longer, and what was not answered is looked for after longer
    max_body=5_000_000,
    max_wait=timedelta(minutes=5),
)


class RequestPace:
    """So many calls in the last minute, and no more; `clock` gives seconds that never go back."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute, self._clock = per_minute, clock
        self._calls: deque[float] = deque()

    def take(self) -> None:
        """Count one call. Raises PageBusy with how long to wait instead."""
        now = self._clock()
        while self._calls and self._calls[0] <= now - WINDOW_S:
            self._calls.popleft()
        if len(self._calls) >= self._per_minute:
            wait = timedelta(seconds=self._calls[0] + WINDOW_S - now)
            raise PageBusy("The page takes no more requests in this minute.", wait)
        self._calls.append(now)
