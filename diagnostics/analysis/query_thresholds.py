"""Finds the runbook's limit for a metric query, and the query's unit. Pure.

Names of metrics end in their unit: https://prometheus.io/docs/practices/naming. A query that says nothing of it may
count in percent or as a share, in seconds or in milliseconds: then every reading has to come to the same.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.domain.finding import Verdict
from bot.domain.playbook import Threshold
from diagnostics.analysis.thresholds import SCALES, Limit, convert_unit, find_limit

FUNCTION = re.compile(r"\b[a-z]\w*\s*(?=\()", re.I)
"""`rate(`, `sum by (`: what is done with a metric does not say what it measures."""

QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|\[[^\]]*\]")
TOPICS = {
    "latency": re.compile(r"latenc\w*|duration\w*|response.?times?|elapsed", re.I),
    "error": re.compile(r"err(?:or)?s?(?![a-z])|fail\w*|exception\w*|5xx|\b5(?:\.\.|\d\d)", re.I),
    "success": re.compile(r"succe\w*|2xx|\b2(?:\.\.|\d\d)", re.I),
    "memory": re.compile(r"mem(?:ory)?(?![a-z])", re.I),
}
"""What people and metrics call the same thing."""

NAMELESS = frozenset(
    {
        *(
            "rate",
            "ratio",
            "percent",
            "percentage",
            "share",
            "count",
            "number",
            "value",
            "total",
            "sum",
            "bucket",
        ),
        *(
            "high",
            "low",
            "max",
            "min",
            "average",
            "avg",
            "mean",
            "peak",
            "overall",
            "all",
            "any",
            "the",
            "our",
        ),
        *("http", "api", "service", "server", "app", "application", "incident", "time"),
        *("seconds", "milliseconds", "bytes", "usage", "used", "utilization", "utilisation"),
    }
)
"""Words that name nothing that is measured."""

WORD = re.compile(r"[a-z]{3,}", re.I)
QUANTILE = re.compile(r"\bp(\d{2,3})\b", re.I)
PERCENT = re.compile(r"[*]\s*100\b|\b100(?:\.0)?\s*[*]")
THOUSAND = re.compile(r"[*]\s*(?:1000|1e3)\b|\b(?:1000|1e3)\s*[*]")
SECONDS = re.compile(r"_seconds(?:_sum)?(?![\w])|histogram_quantile.*_seconds", re.S)
MILLISECONDS = re.compile(
    r"_(?:ms|millis|milliseconds)(?:_sum)?(?![\w])|histogram_quantile.*_(?:ms|millis)", re.S
)
RATE = re.compile(r"\bi?rate\s*\(|:rate\d", re.I)
SHARE, ANY = "share", re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class QueryLimit:
    """The limit for a query, and what its values may have to be multiplied by to be in the limit's unit."""

    limit: Limit
    factors: tuple[float, ...]

    def verdict(self, value: float) -> Verdict | None:
        """How a value looks; None where it depends on how it is read."""
        seen = {self.limit.verdict(value * factor) for factor in self.factors}
        return seen.pop() if len(seen) == 1 else None


def find_query_limit(query: str, told: Sequence[Threshold], values: Iterable[float]) -> QueryLimit | None:
    """The first of the thresholds that is about this query, with those beside it that look the same way."""
    largest = max((abs(value) for value in values), default=0.0)
    readings = ((threshold, _factors(threshold, query, largest)) for threshold in told)
    fitting = [(threshold, factors) for threshold, factors in readings if factors]
    if not fitting:
        return None
    first, factors = fitting[0]
    alike = (threshold for threshold, _ in fitting if _kind(threshold.unit) == _kind(first.unit))
    same = [replace(threshold, metric="") for threshold in alike]
    return QueryLimit(find_limit(same, ANY, Limit(first.sign, None, None, first.unit)), factors)


def find_query_unit(query: str) -> str:
    """What a query counts in by its own words: `s`, `ms`, `B`, `%`, `share`, `/s`; empty where it does not say."""
    text = QUOTED.sub("", query)
    if PERCENT.search(text) or re.search(r"percent|_pct", text):
        return "%"
    if MILLISECONDS.search(text):
        return "ms"
    if SECONDS.search(text):
        return "ms" if THOUSAND.search(text) else "s"
    if "/" in text or re.search(r"ratio|fraction", text):
        return SHARE
    if RATE.search(text):
        return "/s"
    return "B" if "_bytes" in text else ""


def _factors(told: Threshold, query: str, largest: float) -> tuple[float, ...]:
    """Every way to read the query's values in the threshold's unit; empty when it is not about this query."""
    if told.metric and not _concerns(told.metric, query):
        return ()
    counts, wanted = find_query_unit(query), told.unit
    if not wanted:
        return () if told.metric and counts else (1.0,)
    if not counts:
        return _readings(wanted, largest)
    factor = 100.0 if (counts, wanted) == (SHARE, "%") else convert_unit(1.0, counts, wanted)
    if factor is not None:
        return (factor,)
    # A threshold without a name stands at the query itself: it is meant, whatever the query seems to count in.
    return () if told.metric else _readings(wanted, largest)


def _readings(wanted: str, largest: float) -> tuple[float, ...]:
    """Every way to read values of which nothing tells the unit in the one that is wanted."""
    if wanted == "%":
        return (1.0,) if largest > 1 else (1.0, 100.0)
    of_kind = {"time": ("ms", "s"), "size": ("B",), "rate": ("/s",)}[_kind(wanted)]
    factors = (convert_unit(1.0, unit, wanted) for unit in of_kind)
    return tuple(factor for factor in factors if factor)


def _kind(unit: str) -> str:
    return SCALES[unit][0] if unit in SCALES else unit


def _concerns(metric: str, query: str) -> bool:
    """Whether a query is about everything that a limit names; not about what it takes away from 1."""
    wanted = _topics(metric)
    if not wanted or not wanted <= _topics(FUNCTION.sub("", query)) or re.search(r"\b1\s*-", query):
        return False
    named = QUANTILE.search(metric)
    digits = named[1].rstrip("0") if named else ""
    return named is None or re.search(rf"(?:\.{digits}|p{digits})0*(?!\d)", query) is not None


def _topics(text: str) -> set[str]:
    found = set()
    for name, pattern in TOPICS.items():
        text, number = pattern.subn(" ", text.replace("_", " "))
        found |= {name} if number else set()
    return found | {word.lower().rstrip("s") for word in WORD.findall(text) if word.lower() not in NAMELESS}
