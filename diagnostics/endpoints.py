"""How long what took: the rows of a query of Logs Insights, and p95 by endpoint from the fields that it names."""

import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

from diagnostics.finding import CannotTell, Cause, Finding, Table, Verdict, Window, unknown
from diagnostics.limits import Limit, limit
from diagnostics.metrics import number
from diagnostics.question import Question
from diagnostics.redaction import redacted_value
from diagnostics.shapes import as_table, as_text, cell

P95 = Limit(">", 1000, 3000, "ms")
P95_WORDS = re.compile(r"\bp9[059]\b|latency|response.?time|\bdurations?\b|\bslow", re.IGNORECASE)
FEWEST = 20
"""Of fewer requests p95 is no more than suspicious."""

TOP = 20
NAME = re.compile(r"`[^`]{1,80}`|@?[A-Za-z_][\w.]{0,80}")
TEXTS = re.compile(r"/(?:[^/\\]|\\.){0,500}/|\"[^\"]{0,500}\"|'[^']{0,500}'")
DURATION = re.compile(
    r"(?:.*[._])?(?:duration|latency|elapsed|response_?time|took)(?:_?(?:ms|millis|s|secs?|seconds))?$",
    re.IGNORECASE,
)
SECONDS = re.compile(r"_(?:s|secs?|seconds)$|(?<=[a-z])(?:Seconds|Secs)$")
ENDPOINT = re.compile(
    r"(?:.*[._])?(?:endpoint|path|route|url|uri|operation|handler|resource|request_?(?:path|url|uri))$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Came:
    """What a query gave, redacted. `whole` when it ran to its end; `matched` and `read` count lines, `size` bytes."""

    rows: tuple[Mapping[str, str], ...]
    whole: bool
    matched: int = 0
    read: int = 0
    size: float = 0.0


@dataclass(frozen=True, slots=True)
class Timed:
    """Which fields of a query say how long what took; `unit` is that of the duration."""

    duration: str
    endpoint: str
    unit: str


def fields_of(query: str) -> Timed | None:
    """How long what took, by the query's own fields; None when it names no such two, or counts itself."""
    plain = TEXTS.sub(" ", query)
    if re.search(r"\|\s*stats\b|^\s*stats\b", plain, re.IGNORECASE):
        return None
    names = NAME.findall(plain)
    duration = next((each for each in names if DURATION.fullmatch(each.strip("`"))), None)
    endpoint = next((each for each in names if ENDPOINT.fullmatch(each.strip("`"))), None)
    if duration is None or endpoint is None:
        return None
    return Timed(duration, endpoint, "s" if SECONDS.search(duration.strip("`")) else "ms")


def by_endpoint(query: str, timed: Timed) -> str:
    """p95 by endpoint over the lines that the query looks at; but not only over those that took long."""
    kept = [
        part.strip()
        for part in _parts(query)
        if re.match(r"\s*(?:filter|parse)\b", part, re.IGNORECASE)
        and timed.duration not in TEXTS.sub(" ", part)
    ]
    counted = (
        f"stats count({timed.duration}) as requests, pct({timed.duration}, 95) as p95,"
        f" max({timed.duration}) as slowest by {timed.endpoint}"
    )
    return " | ".join((*kept, counted, "sort p95 desc", f"limit {TOP}"))


def _parts(query: str) -> list[str]:
    """The commands of a query; a bar inside of a text or a pattern parts nothing."""
    hidden = TEXTS.sub(lambda found: found[0].replace("|", "\0"), query)
    return [part.replace("\0", "|") for part in hidden.split("|")]


def snapshot(answer: Mapping[str, Any]) -> Came:
    """GetQueryResults' answer as values; every value is redacted here. Raises CannotTell for another shape."""
    statistics = answer.get("statistics") or {}
    try:
        rows = tuple(
            {
                str(each["field"]): cell(redacted_value(each.get("value"), str(each["field"])))
                for each in row
                if each["field"] != "@ptr"
            }
            for row in answer.get("results") or ()
        )
        return Came(
            rows,
            answer.get("status") == "Complete",
            int(statistics.get("recordsMatched") or 0),
            int(statistics.get("recordsScanned") or 0),
            float(statistics.get("bytesScanned") or 0),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        said = f"Logs Insights answered in a shape that I do not know ({type(error).__name__})."
        raise CannotTell(Cause.NOT_UNDERSTOOD, said, "Open the query in the console.") from None


def interpret(
    own: Came, slow: Came | CannotTell | None, timed: Timed | None, question: Question, window: Window
) -> Finding:
    """The judgement of p95 by endpoint; rows of any other query are shown without one."""
    notes = [_read(own, "The query")]
    if isinstance(slow, CannotTell):
        notes.append(f"p95 by endpoint is not known: {slow.said}")
    elif slow is not None:
        notes.append(_read(slow, "p95 by endpoint"))
    rows = _rows(slow) if isinstance(slow, Came) else []
    if timed is not None and rows:
        found = _judged(rows, isinstance(slow, Came) and slow.whole, timed, question)
        text = "\n".join(
            (*notes, as_text([dict(each) for each in own.rows[:TOP]]) if own.rows else "No row came.")
        )
        return replace(found, text=text, window=window)
    ended = own.whole and not (isinstance(slow, Came) and not slow.whole)
    if not own.rows:
        cause = Cause.NO_DATA if ended else Cause.TIMEOUT
        said = "No row came" if ended else "No row came before the time was over"
        why = " and no line was read: nothing was written then" if ended and not own.read else ""
        found = unknown(
            cause, f"{said}{why}.", question.now, "Look at the group, at the time and at the fields."
        )
        return replace(found, text="\n".join(notes), window=window)
    part = "" if own.whole else ", and there may be more: the time was over"
    said = f"{len(own.rows)} row{'s' * (len(own.rows) > 1)} came{part}; I have no rule for what they mean."
    table = as_table([dict(each) for each in own.rows])
    found = unknown(Cause.NO_RULE, said, question.now)
    return replace(found, table=table, text="\n".join(notes), window=window, measure=f"{len(own.rows)} rows")


def _rows(slow: Came) -> list[tuple[str, int, float, float]]:
    """(endpoint, requests, p95, slowest), the slowest first; rows without a time are left out."""
    found = []
    for each in slow.rows:
        with contextlib.suppress(KeyError, ValueError):
            others = (value for field, value in each.items() if field not in ("requests", "p95", "slowest"))
            name = next(others, "(no endpoint)")
            requests, p95, slowest = (float(each[field]) for field in ("requests", "p95", "slowest"))
            if isfinite(requests) and isfinite(p95):
                found.append((name, int(requests), p95, slowest if isfinite(slowest) else p95))
    return sorted(found, key=lambda row: -row[2])


def _judged(
    rows: list[tuple[str, int, float, float]], whole: bool, timed: Timed, question: Question
) -> Finding:
    scale = 1000 if timed.unit == "s" else 1
    allowed = limit(question.thresholds, P95_WORDS, P95)

    def verdict_of(row: tuple[str, int, float, float]) -> Verdict:
        found = allowed.verdict(row[2] * scale)
        return Verdict.WARN if found is Verdict.BAD and row[1] < FEWEST else found

    order = (Verdict.BAD, Verdict.WARN, Verdict.OK)
    first = min(rows, key=lambda row: (order.index(verdict_of(row)), -row[2]))
    verdict = verdict_of(first)
    name, requests, p95, _ = first
    beyond = sum(verdict_of(row) is not Verdict.OK for row in rows)
    so_far = "" if whole else ", as far as it was read in time"
    told = allowed.said(verdict if verdict is not Verdict.OK else Verdict.BAD)
    said = (
        f"p95 of {name} is {number(p95 * scale, 'ms')} over {requests:,} requests{so_far} ({told})"
        + (f"; {beyond} of {len(rows)} endpoints are beyond it." if verdict is not Verdict.OK else ": the slowest of "
           f"{len(rows)}.")
    )  # fmt: skip
    cause = None
    if verdict is Verdict.OK and not whole:
        verdict, cause = Verdict.UNKNOWN, Cause.TIMEOUT
    table = Table(
        ("endpoint", "requests", "p95", "slowest"),
        tuple(
            (each, f"{count:,}", number(of * scale, "ms"), number(most * scale, "ms"))
            for each, count, of, most in rows[:TOP]
        ),
        max(0, len(rows) - TOP),
    )
    look = "Look at the slow queries of the database, and at what this endpoint waits for."
    return Finding(
        verdict,
        said,
        question.now,
        cause,
        measure=f"p95 {number(p95 * scale, 'ms')}",
        table=table,
        next_look=look if verdict in (Verdict.WARN, Verdict.BAD) else "",
    )


def _read(came: Came, what: str) -> str:
    part = "" if came.whole else ", stopped before its end"
    return f"{what}: {came.matched:,} of {came.read:,} lines match, {number(came.size, 'B')} read{part}."
