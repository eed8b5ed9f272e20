"""A query of Prometheus, asked at its own interface or through Grafana's proxy: where it stands now and how it went.

Shapes: prometheus.io/docs/prometheus/latest/querying/api, instant and range queries.
"""

import asyncio
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bot.step import HttpCall
from diagnostics.answers import line, understood
from diagnostics.finding import Cause, Finding, Series, Table, Verdict, Window, unknown
from diagnostics.limits import Limit, limit
from diagnostics.question import Question
from diagnostics.web import Web, checked

PATH = re.compile(r"/api/v1/query(?:_range)?$")
ANY = re.compile(r"(?!)")
"""Only a limit that stands at the step itself, without words for a measure, or one that the query names is meant."""

WORD = re.compile(r"[a-z]{4,}", re.I)
MOST_SERIES, MOST_ROWS = 4, 12
ORDER = (Verdict.BAD, Verdict.WARN, Verdict.OK)


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
        for each in told["result"]
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
    named = {word.casefold() for word in WORD.findall(query)}
    told = [
        each
        for each in question.thresholds
        if not each.metric or named & {word.casefold() for word in WORD.findall(each.metric)}
    ]
    last = [(each, each.points[-1][1]) for each in known]
    allowed = next((_limit(each, told) for each in told), None)
    worst, value = max(last, key=lambda each: each[1])
    if allowed is not None and allowed.sign[0] == "<":
        worst, value = min(last, key=lambda each: each[1])
    of = f" of {worst.name}" if worst.name else ""
    more = f", {len(known) - 1} more series" if len(known) > 1 else ""
    change = _change(worst)
    if allowed is None:
        said = f"{value:.4g}{of}{change}{more}; there is no rule for this."
        found = replace(unknown(Cause.NO_RULE, said, question.now), measure=f"{value:.4g}")
    else:
        verdict = allowed.verdict(value)
        beyond = f" ({allowed.said(verdict)})"
        found = Finding(
            verdict,
            f"{value:.4g}{allowed.unit}{of}{beyond}{change}{more}.",
            question.now,
            measure=f"{value:.4g}",
        )
    rows = tuple(
        (each.name or "value", f"{number:.4g}") for each, number in sorted(last, key=lambda each: -each[1])
    )
    first, newest = min(each.points[0][0] for each in known), max(each.points[-1][0] for each in known)
    threshold = None if allowed is None else allowed.bad
    return replace(
        found,
        table=Table(("series", "now"), rows[:MOST_ROWS], max(0, len(rows) - MOST_ROWS)),
        series=tuple(
            Series(each.name or "value", each.points, "", threshold)
            for each in known[:MOST_SERIES]
            if len(each.points) > 1
        ),
        window=Window(first, newest),
        age=max(question.now - newest, newest - newest),
    )


def _limit(told: Any, every: Sequence[Any]) -> Limit:
    same = [replace(each, metric="", unit="") for each in every]
    return replace(limit(same, ANY, Limit(told.sign, None, None)), unit=told.unit)


def _change(curve: Curve) -> str:
    if len(curve.points) < 2 or not curve.points[0][1]:
        return ""
    before, now = curve.points[0][1], curve.points[-1][1]
    if abs(now - before) < 0.2 * abs(before):
        return ""
    return f", {'rose' if now > before else 'fell'} from {before:.4g}"


class Prometheus:
    """The client, and the token of a Grafana (GRAFANA_URL), which goes to that host only."""

    def __init__(self, web: Web, grafana: str = "", token: str = "") -> None:
        self._web, self._grafana, self._token = web, grafana.rstrip("/"), token

    async def look(self, question: Question, by: float) -> Finding:
        """The query as the runbook types it."""
        call = question.action.call
        assert isinstance(call, HttpCall)
        headers = dict(call.headers)
        if self._token and self._grafana and call.url.startswith(f"{self._grafana}/"):
            headers["Authorization"] = f"Bearer {self._token}"
        answer = checked(
            await self._web.ask("GET", call.url, by, headers=headers, verify=call.verify),
            "Look at GRAFANA_SERVICE_ACCOUNT_TOKEN.",
        )
        with understood(call.url):
            seen = await asyncio.to_thread(lambda: curves(answer.json()))
        query = parse_qs(urlsplit(call.url).query).get("query", [""])[0]
        return interpret(seen, query, question)
