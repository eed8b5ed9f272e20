"""Slack's time, by the dates of its answers."""

import time
from contextlib import suppress
from email.utils import parsedate_to_datetime

BOOTTIME = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""The clock that goes on while the machine sleeps, where the system has one."""

FARTHEST = 60.0
"""Seconds that the two clocks may be apart before nothing is judged by them: one of them is wrong."""


def read_steady_s() -> float:
    """Seconds that go on evenly, whatever is done to the machine's clock."""
    return time.clock_gettime(BOOTTIME)


class SlackClock:
    """Slack's time, carried on between its answers by a clock that nobody sets."""

    def __init__(self) -> None:
        self._known: tuple[float, float] | None = None

    def record_date(self, date: str, took: float) -> None:
        """Take the `Date` of an answer that came `took` seconds after it was asked for; nothing for one that is none.

        A date has no fractions of a second: while the earlier answers agree with it, what they say is nearer.
        """
        with suppress(ValueError, TypeError):
            dated, at, before = parsedate_to_datetime(date).timestamp(), read_steady_s(), self._time()
            if before is None or not dated <= before <= dated + 1.0 + took:
                self._known = dated, at

    @property
    def is_known(self) -> bool:
        """Whether Slack has answered at all."""
        return self._known is not None

    @property
    def ahead(self) -> float:
        """By how many seconds Slack's clock is ahead of this machine's; 0 before its first answer."""
        now = self._time()
        return 0.0 if now is None else now - time.time()

    def now(self) -> float | None:
        """Seconds since the epoch, a second too few at most; None before Slack's first answer, and while its clock and
        this machine's are more than FARTHEST apart."""
        return None if abs(self.ahead) > FARTHEST else self._time()

    def _time(self) -> float | None:
        return None if self._known is None else self._known[0] + read_steady_s() - self._known[1]
