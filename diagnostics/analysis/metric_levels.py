"""Judges the level of a metric: now, against before, and whether values still arrive."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from bot.domain.finding import TimeWindow, Verdict
from bot.domain.playbook import Threshold
from diagnostics.analysis.cloudwatch_points import (
    Metric,
    MetricReading,
    Points,
    compute_mean,
    format_number,
)
from diagnostics.analysis.rule_table import Rule, always, judge
from diagnostics.analysis.thresholds import Limit, find_limit

GiB, MiB = 1024.0**3, 1024.0**2
LAST = 5
"""The level is the mean of so many of the last points: one minute alone says little."""

STALE, MISSED = timedelta(minutes=6), 3
"""Nothing newer than this at the end of the window, or so many points missed where they come more rarely: what was
measured is gone. A metric without a rule may count what happens now and then."""

MOVED = 20.0
"""Points of a percentage between before and now that are worth a look, whichever way."""


@dataclass(frozen=True, slots=True)
class MetricRule:
    """How a metric is judged: its limit, the runbook's words for it, how people call it, and by which factor it may
    change against before (`grows`: becomes more, else less); 0 when any change is fine, and so it is up to `fewest`.
    `negative` is what a number below nought means."""

    called: str
    limit: Limit
    words: re.Pattern[str]
    factor: float = 0.0
    grows: bool = True
    fewest: float = 0.0
    negative: str = ""

    @property
    def has_limit(self) -> bool:
        """Whether it says from where on anything is suspicious or bad."""
        return self.limit.warn is not None or self.limit.bad is not None


def _rule(
    called: str, shipped: Limit, words: str, factor: float = 0.0, grows: bool = True, **more: Any
) -> MetricRule:
    return MetricRule(called, shipped, re.compile(words, re.IGNORECASE), factor, grows, **more)


UTILISATION = r"^(?!.*\b(?:mem|memory|cpu|disk|storage|network|pool|connections?)\b).*utili[sz]ation"
"""Of nothing that is named: then it is that of the metric."""

PERCENT = Limit(">", 80, 90, "%")
STORAGE = Limit("<", 10 * GiB, 2 * GiB, "B")
RULES = {
    "CPUUtilization": _rule("CPU", PERCENT, rf"\bcpu\b|{UTILISATION}"),
    "EngineCPUUtilization": _rule("engine CPU", PERCENT, rf"\bcpu\b|{UTILISATION}"),
    "MemoryUtilization": _rule("memory", PERCENT, rf"\bmem(?:ory)?\b|{UTILISATION}"),
    "DatabaseMemoryUsagePercentage": _rule("memory", PERCENT, r"\bmem(?:ory)?\b"),
    "DatabaseConnections": _rule("connections", Limit(">", None, None, ""), r"\bconnections?\b", 2.0, fewest=20),
    "FreeableMemory": _rule("free memory", Limit("<", 256 * MiB, 100 * MiB, "B"), r"\bmem(?:ory)?\b", 0.5, False),
    "FreeStorageSpace": _rule("free storage", STORAGE, r"storage|\bdisk\b|space", 0.5, False),
    "FreeLocalStorage": _rule("free local storage", STORAGE, r"storage|\bdisk\b", 0.5, False),
    "BurstBalance": _rule("burst balance", Limit("<", 30, 10, "%"), r"burst|credit"),
    "ReplicaLag": _rule("replica lag", Limit(">", 10, 60, "s"), r"\blag\b", negative="replication does not run"),
    "AuroraReplicaLag": _rule("replica lag", Limit(">", 200, 1000, "ms"), r"\blag\b"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class MetricLevel:
    """One metric as it stands. `now` is the mean of its last points, `most` the highest of its maxima in the window
    (the lowest where less is worse), `before` the mean of the time before the window, None when nothing came.
    `verdict` is None when there is no rule for it; `why` says what is behind a verdict."""

    metric: Metric
    called: str
    unit: str
    now: float
    most: float
    before: float | None
    newest: datetime
    verdict: Verdict | None
    limit: Limit
    why: str = ""


def judge_metric(
    metric: Metric,
    reading: MetricReading,
    window: TimeWindow,
    told: Iterable[Threshold],
    statistic: str = "Average",
) -> MetricLevel | None:
    """The judgement of one metric in the window; None without a point in it. `reading` began before the window."""
    points = reading.get_points(metric, statistic)
    inside = tuple(point for point in points if point[0] >= window.begin)
    if not inside:
        return None
    rule = find_rule(metric.name, told)
    now, most = compute_mean(inside[-LAST:]), _extreme(rule, metric, reading, window, inside)
    before = _before(tuple(point for point in points if point[0] < window.begin), inside)
    newest = inside[-1][0] + reading.period
    silent = window.end - newest
    is_gone = metric.name in RULES and silent > max(STALE, MISSED * _apart(inside, reading.period))
    verdict, why = judge(VERDICTS, _Numbers(rule, now, most, before, silent if is_gone else None))
    known = None if verdict is Verdict.OK and not rule.has_limit else verdict
    return MetricLevel(
        metric, rule.called, rule.limit.unit, now, most, before, newest, known, rule.limit, why
    )


def _before(earlier: Points, inside: Points) -> float | None:
    """How it was before: by the points before the window, else by its first ones where it has enough of them."""
    if earlier:
        return compute_mean(earlier)
    return compute_mean(inside[:LAST]) if len(inside) >= 2 * LAST else None


def _extreme(
    rule: MetricRule, metric: Metric, reading: MetricReading, window: TimeWindow, inside: Points
) -> float:
    """The highest value in the window, the lowest where less is worse."""
    least = rule.limit.sign.startswith("<")
    extremes = reading.get_points(metric, "Minimum" if least else "Maximum")
    values = [value for at, value in extremes if at >= window.begin] or [value for _, value in inside]
    return min(values) if least else max(values)


def _apart(points: Points, period: timedelta) -> timedelta:
    """How far the points stand apart where none is missing."""
    return min((late[0] - early[0] for early, late in pairwise(points)), default=period)


def find_rule(name: str, told: Iterable[Threshold]) -> MetricRule:
    """The rule of a metric with the runbook's own limits; for one that has none the runbook's words alone."""
    told = tuple(told)
    if (known := RULES.get(name)) is not None:
        return replace(known, limit=find_limit(told, known.words, known.limit))
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[0-9])(?=[A-Z][a-z])|_", " ", name)
    pattern = re.compile(re.escape(words).replace(r"\ ", ".?"), re.IGNORECASE)
    unit = "s" if name.endswith("Time") else "B" if name.endswith("Bytes") else ""
    for sign in (">", "<"):
        found = find_limit(told, pattern, Limit(sign, None, None, unit))
        if found.line:
            return MetricRule(words.lower(), found, pattern)
    return MetricRule(words.lower(), Limit(">", None, None, unit), pattern)


@dataclass(frozen=True, slots=True)
class _Numbers:
    """What one metric is judged by; `silent` is for how long no point came, None when that is fine."""

    rule: MetricRule
    now: float
    most: float
    before: float | None
    silent: timedelta | None

    def is_now(self, verdict: Verdict) -> bool:
        return self.rule.has_limit and self.rule.limit.verdict(self.now) is verdict

    @property
    def was_bad(self) -> bool:
        return self.rule.has_limit and self.rule.limit.verdict(self.most) is Verdict.BAD

    @property
    def has_moved(self) -> bool:
        """Whether a percentage moved far, whichever way."""
        return (
            self.before is not None and self.rule.limit.unit == "%" and abs(self.now - self.before) >= MOVED
        )

    @property
    def has_multiplied(self) -> bool:
        """Whether it became so many times more or less as its rule tells."""
        if not self.before or not self.rule.factor or max(self.now, self.before) < self.rule.fewest:
            return False
        expected = self.before * self.rule.factor
        return self.now >= expected if self.rule.grows else self.now <= expected


def _describe_limit_reached(its: _Numbers) -> str:
    return f"it reached {format_number(its.most, its.rule.limit.unit)}, {describe_limit(its.rule.limit, Verdict.BAD)}"


def _silence(its: _Numbers) -> str:
    minutes = round((its.silent or timedelta()) / timedelta(minutes=1))
    return f"no point for {minutes} min: does it still run?"


def _change(its: _Numbers) -> str:
    before = its.before or 0.0
    return f"{'rose' if its.now > before else 'fell'} from {format_number(before, its.rule.limit.unit)}"


VERDICTS: tuple[Rule[_Numbers], ...] = (
    Rule(lambda its: its.rule.negative and its.now < 0, Verdict.BAD, lambda its: its.rule.negative),
    Rule(
        lambda its: its.is_now(Verdict.BAD),
        Verdict.BAD,
        lambda its: describe_limit(its.rule.limit, Verdict.BAD),
    ),
    Rule(
        lambda its: its.is_now(Verdict.WARN),
        Verdict.WARN,
        lambda its: describe_limit(its.rule.limit, Verdict.WARN),
    ),
    Rule(lambda its: its.silent is not None, Verdict.WARN, _silence),
    Rule(lambda its: its.was_bad, Verdict.WARN, _describe_limit_reached),
    Rule(lambda its: its.has_moved, Verdict.WARN, _change),
    Rule(lambda its: its.has_multiplied, Verdict.WARN, _change),
    Rule(always, Verdict.OK, lambda its: ""),
)
"""What is behind a verdict, the worst first."""


def describe_limit(found: Limit, verdict: Verdict) -> str:
    """The limit in words, sizes as people read them: `runbook limit 268 MB, line 42`."""
    words = found.describe(verdict)
    value = found.bad if verdict is Verdict.BAD or found.warn is None else found.warn
    if found.unit != "B" or value is None:
        return words
    return words.replace(f"{value:g} B", format_number(value, "B"))
