"""Statistics of incidents: how many there were and how long they took. A median never stands without its count."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum


class CountUnit(StrEnum):
    """By what incidents are counted in a picture."""

    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


def select_unit(period: timedelta) -> CountUnit:
    """So that a phone shows each bar: at most 27 weeks, 37 months, or years."""
    if period <= timedelta(weeks=26):
        return CountUnit.WEEK
    return CountUnit.MONTH if period <= timedelta(days=3 * 365) else CountUnit.YEAR


@dataclass(frozen=True, slots=True)
class IncidentCount:
    """How many incidents of a severity began in the unit of time that begins on a day; drills are none."""

    begins: date
    severity: str
    count: int


@dataclass(frozen=True, slots=True)
class DurationBar:
    """One line of a picture: a severity's median and p90 in seconds, and what stands beside them."""

    severity: str
    median: float
    p90: float
    words: str


@dataclass(frozen=True, slots=True)
class StatisticsChart:
    """What the picture of statistics shows. `bars` are the units of time in their order, each with its label and how
    many incidents of each of the `severities` began in it; `durations` a heading and its lines each; `words` say the
    same to who does not see it."""

    title: str
    severities: Sequence[str]
    bars: Sequence[tuple[str, Sequence[int]]]
    durations: Sequence[tuple[str, Sequence[DurationBar]]]
    words: str


@dataclass(frozen=True, slots=True)
class DurationSpread:
    """How a duration is spread over `count` incidents: half took at most `median`, nine of ten at most `p90`. Both are
    None where there is no incident."""

    count: int = 0
    median: timedelta | None = None
    p90: timedelta | None = None


@dataclass(frozen=True, slots=True)
class SeverityStatistics:
    """The incidents of one severity, drills apart. Times run from the declaration, in `corrected` ones from
    when somebody said that it began: to the first acknowledgement; to
    `monitoring`, or the resolution where nobody said so; to the last resolution. Of the promised status updates so many
    were `kept` of those whose moment has come."""

    severity: str
    is_drill: bool
    count: int
    still_open: int
    acknowledge: DurationSpread = field(default_factory=DurationSpread)
    mitigate: DurationSpread = field(default_factory=DurationSpread)
    resolve: DurationSpread = field(default_factory=DurationSpread)
    kept: int = 0
    promised: int = 0
    corrected: int = 0


@dataclass(frozen=True, slots=True)
class IncidentStatistics:
    """What was declared since `period` ago and is neither cancelled nor part of another incident; action items of
    these incidents: those that are done, of them in time, and those that are open or dropped. Of `causes_said` the
    review says which finding pointed at the cause; in `causes_pointed` one did. `counts` say when they began, by `unit`
    of the team's own time."""

    period: timedelta
    rows: Sequence[SeverityStatistics] = ()
    actions_done: int = 0
    actions_in_time: int = 0
    actions_left: int = 0
    causes_said: int = 0
    causes_pointed: int = 0
    unit: CountUnit = CountUnit.WEEK
    counts: Sequence[IncidentCount] = ()
