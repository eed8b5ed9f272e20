"""Statistics of incidents: how many there were and how long they took. A median never stands without its count."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta


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
    review says which finding pointed at the cause; in `causes_pointed` one did."""

    period: timedelta
    rows: Sequence[SeverityStatistics] = ()
    actions_done: int = 0
    actions_in_time: int = 0
    actions_left: int = 0
    causes_said: int = 0
    causes_pointed: int = 0
