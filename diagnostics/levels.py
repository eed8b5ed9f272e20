"""How high a metric stands, how that was before, and whether it still comes."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from bot.step import Threshold
from diagnostics.finding import Verdict, Window
from diagnostics.limits import Limit, limit
from diagnostics.metrics import Metric, Points, Reading, mean, number

GiB, MiB = 1024.0**3, 1024.0**2
LAST = 5
"""The level is the mean of so many of the last points: one minute alone says little."""

STALE, MISSED = timedelta(minutes=6), 3
"""Nothing newer than this at the end of the window, or so many points missed where they come more rarely: what was
measured is gone. A metric without a rule may count what happens now and then."""

MOVED = 20.0
"""Points of a percentage between before and now that are worth a look, whichever way."""


@dataclass(frozen=True, slots=True)
class Rule:
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


def _rule(
    called: str, shipped: Limit, words: str, factor: float = 0.0, grows: bool = True, **more: Any
) -> Rule:
    return Rule(called, shipped, re.compile(words, re.IGNORECASE), factor, grows, **more)


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
class Level:
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


def level(
    metric: Metric, reading: Reading, window: Window, told: Iterable[Threshold], statistic: str = "Average"
) -> Level | None:
    """The judgement of one metric in the window; None without a point in it. `reading` began before the window."""
    average = tuple(point for point in reading.of(metric, statistic) if point[0] >= window.begin)
    if not average:
        return None
    rule = rule_of(metric.name, told)
    less_is_worse = rule.limit.sign.startswith("<")
    extremes = reading.of(metric, "Minimum" if less_is_worse else "Maximum")
    inside = [value for at, value in extremes if at >= window.begin] or [value for _, value in average]
    earlier = [point for point in reading.of(metric, statistic) if point[0] < window.begin]
    now, most = mean(average[-LAST:]), min(inside) if less_is_worse else max(inside)
    before = mean(earlier) if earlier else mean(average[:LAST]) if len(average) >= 2 * LAST else None
    newest = average[-1][0] + reading.period
    silent = window.end - newest
    gone = metric.name in RULES and silent > max(STALE, MISSED * _apart(average, reading.period))
    verdict, why = _verdict(rule, now, most, before, silent if gone else None)
    return Level(metric, rule.called, rule.limit.unit, now, most, before, newest, verdict, rule.limit, why)


def _apart(points: Points, period: timedelta) -> timedelta:
    """How far the points stand apart where none is missing."""
    return min((late[0] - early[0] for early, late in pairwise(points)), default=period)


def rule_of(name: str, told: Iterable[Threshold]) -> Rule:
    """The rule of a metric with the runbook's own limits; for one that has none the runbook's words alone."""
    told = tuple(told)
    if (known := RULES.get(name)) is not None:
        return replace(known, limit=limit(told, known.words, known.limit))
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[0-9])(?=[A-Z][a-z])|_", " ", name)
    pattern = re.compile(re.escape(words).replace(r"\ ", ".?"), re.IGNORECASE)
    unit = "s" if name.endswith("Time") else "B" if name.endswith("Bytes") else ""
    for sign in (">", "<"):
        found = limit(told, pattern, Limit(sign, None, None, unit))
        if found.line:
            return Rule(words.lower(), found, pattern)
    return Rule(words.lower(), Limit(">", None, None, unit), pattern)


def _verdict(
    rule: Rule, now: float, most: float, before: float | None, silent: timedelta | None
) -> tuple[Verdict | None, str]:
    """The verdict and what is behind it; `silent` is for how long no point came, None when that is fine."""
    if rule.negative and now < 0:
        return Verdict.BAD, rule.negative
    known = rule.limit.warn is not None or rule.limit.bad is not None
    judged = rule.limit.verdict(now) if known else None
    if judged in (Verdict.WARN, Verdict.BAD):
        return judged, told_of(rule.limit, judged)
    if silent is not None:
        return Verdict.WARN, f"no point for {round(silent / timedelta(minutes=1))} min: does it still run?"
    if known and rule.limit.verdict(most) is Verdict.BAD:
        return Verdict.WARN, f"it reached {number(most, rule.limit.unit)}, {told_of(rule.limit, Verdict.BAD)}"
    if before is not None and rule.limit.unit == "%" and abs(now - before) >= MOVED:
        return Verdict.WARN, f"{'rose' if now > before else 'fell'} from {number(before, '%')}"
    if (
        before
        and rule.factor
        and max(now, before) >= rule.fewest
        and (now >= before * rule.factor if rule.grows else now <= before * rule.factor)
    ):
        return Verdict.WARN, f"{'rose' if now > before else 'fell'} from {number(before, rule.limit.unit)}"
    return judged, ""


def told_of(found: Limit, verdict: Verdict) -> str:
    """The limit in words, sizes as people read them: `limit 268 MB by the runbook, line 42`."""
    words = found.said(verdict)
    value = found.bad if verdict is Verdict.BAD or found.warn is None else found.warn
    if found.unit != "B" or value is None:
        return words
    return words.replace(f"{value:g} B", number(value, "B"))
