"""The two clocks of the stand-in, given from outside so that a test can move them."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Clocks:
    """`monotonic` measures triggers and rate limits; `wall` is seconds since 1970, for ts and signatures."""

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    skew: float = 0.0

    def read_monotonic(self) -> float:
        """Monotonic seconds, moved by `skew`."""
        return self.monotonic() + self.skew

    def now(self) -> float:
        """Seconds since 1970, moved by `skew`."""
        return self.wall() + self.skew

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass at once: triggers expire, rate limits refill, later messages are later."""
        self.skew += seconds
