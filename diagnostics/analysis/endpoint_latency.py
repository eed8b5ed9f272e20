"""Latency from the rows of a Logs Insights query: p95 by endpoint, from the fields that the query names."""

import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any, NamedTuple

from bot.domain.check_request import CheckRequest
from bot.domain.evidence import EvidenceTable
from bot.domain.finding import Finding, Inconclusive, TimeWindow, UnknownCause, Verdict, build_unknown_finding
from bot.text.redaction import redact_value
from diagnostics.analysis.cloudwatch_points import format_number
from diagnostics.analysis.thresholds import Limit, find_limit
from diagnostics.rendering.tables import build_table, format_cell, format_text

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
class QueryResult:
    """What a query gave, redacted. `whole` when it ran to its end; `matched` and `read` count lines, `size` bytes."""

    rows: tuple[Mapping[str, str], ...]
    whole: bool
    matched: int = 0
    read: int = 0
    size: float = 0.0


@dataclass(frozen=True, slots=True)
class LatencyFields:
    """Which fields of a query say how long what took; `unit` is that of the duration."""

    duration: str
    endpoint: str
    unit: str


class EndpointLatency(NamedTuple):
    """How often an endpoint was asked, and how long it took, in the unit of the query's duration."""

    name: str
    requests: int
    p95: float
    slowest: float


def find_latency_fields(query: str) -> LatencyFields | None:
    """How long what took, by the query's own fields; None when it names no such two, or counts itself."""
    plain = TEXTS.sub(" ", query)
    if re.search(r"\|\s*stats\b|^\s*stats\b", plain, re.IGNORECASE):
        return None
    names = NAME.findall(plain)
    duration = next((name for name in names if DURATION.fullmatch(name.strip("`"))), None)
    endpoint = next((name for name in names if ENDPOINT.fullmatch(name.strip("`"))), None)
    if duration is None or endpoint is None:
        return None
    return LatencyFields(duration, endpoint, "s" if SECONDS.search(duration.strip("`")) else "ms")


def build_endpoint_query(query: str, timed: LatencyFields) -> str:
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


def parse_query_result(answer: Mapping[str, Any]) -> QueryResult:
    """GetQueryResults' answer as values; every value is redacted here. Raises Inconclusive for another shape."""
    statistics = answer.get("statistics") or {}
    try:
        rows = tuple(
            {
                str(field["field"]): format_cell(redact_value(field.get("value"), str(field["field"])))
                for field in row
                if field["field"] != "@ptr"
            }
            for row in answer.get("results") or ()
        )
        return QueryResult(
            rows,
            answer.get("status") == "Complete",
            int(statistics.get("recordsMatched") or 0),
            int(statistics.get("recordsScanned") or 0),
            float(statistics.get("bytesScanned") or 0),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        said = f"Logs Insights answered in a shape that I do not know ({type(error).__name__})."
        raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, said, "Open the query in the console.") from None


def interpret(
    own: QueryResult,
    slow: QueryResult | Inconclusive | None,
    timed: LatencyFields | None,
    question: CheckRequest,
    window: TimeWindow,
) -> Finding:
    """The judgement of p95 by endpoint; rows of any other query are shown without one."""
    notes = _notes(own, slow)
    if timed is not None and isinstance(slow, QueryResult) and (rows := _rows(slow)):
        found = _judge_endpoints(rows, slow.whole, timed, question)
        notes.append(format_text([dict(row) for row in own.rows[:TOP]]) if own.rows else "No row came.")
    elif own.rows:
        found = _without_rule(own, question)
    else:
        ended = own.whole and (slow.whole if isinstance(slow, QueryResult) else True)
        found = _nothing(own, ended, question)
    return replace(found, text="\n".join(notes), window=window)


def _notes(own: QueryResult, slow: QueryResult | Inconclusive | None) -> list[str]:
    """What each of the two queries read."""
    notes = [_read(own, "The query")]
    if isinstance(slow, Inconclusive):
        notes.append(f"p95 by endpoint is not known: {slow.said}")
    elif slow is not None:
        notes.append(_read(slow, "p95 by endpoint"))
    return notes


def _nothing(own: QueryResult, ended: bool, question: CheckRequest) -> Finding:
    """No row came: there is nothing, or the time was over before it came."""
    look = "Check the group, the time and the fields."
    if not ended:
        return build_unknown_finding(
            UnknownCause.TIMEOUT, "No row came before the time was over.", question.now, look
        )
    why = "" if own.read else " and no line was read: nothing was written then"
    return build_unknown_finding(UnknownCause.NO_DATA, f"No row came{why}.", question.now, look)


def _without_rule(own: QueryResult, question: CheckRequest) -> Finding:
    """The rows of a query that counts something of its own."""
    part = "" if own.whole else ", and there may be more: the time was over"
    said = f"{len(own.rows)} row{'s' * (len(own.rows) > 1)} came{part}; I have no rule for what they mean."
    found = build_unknown_finding(UnknownCause.NO_RULE, said, question.now)
    return replace(found, table=build_table([dict(row) for row in own.rows]), measure=f"{len(own.rows)} rows")


def _rows(slow: QueryResult) -> list[EndpointLatency]:
    """The slowest first; rows without a time are left out."""
    found = []
    for row in slow.rows:
        with contextlib.suppress(KeyError, ValueError):
            others = (value for field, value in row.items() if field not in ("requests", "p95", "slowest"))
            name = next(others, "(no endpoint)")
            requests, p95, slowest = (float(row[field]) for field in ("requests", "p95", "slowest"))
            if isfinite(requests) and isfinite(p95):
                found.append(EndpointLatency(name, int(requests), p95, slowest if isfinite(slowest) else p95))
    return sorted(found, key=lambda endpoint: -endpoint.p95)


def _judge_endpoints(
    rows: list[EndpointLatency], whole: bool, timed: LatencyFields, question: CheckRequest
) -> Finding:
    scale = 1000 if timed.unit == "s" else 1
    allowed = find_limit(question.thresholds, P95_WORDS, P95)
    verdicts = [_verdict(endpoint, allowed, scale) for endpoint in rows]
    order = (Verdict.BAD, Verdict.WARN, Verdict.OK)
    # The slowest comes first in the rows, and so it does among those of one verdict.
    verdict, first = min(zip(verdicts, rows, strict=True), key=lambda judged: order.index(judged[0]))
    so_far = "" if whole else ", as far as it was read in time"
    p95 = format_number(first.p95 * scale, "ms")
    if verdict is Verdict.OK:
        how = f"({allowed.describe(Verdict.BAD)}): the slowest of {len(rows)}."
    else:
        beyond = len(rows) - verdicts.count(Verdict.OK)
        are = "is" if beyond == 1 else "are"
        how = f"({allowed.describe(verdict)}); {beyond} of {len(rows)} endpoints {are} over it."
    is_known = whole or verdict is not Verdict.OK
    look = "Check the slow queries of the database and what this endpoint waits for."
    return Finding(
        verdict if is_known else Verdict.UNKNOWN,
        f"p95 of {first.name} is {p95} over {first.requests:,} requests{so_far} {how}",
        question.now,
        None if is_known else UnknownCause.TIMEOUT,
        measure=f"p95 {p95}",
        table=_table(rows, scale),
        next_look="" if verdict is Verdict.OK else look,
    )


def _verdict(endpoint: EndpointLatency, allowed: Limit, scale: int) -> Verdict:
    verdict = allowed.verdict(endpoint.p95 * scale)
    return Verdict.WARN if verdict is Verdict.BAD and endpoint.requests < FEWEST else verdict


def _table(rows: list[EndpointLatency], scale: int) -> EvidenceTable:
    cells = tuple(
        (
            endpoint.name,
            f"{endpoint.requests:,}",
            format_number(endpoint.p95 * scale, "ms"),
            format_number(endpoint.slowest * scale, "ms"),
        )
        for endpoint in rows[:TOP]
    )
    return EvidenceTable(("endpoint", "requests", "p95", "slowest"), cells, max(0, len(rows) - TOP))


def _read(came: QueryResult, what: str) -> str:
    part = "" if came.whole else ", stopped before its end"
    # A service that does not count the matches gives rows all the same.
    counted = came.matched >= len(came.rows)
    lines = f"{came.matched:,} of {came.read:,} lines match" if counted else f"{came.read:,} lines"
    return f"{what}: {lines}, {format_number(came.size, 'B')} read{part}."
