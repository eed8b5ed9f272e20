"""The result of a diagnostic: a verdict with one sentence, and the evidence for it. Pure values."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.diagnostic_run import Suspect
from bot.domain.evidence import EvidenceTable


class Verdict(StrEnum):
    """The verdict of a check. What could not be checked is unknown, never ok."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    UNKNOWN = "unknown"


class UnknownCause(StrEnum):
    """Why nothing can be said."""

    NOT_CONFIGURED = "not_configured"
    FORBIDDEN = "forbidden"
    THROTTLED = "throttled"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    NOT_FOUND = "not_found"
    NOT_UNDERSTOOD = "not_understood"
    NO_DATA = "no_data"
    NO_RULE = "no_rule"
    BUSY = "busy"
    BUG = "bug"


@dataclass(frozen=True, slots=True)
class ChartSeries:
    """A line of a chart: (instant, value) in the order of time, in `unit`, with the threshold if there is one."""

    name: str
    points: tuple[tuple[datetime, float], ...]
    unit: str = ""
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """The span of time that was checked."""

    begin: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.begin.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a window needs instants with a time zone")
        if self.end < self.begin:
            raise ValueError("a window cannot end before it begins")


@dataclass(frozen=True, slots=True)
class Finding:
    """One step's answer. `headline` is one sentence with number and threshold; `cause` says why it is unknown.

    `measure` is the short value that a later look is compared with: `4/6`, `87%`. `age` is how old the newest of the
    data was when it was collected, or how long ago was what `aged` says (`their page last changed`); `marks` are
    instants worth a line in every chart, such as a deployment; `command` is what a person would type for the same;
    `next_look` is a sentence about where to look further. `suspect` is what it points to, if that is plain.
    `is_timed` when the verdict would be another one had it taken less time here.
    """

    verdict: Verdict
    headline: str
    collected_at: datetime
    cause: UnknownCause | None = None
    measure: str = ""
    table: EvidenceTable | None = None
    text: str = ""
    series: tuple[ChartSeries, ...] = ()
    marks: tuple[tuple[datetime, str], ...] = ()
    link: str = ""
    command: str = ""
    window: TimeWindow | None = None
    age: timedelta | None = None
    aged: str = ""
    next_look: str = ""
    suspect: Suspect | None = None
    is_timed: bool = False

    def __post_init__(self) -> None:
        if self.collected_at.tzinfo is None:
            raise ValueError("a finding needs an instant with a time zone")
        if (self.verdict is Verdict.UNKNOWN) != (self.cause is not None):
            raise ValueError("what is unknown has a cause, and nothing else has one")


class Inconclusive(Exception):
    """Raised while something is read: nothing can be said, and why. The runner makes the finding of it.

    `said` is one sentence for people, redacted; `next_look` says what to do, such as which permission is missing.
    """

    def __init__(self, cause: UnknownCause, said: str, next_look: str = "") -> None:
        super().__init__(said)
        self.cause, self.said, self.next_look = cause, said, next_look


def build_unknown_finding(cause: UnknownCause, headline: str, at: datetime, next_look: str = "") -> Finding:
    """Nothing can be said, and why."""
    return Finding(Verdict.UNKNOWN, headline, at, cause, next_look=next_look)


def find_worst_verdict(findings: Iterable[Finding]) -> Verdict:
    """The worst of what is known. Unknown ones count only where nothing else is: they are told apart from the rest."""
    seen = {finding.verdict for finding in findings}
    for verdict in (Verdict.BAD, Verdict.WARN):
        if verdict in seen:
            return verdict
    return Verdict.OK if seen == {Verdict.OK} else Verdict.UNKNOWN
