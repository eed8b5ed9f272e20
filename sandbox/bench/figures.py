"""What a figure is: what was measured, beside what, and what it must reach."""

import statistics
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from sandbox.bench.environment import BenchEnvironment


@dataclass(frozen=True, slots=True)
class BenchFigure:
    """One line of the table. `measured` and `at_most` are in `unit`; `beside` says what the reference showed."""

    name: str
    measured: float
    at_most: float
    unit: str
    beside: str = ""

    @property
    def reached(self) -> bool:
        return self.measured <= self.at_most


@dataclass(frozen=True, slots=True)
class BenchRound:
    """How much is done: the usual size, or a tiny one that only shows that it works."""

    times: int = 5
    requests: int = 200
    incidents: int = 20
    crowd: int = 10_000
    reminders: int = 2_000
    rest: float = 5.0
    people: int = 200
    pages: int = 140
    ladders: int = 10_000
    climbing: float = 20.0
    kills: int = 400
    struck: int = 300
    forgeries: int = 100
    updates: int = 1_000
    public: int = 500


TINY = BenchRound(
    times=1,
    requests=5,
    incidents=2,
    crowd=50,
    reminders=5,
    rest=0.2,
    people=3,
    pages=3,
    ladders=20,
    climbing=1.0,
    kills=1,
    struck=1,
    forgeries=20,
    updates=25,
    public=10,
)

Measure = Callable[[BenchEnvironment, BenchRound], Awaitable[Sequence[BenchFigure]]]


def compute_percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def compute_median(values: Sequence[float]) -> float:
    return statistics.median(values)
