"""What a diagnostic ends in: a verdict with one sentence, and the evidence behind it. Pure values."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Verdict(StrEnum):
    """How it looks. What could not be looked at is unknown, never ok."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    UNKNOWN = "unknown"


class Cause(StrEnum):
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
    BUG = "bug"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts under their heads. `left_out` counts the rows that are not shown."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Series:
    """A line of a chart: (instant, value) in the order of time, in `unit`, with the threshold if there is one."""

    name: str
    points: tuple[tuple[datetime, float], ...]
    unit: str = ""
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """The span of time that was looked at."""

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
    `next_look` is a sentence about where to look further.
    """

    verdict: Verdict
    headline: str
    collected_at: datetime
    cause: Cause | None = None
    measure: str = ""
    table: Table | None = None
    text: str = ""
    series: tuple[Series, ...] = ()
    marks: tuple[tuple[datetime, str], ...] = ()
    link: str = ""
    command: str = ""
    window: Window | None = None
    age: timedelta | None = None
    aged: str = ""
    next_look: str = ""

    def __post_init__(self) -> None:
        if self.collected_at.tzinfo is None:
            raise ValueError("a finding needs an instant with a time zone")
        if (self.verdict is Verdict.UNKNOWN) != (self.cause is not None):
            raise ValueError("what is unknown has a cause, and nothing else has one")


class CannotTell(Exception):
    """Raised while something is read: nothing can be said, and why. The runner makes the finding of it.

    `said` is one sentence for people, redacted; `next_look` says what to do, such as which permission is missing.
    """

    def __init__(self, cause: Cause, said: str, next_look: str = "") -> None:
        super().__init__(said)
        self.cause, self.said, self.next_look = cause, said, next_look


def unknown(cause: Cause, headline: str, at: datetime, next_look: str = "") -> Finding:
    """Nothing can be said, and why."""
    return Finding(Verdict.UNKNOWN, headline, at, cause, next_look=next_look)


def worst(findings: Iterable[Finding]) -> Verdict:
    """The worst of what is known. Unknown ones count only where nothing else is: they are told apart from the rest."""
    seen = {each.verdict for each in findings}
    for verdict in (Verdict.BAD, Verdict.WARN):
        if verdict in seen:
            return verdict
    return Verdict.OK if seen == {Verdict.OK} else Verdict.UNKNOWN
