"""Which statements take the database's time now: the difference of two samples of pg_stat_statements, not since its
reset months ago."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from diagnostics.finding import Cause, Finding, Table, Verdict, unknown
from diagnostics.limits import Limit, limit
from diagnostics.postgres.judged import ORDER, lasted
from diagnostics.postgres.seen import Session, statement
from diagnostics.question import Question

APART = 2.0
"""Seconds between the samples."""

MEAN = Limit(">", 100, 1000, "ms")
MEASURE = re.compile(r"mean|exec|quer|statement", re.I)
FEWEST = 2
"""Of one slow call alone, such as a report's, nothing is more than suspicious."""

LONG = 10.0
"""Seconds after which a statement that has not ended is told beside those that have."""

LASTING = Limit(">=", 1, 5, "sessions")
IN_STATEMENT = re.compile(r"\bmean_(?:exec_)?time\s*>=?\s*(\d+(?:\.\d+)?)", re.I)
MOST_ROWS = 10

SAMPLE = """
select queryid, sum(calls)::bigint as calls, sum({total})::float8 as total, max(left(query, 400)) as query
from pg_stat_statements where queryid is not null and query not ilike '%pg_stat_statements%' group by queryid
"""
"""`{total}` is total_exec_time, before PostgreSQL 13 total_time."""


@dataclass(frozen=True, slots=True)
class Spent:
    """One statement between two samples: how often it came to its end, and its time in milliseconds."""

    id: int
    calls: int
    milliseconds: float
    text: str

    @property
    def mean(self) -> float:
        return self.milliseconds / self.calls if self.calls else 0.0


@dataclass(frozen=True, slots=True)
class Samples:
    """What came to its end between two samples `seconds` apart, the most expensive first. `was_reset` when the
    counters went back between them; `lasting` are those that run for long and have not ended, in seconds."""

    seconds: float
    spent: tuple[Spent, ...]
    was_reset: bool = False
    lasting: tuple[float, ...] = ()


def samples(
    before: Sequence[Mapping[str, Any]],
    after: Sequence[Mapping[str, Any]],
    seconds: float,
    sessions: Sequence[Session] = (),
) -> Samples:
    """The difference of two samples, and who runs a statement beside them."""
    earlier = {each["queryid"]: each for each in before}
    spent = []
    was_reset = False
    for each in after:
        old = earlier.get(each["queryid"])
        calls = each["calls"] - (old["calls"] if old else 0)
        took = each["total"] - (old["total"] if old else 0.0)
        was_reset |= calls < 0 or took < -1e-6
        if calls > 0:
            spent.append(Spent(each["queryid"], calls, max(0.0, took), statement(each["query"])))
    spent.sort(key=lambda each: -each.milliseconds)
    running = (each.unchanged or 0.0 for each in sessions if each.state == "active")
    return Samples(seconds, tuple(spent), was_reset, tuple(each for each in running if each > LONG))


def interpret(seen: Samples, question: Question, asked: str) -> Finding:
    """How slow what came to its end is in the mean; `asked` is the runbook's statement, whose own limit counts."""
    if seen.was_reset:
        said = "The counters of pg_stat_statements were set back while they were read."
        return unknown(Cause.NO_DATA, said, question.now, "Run it again.")
    if not seen.spent:
        return _none_ended(seen, question)
    named = IN_STATEMENT.search(asked)
    own = Limit(">", float(named[1]), MEAN.bad, "ms") if named and float(named[1]) < 1000 else MEAN
    allowed = limit(question.thresholds, MEASURE, own)
    slow = [each for each in seen.spent if allowed.verdict(each.mean) is not Verdict.OK]
    worst = max(seen.spent, key=lambda each: each.mean)
    verdict = allowed.verdict(worst.mean)
    bad = [each for each in slow if allowed.verdict(each.mean) is Verdict.BAD]
    if bad and not allowed.bad_line and sum(each.calls for each in bad) < FEWEST:
        verdict = Verdict.WARN
    if verdict is Verdict.OK:
        said = f"{len(seen.spent)} statements in {seen.seconds:.0f} s, the slowest {worst.mean:.0f} ms in the mean"
    else:
        more = f", {len(slow) - 1} more beyond it" if len(slow) > 1 else ""
        said = (
            f"{worst.text[:60]} takes {worst.mean:.0f} ms in the mean, {worst.calls / seen.seconds:.1f} times a second "
            f"({allowed.said(verdict)}{more})"
        )
    verdict = min(verdict, LASTING.verdict(len(seen.lasting)), key=ORDER.index)
    said += f"; {_lasting(seen, ' more')}." if seen.lasting else "."
    rows = tuple(
        (
            f"{each.mean:.0f} ms",
            f"{each.calls / seen.seconds:.1f}/s",
            f"{each.milliseconds:.0f} ms",
            f"{each.id & 0xFFFFFFFF:08x}",
            each.text,
        )
        for each in seen.spent[:MOST_ROWS]
    )
    heads = ("mean", "calls", "total", "id", "statement")
    return Finding(
        verdict,
        said,
        question.now,
        measure=f"{worst.mean:.0f} ms",
        table=Table(heads, rows, max(0, len(seen.spent) - MOST_ROWS)),
        next_look="" if verdict is Verdict.OK else "EXPLAIN the first: an index may be missing.",
    )


def _none_ended(seen: Samples, question: Question) -> Finding:
    """Nothing can be said, unless something runs and runs."""
    said = f"No statement came to its end in {seen.seconds:.0f} s"
    look = "Look at locks and waits: what runs long shows there."
    if not seen.lasting:
        return unknown(Cause.NO_DATA, f"{said}.", question.now, look)
    return Finding(
        LASTING.verdict(len(seen.lasting)),
        f"{said}; {_lasting(seen)}.",
        question.now,
        measure=f"{len(seen.lasting)} not ended",
        next_look=look,
    )


def _lasting(seen: Samples, more: str = "") -> str:
    count = len(seen.lasting)
    have = "has" if count == 1 else "have"
    words = f"{count}{more} {have} run for over {LONG:.0f} s and not ended"
    return f"{words}, the longest for {lasted(max(seen.lasting))}"
