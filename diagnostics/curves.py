"""Series of a query, judged on where they stand now by the runbook's own limits, with how they went as a chart.

Without a limit there is no rule. What has ended, or is old, does not tell how it is now. Shapes:
prometheus.io/docs/prometheus/latest/querying/api, instant and range queries.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from diagnostics.answers import items, line, spoken
from diagnostics.finding import Cause, Finding, Series, Table, Verdict, Window, unknown
from diagnostics.queries import Meant, meant
from diagnostics.question import Question

MOST_SERIES, MOST_ROWS = 4, 12
ENDED, STALE = timedelta(minutes=5), timedelta(minutes=10)
"""So long after its last point a series has ended, and so old an answer is no answer for now; or twice its step."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One series: its labels in words, and its points in the order of time; one point for an instant query."""

    name: str
    points: tuple[tuple[datetime, float], ...]


def curves(answer: Mapping[str, Any]) -> tuple[Curve, ...]:
    """The answer's series. Raises what `understood` turns into words for any other shape."""
    if answer["status"] != "success":
        raise ValueError("the query failed")
    told = answer["data"]
    if told["resultType"] in ("scalar", "string"):
        return (Curve("", _points([told["result"]])),)
    return tuple(
        Curve(_labels(each["metric"]), _points(each["values"] if "values" in each else [each["value"]]))
        for each in items(told["result"])
    )


def _points(given: Sequence[Any]) -> tuple[tuple[datetime, float], ...]:
    found = [(datetime.fromtimestamp(float(at), UTC), float(value)) for at, value in given]
    return tuple(sorted(each for each in found if math.isfinite(each[1])))


def _labels(metric: Mapping[str, Any]) -> str:
    told = ", ".join(f"{name}={value}" for name, value in metric.items() if name != "__name__")
    return line(told or metric.get("__name__", ""))


def interpret(seen: Sequence[Curve], query: str, question: Question) -> Finding:
    """The newest values against a limit of the runbook; without one there is no rule."""
    known = [each for each in seen if each.points]
    if not known:
        said = "The query has no data: nothing matches it, or nothing is measured."
        return unknown(Cause.NO_DATA, said, question.now, "Look at the names in the query.")
    first, newest = min(each.points[0][0] for each in known), max(each.points[-1][0] for each in known)
    step = 2 * _step(known)
    alive = [each for each in known if newest - each.points[-1][0] <= max(ENDED, step)]
    limits = meant(query, question.thresholds, (value for each in known for _, value in each.points))
    if question.now - newest > max(STALE, step):
        age = spoken(question.now - newest)
        said = f"The newest value is {age} old: it was {alive[0].points[-1][1]:.4g}, and how it is now is not told."
        then = "Look at the start and the end in the address."
        found = unknown(Cause.NO_DATA, said, question.now, then)
    else:
        found = _judged(alive, len(known) - len(alive), limits, question)
    return replace(
        found,
        table=_table(known, alive, limits),
        series=tuple(_charted(each, limits) for each in alive[:MOST_SERIES] if len(each.points) > 1),
        window=Window(first, newest),
        age=max(question.now - newest, timedelta()),
    )


def _judged(alive: Sequence[Curve], ended: int, limits: Meant | None, question: Question) -> Finding:
    low = limits is not None and limits.limit.sign.startswith("<")
    worst = (min if low else max)(alive, key=lambda each: each.points[-1][1])
    value = worst.points[-1][1]
    of = f" of {worst.name}" if worst.name else ""
    rest = f", {len(alive) - 1} more series" if len(alive) > 1 else ""
    rest += f", {ended} ended" if ended else ""
    factor, unit = _scale(limits)
    shown = f"{_number(value, factor, unit)}{of}"
    change = _change(worst, factor, unit)
    if limits is None:
        said = f"{shown}{change}{rest}; there is no rule for this."
        return replace(unknown(Cause.NO_RULE, said, question.now), measure=f"{value:.4g}")
    verdict = limits.verdict(value)
    if verdict is None:
        said = f"{value:.4g}{of}{change}{rest}: whether that is beyond the {limits.limit.said(Verdict.BAD)} "
        said += "depends on the unit, which the query does not tell."
        then = "Multiply by 100 for percent or by 1000 for milliseconds in the query, or name the metric with its unit."
        return replace(unknown(Cause.NO_RULE, said, question.now, then), measure=f"{value:.4g}")
    return Finding(
        verdict,
        f"{shown} ({limits.limit.said(verdict)}){change}{rest}.",
        question.now,
        measure=_number(value, factor, unit),
    )


def _scale(limits: Meant | None) -> tuple[float, str]:
    """What the shown numbers are multiplied by, and their unit; as they are where both are not certain."""
    return (limits.factors[0], limits.limit.unit) if limits is not None else (1.0, "")


def _number(value: float, factor: float, unit: str) -> str:
    return f"{value * factor:.4g}{' ' * unit[:1].isalpha()}{unit}"


def _table(known: Sequence[Curve], alive: Sequence[Curve], limits: Meant | None) -> Table:
    factor, unit = _scale(limits if limits is not None and len(limits.factors) == 1 else None)
    order = sorted(known, key=lambda each: (each not in alive, -each.points[-1][1]))
    rows = tuple(
        (each.name or "value", _number(each.points[-1][1], factor, unit) if each in alive else "ended")
        for each in order
    )
    return Table(("series", "now"), rows[:MOST_ROWS], max(0, len(rows) - MOST_ROWS))


def _charted(curve: Curve, limits: Meant | None) -> Series:
    factor, unit = _scale(limits if limits is not None and len(limits.factors) == 1 else None)
    threshold = limits.limit.bad if limits is not None and len(limits.factors) == 1 else None
    points = tuple((at, value * factor) for at, value in curve.points)
    return Series(curve.name or "value", points, unit, threshold)


def _step(known: Sequence[Curve]) -> timedelta:
    """How far two points lie apart; nothing where each series has one."""
    return min(
        (each.points[-1][0] - each.points[-2][0] for each in known if len(each.points) > 1),
        default=timedelta(),
    )


def _change(curve: Curve, factor: float, unit: str) -> str:
    if len(curve.points) < 2 or not curve.points[0][1]:
        return ""
    before, now = curve.points[0][1], curve.points[-1][1]
    if abs(now - before) < 0.2 * abs(before):
        return ""
    return f", {'rose' if now > before else 'fell'} from {_number(before, factor, unit)}"
