"""How much time and room the filters of one answer may take."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.errors import FilterFailed

LOOK = 1_000
"""Steps between two looks at the clock."""


@dataclass(slots=True)
class Budget:
    """Spent by every filter of one pipeline; `seconds` from now on, `steps` are lines chosen or written."""

    seconds: float
    steps: int
    clock: Callable[[], float] = time.monotonic
    _end: float = field(init=False)
    _until_look: int = field(init=False, default=LOOK)

    def __post_init__(self) -> None:
        self._end = self.clock() + self.seconds

    def spend(self, steps: int = 1) -> None:
        """Raises `Unfiltered` when nothing is left."""
        self.steps -= steps
        self._until_look -= 1
        if self.steps < 0:
            raise FilterFailed("it would make more than it may")
        if self._until_look < 0:
            self._until_look = LOOK
            self.time_left()

    def extend(self, seconds: float) -> None:
        """Give back what was spent on waiting for others."""
        self._end += seconds

    def time_left(self) -> float:
        """Seconds, more than 0. Raises `Unfiltered` when there are none."""
        left = self._end - self.clock()
        if left <= 0:
            raise FilterFailed(f"it takes longer than {self.seconds:g} s")
        return left
