"""Which statements take the database's time now: the difference of two samples of pg_stat_statements, not since its
reset months ago."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.check_request import CheckRequest
from bot.domain.evidence import EvidenceTable
from bot.domain.finding import Finding, UnknownCause, Verdict, build_unknown_finding
from diagnostics.analysis.thresholds import Limit, find_limit
from diagnostics.systems.postgres.models import PostgresSession, normalise_statement
from diagnostics.systems.postgres.rules import ORDER, format_duration

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
MAX_ROWS = 10

SAMPLE = """
select queryid, sum(calls)::bigint as calls, sum({total})::float8 as total, max(left(query, 400)) as query
from pg_stat_statements where queryid is not null and query not ilike '%pg_stat_statements%' group by queryid
"""
"""`{total}` is total_exec_time, before PostgreSQL 13 total_time."""


@dataclass(frozen=True, slots=True)
class StatementTime:
    """One statement between two samples: how often it came to its end, and its time in milliseconds."""

    id: int
    calls: int
    milliseconds: float
    text: str

    @property
    def mean(self) -> float:
        return self.milliseconds / self.calls if self.calls else 0.0


@dataclass(frozen=True, slots=True)
class StatementSamples:
    """What came to its end between two samples `seconds` apart, the most expensive first. `was_reset` when the
    counters went back between them; `lasting` are those that run for long and have not ended, in seconds, and
    `active` counts all that run."""

    seconds: float
    spent: tuple[StatementTime, ...]
    was_reset: bool = False
    lasting: tuple[float, ...] = ()
    active: int = 0


def compare_samples(
    before: Sequence[Mapping[str, Any]],
    after: Sequence[Mapping[str, Any]],
    seconds: float,
    sessions: Sequence[PostgresSession] = (),
) -> StatementSamples:
    """The difference of two samples, and who runs a statement beside them."""
    earlier = {old["queryid"]: (old["calls"], old["total"]) for old in before}
    spent = []
    was_reset = False
    for new in after:
        old_calls, old_total = earlier.get(new["queryid"], (0, 0.0))
        calls, took = new["calls"] - old_calls, new["total"] - old_total
        was_reset |= calls < 0 or took < -1e-6
        if calls > 0:
            spent.append(
                StatementTime(new["queryid"], calls, max(0.0, took), normalise_statement(new["query"]))
            )
    spent.sort(key=lambda entry: -entry.milliseconds)
    running = [session.unchanged or 0.0 for session in sessions if session.state == "active"]
    lasting = tuple(seconds for seconds in running if seconds > LONG)
    return StatementSamples(seconds, tuple(spent), was_reset, lasting, len(running))


def interpret(seen: StatementSamples, question: CheckRequest, asked: str) -> Finding:
    """How slow what came to its end is on average; `asked` is the runbook's statement, whose own limit counts."""
    if seen.was_reset:
        said = "The counters of pg_stat_statements were set back while they were read."
        return build_unknown_finding(UnknownCause.NO_DATA, said, question.now, "Run it again.")
    if not seen.spent:
        return _none_ended(seen, question)
    named = IN_STATEMENT.search(asked)
    own = Limit(">", float(named[1]), MEAN.bad, "ms") if named and float(named[1]) < 1000 else MEAN
    allowed = find_limit(question.thresholds, MEASURE, own)
    worst = max(seen.spent, key=lambda entry: entry.mean)
    of_mean = _verdict(seen, worst, allowed)
    verdict = min(of_mean, LASTING.verdict(len(seen.lasting)), key=ORDER.index)
    lasting = f"; {_lasting(seen, ' more')}" if seen.lasting else ""
    return Finding(
        verdict,
        f"{_headline(seen, worst, of_mean, allowed)}{lasting}.",
        question.now,
        measure=f"{worst.mean:.0f} ms",
        table=_table(seen),
        next_look="" if verdict is Verdict.OK else "EXPLAIN the first: an index may be missing.",
    )


def _verdict(seen: StatementSamples, worst: StatementTime, allowed: Limit) -> Verdict:
    """The verdict on the slowest mean; by our own limit a call alone is no more than suspicious."""
    verdict = allowed.verdict(worst.mean)
    if verdict is not Verdict.BAD or allowed.bad_line:
        return verdict
    calls = sum(entry.calls for entry in seen.spent if allowed.verdict(entry.mean) is Verdict.BAD)
    return Verdict.BAD if calls >= FEWEST else Verdict.WARN


def _headline(seen: StatementSamples, worst: StatementTime, verdict: Verdict, allowed: Limit) -> str:
    if verdict is Verdict.OK:
        count = "1 statement" if len(seen.spent) == 1 else f"{len(seen.spent)} statements"
        return f"{count} in {seen.seconds:.0f} s, the slowest {worst.mean:.0f} ms on average"
    slow = sum(allowed.verdict(entry.mean) is not Verdict.OK for entry in seen.spent)
    more = f", {slow - 1} more beyond it" if slow > 1 else ""
    often = f"{worst.calls / seen.seconds:.1f} times a second"
    mean = f"{worst.mean:.0f} ms on average"
    return f"{worst.text[:60]} takes {mean}, {often} ({allowed.describe(verdict)}{more})"


def _table(seen: StatementSamples) -> EvidenceTable:
    rows = tuple(
        (
            f"{entry.mean:.0f} ms",
            f"{entry.calls / seen.seconds:.1f}/s",
            f"{entry.milliseconds:.0f} ms",
            f"{entry.id & 0xFFFFFFFF:08x}",
            entry.text,
        )
        for entry in seen.spent[:MAX_ROWS]
    )
    return EvidenceTable(
        ("mean", "calls", "total", "id", "statement"), rows, max(0, len(seen.spent) - MAX_ROWS)
    )


def _none_ended(seen: StatementSamples, question: CheckRequest) -> Finding:
    """Nothing can be said, unless something runs and runs."""
    said = f"No statement came to its end in {seen.seconds:.0f} s"
    look = "Check locks and waits: what runs long shows there."
    if not seen.active:
        idle = f"Nothing runs just now: no session is active, and no statement came in {seen.seconds:.0f} s."
        return build_unknown_finding(
            UnknownCause.NO_DATA, idle, question.now, "Check whether requests reach the application at all."
        )
    if not seen.lasting:
        return build_unknown_finding(UnknownCause.NO_DATA, f"{said}.", question.now, look)
    return Finding(
        LASTING.verdict(len(seen.lasting)),
        f"{said}; {_lasting(seen)}.",
        question.now,
        measure=f"{len(seen.lasting)} not ended",
        next_look=look,
    )


def _lasting(seen: StatementSamples, more: str = "") -> str:
    count = len(seen.lasting)
    have = "has" if count == 1 else "have"
    words = f"{count}{more} {have} run for over {LONG:.0f} s and not ended"
    return f"{words}, the longest for {format_duration(max(seen.lasting))}"
