"""Judges the series of a query by the runbook's limits, at their newest values, and charts them.

Without a limit there is no rule. What has ended, or is old, does not tell how it is now. Shapes:
prometheus.io/docs/prometheus/latest/querying/api, instant and range queries.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

from bot.domain.check_request import CheckRequest
from bot.domain.evidence import EvidenceTable
from bot.domain.finding import ChartSeries, Finding, TimeWindow, UnknownCause, Verdict, build_unknown_finding
from diagnostics.analysis.query_thresholds import QueryLimit, find_query_limit
from diagnostics.clients.response_parsing import clean_line, format_span, read_items

MOST_SERIES, MOST_ROWS = 4, 12
ENDED, STALE = timedelta(minutes=5), timedelta(minutes=10)
"""So long after its last point a series has ended, and so old an answer is no answer for now; or twice its step."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One series: its labels in words, and its points in the order of time; one point for an instant query."""

    name: str
    points: tuple[tuple[datetime, float], ...]

    @property
    def newest(self) -> datetime:
        return self.points[-1][0]

    @property
    def values(self) -> tuple[float, ...]:
        return tuple(value for _, value in self.points)


def parse_curves(answer: Mapping[str, Any]) -> tuple[Curve, ...]:
    """The answer's series. Raises what `guard_parsing` turns into words for any other shape."""
    if answer["status"] != "success":
        raise ValueError("the query failed")
    told = answer["data"]
    if told["resultType"] in ("scalar", "string"):
        return (Curve("", _points([told["result"]])),)
    return tuple(
        Curve(_labels(item["metric"]), _points(item["values"] if "values" in item else [item["value"]]))
        for item in read_items(told["result"])
    )


def _points(given: Sequence[Any]) -> tuple[tuple[datetime, float], ...]:
    found = [(datetime.fromtimestamp(float(at), UTC), float(value)) for at, value in given]
    return tuple(sorted(point for point in found if math.isfinite(point[1])))


def _labels(metric: Mapping[str, Any]) -> str:
    told = ", ".join(f"{name}={value}" for name, value in metric.items() if name != "__name__")
    return clean_line(told or metric.get("__name__", ""))


def interpret(seen: Sequence[Curve], query: str, question: CheckRequest) -> Finding:
    """The newest values against a limit of the runbook; without one there is no rule."""
    known = [curve for curve in seen if curve.points]
    if not known:
        said = "The query has no data: nothing matches it, or nothing is measured."
        return build_unknown_finding(
            UnknownCause.NO_DATA, said, question.now, "Check the names in the query."
        )
    newest, step = max(curve.newest for curve in known), 2 * _step(known)
    alive = [curve for curve in known if newest - curve.newest <= max(ENDED, step)]
    limits = find_query_limit(
        query, question.thresholds, chain.from_iterable(curve.values for curve in known)
    )
    age = question.now - newest
    is_stale = age > max(STALE, step)
    return replace(
        _too_old(alive[0], age, question)
        if is_stale
        else _judge_curves(alive, len(known) - len(alive), limits, question),
        table=_table(known, alive, limits),
        series=_series(alive, limits),
        window=TimeWindow(min(curve.points[0][0] for curve in known), newest),
        age=max(age, timedelta()),
    )


def _series(alive: Sequence[Curve], limits: QueryLimit | None) -> tuple[ChartSeries, ...]:
    return tuple(_build_chart_series(curve, limits) for curve in alive[:MOST_SERIES] if len(curve.points) > 1)


def _too_old(curve: Curve, age: timedelta, question: CheckRequest) -> Finding:
    value = curve.points[-1][1]
    said = f"The newest value is {format_span(age)} old: it was {value:.4g}, and how it is now is not told."
    return build_unknown_finding(
        UnknownCause.NO_DATA, said, question.now, "Check the start and the end in the address."
    )


def _judge_curves(
    alive: Sequence[Curve], ended: int, limits: QueryLimit | None, question: CheckRequest
) -> Finding:
    low = limits is not None and limits.limit.sign.startswith("<")
    worst = (min if low else max)(alive, key=lambda curve: curve.points[-1][1])
    value = worst.points[-1][1]
    of = f" of {worst.name}" if worst.name else ""
    rest = f", {len(alive) - 1} more series" if len(alive) > 1 else ""
    rest += f", {ended} ended" if ended else ""
    factor, unit = _scale(limits)
    shown = f"{_number(value, factor, unit)}{of}"
    change = _change(worst, factor, unit)
    if limits is None:
        said = f"{shown}{change}{rest}; there is no rule for this."
        return replace(
            build_unknown_finding(UnknownCause.NO_RULE, said, question.now), measure=f"{value:.4g}"
        )
    verdict = limits.verdict(value)
    if verdict is None:
        said = (
            f"{value:.4g}{of}{change}{rest}: whether that is beyond the {limits.limit.describe(Verdict.BAD)} "
        )
        said += "depends on the unit, which the query does not tell."
        then = "Multiply by 100 for percent or by 1000 for milliseconds in the query, or name the metric with its unit."
        return replace(
            build_unknown_finding(UnknownCause.NO_RULE, said, question.now, then), measure=f"{value:.4g}"
        )
    return Finding(
        verdict,
        f"{shown} ({limits.limit.describe(verdict)}){change}{rest}.",
        question.now,
        measure=_number(value, factor, unit),
    )


def _scale(limits: QueryLimit | None) -> tuple[float, str]:
    """What the shown numbers are multiplied by, and their unit; as they are where both are not certain."""
    return (limits.factors[0], limits.limit.unit) if limits is not None else (1.0, "")


def _number(value: float, factor: float, unit: str) -> str:
    return f"{value * factor:.4g}{' ' * unit[:1].isalpha()}{unit}"


def _table(known: Sequence[Curve], alive: Sequence[Curve], limits: QueryLimit | None) -> EvidenceTable:
    factor, unit = _scale(limits if limits is not None and len(limits.factors) == 1 else None)
    order = sorted(known, key=lambda curve: (curve not in alive, -curve.points[-1][1]))
    rows = tuple(
        (curve.name or "value", _number(curve.points[-1][1], factor, unit) if curve in alive else "ended")
        for curve in order
    )
    return EvidenceTable(("series", "now"), rows[:MOST_ROWS], max(0, len(rows) - MOST_ROWS))


def _build_chart_series(curve: Curve, limits: QueryLimit | None) -> ChartSeries:
    factor, unit = _scale(limits if limits is not None and len(limits.factors) == 1 else None)
    threshold = limits.limit.bad if limits is not None and len(limits.factors) == 1 else None
    points = tuple((at, value * factor) for at, value in curve.points)
    return ChartSeries(curve.name or "value", points, unit, threshold)


def _step(known: Sequence[Curve]) -> timedelta:
    """How far two points lie apart; nothing where each series has one."""
    return min(
        (curve.points[-1][0] - curve.points[-2][0] for curve in known if len(curve.points) > 1),
        default=timedelta(),
    )


def _change(curve: Curve, factor: float, unit: str) -> str:
    if len(curve.points) < 2 or not curve.points[0][1]:
        return ""
    before, now = curve.points[0][1], curve.points[-1][1]
    if abs(now - before) < 0.2 * abs(before):
        return ""
    return f", {'rose' if now > before else 'fell'} from {_number(before, factor, unit)}"
