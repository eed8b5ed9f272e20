"""Thresholds of measures: the runbook's own, else the ones we ship."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.domain.finding import Verdict
from bot.domain.playbook import Threshold

SCALES = {
    "ms": ("time", 1e-3),
    "s": ("time", 1.0),
    "min": ("time", 60.0),
    "h": ("time", 3600.0),
    "B": ("size", 1.0),
    **{f"{letter}B": ("size", 1000.0**power) for power, letter in enumerate("KMGT", 1)},
    **{f"{letter}iB": ("size", 1024.0**power) for power, letter in enumerate("KMGT", 1)},
    "/s": ("rate", 1.0),
    "/min": ("rate", 1 / 60),
}
"""Units that can be turned into each other: what they measure, and how many of the smallest they are."""


@dataclass(frozen=True, slots=True)
class Limit:
    """From where on a measure is suspicious and from where on it is bad, in `unit`; None where there is no such limit.

    `sign` is `>`, `>=`, `<` or `<=`, and holds for both. `bad_line` and `warn_line` are those of the runbook that said
    so, 0 for a default.
    """

    sign: str
    warn: float | None
    bad: float | None
    unit: str = ""
    bad_line: int = 0
    warn_line: int = 0

    @property
    def line(self) -> int:
        """Where the runbook speaks of it; 0 where it does not."""
        return self.bad_line or self.warn_line

    def verdict(self, value: float) -> Verdict:
        """How a value looks."""
        for limit, verdict in ((self.bad, Verdict.BAD), (self.warn, Verdict.WARN)):
            if limit is not None and _beyond(value, self.sign, limit):
                return verdict
        return Verdict.OK

    def describe(self, verdict: Verdict) -> str:
        """The limit in words, for a headline: `limit 80%`, `runbook limit 1000 ms, line 227`."""
        of_bad = verdict is Verdict.BAD or self.warn is None
        number, line = (self.bad, self.bad_line) if of_bad else (self.warn, self.warn_line)
        if number is None:
            return ""
        unit = f" {self.unit}" if self.unit[:1].isalpha() else self.unit
        whose = "runbook limit" if line else "limit"
        source = f", line {line}" if line else ""
        return f"{whose} {number:g}{unit}{source}"


def find_limit(told: Iterable[Threshold], measure: re.Pattern[str], shipped: Limit) -> Limit:
    """The limit for a measure. The first of the runbook's thresholds that fits wins, each verdict for itself.

    One fits when its metric has words that `measure` finds, or has none at all (then it stands at the step itself);
    when its unit is the same or can be turned into it; and when it looks in the same direction. A shipped limit that
    contradicts what the runbook says goes: a warning beyond what it calls bad, and what is bad before it would warn.
    """
    chosen = _choose(told, measure, shipped)
    if "warn" in chosen:
        value, said = chosen["warn"]
        keeps = shipped.bad is not None and _beyond(shipped.bad, said.sign, value)
        shipped = replace(
            shipped, sign=said.sign, warn=value, warn_line=said.line, bad=shipped.bad if keeps else None
        )
    if "bad" in chosen:
        value, said = chosen["bad"]
        keeps = shipped.warn is not None and not _beyond(shipped.warn, said.sign, value)
        warn = shipped.warn if keeps or shipped.warn_line else None
        shipped = replace(shipped, sign=said.sign, warn=warn, bad=value, bad_line=said.line)
    return shipped


def _choose(
    told: Iterable[Threshold], measure: re.Pattern[str], shipped: Limit
) -> dict[str, tuple[float, Threshold]]:
    """The first threshold for each verdict that is about the measure, with its value in the shipped unit."""
    chosen: dict[str, tuple[float, Threshold]] = {}
    for threshold in told:
        value = convert_unit(threshold.value, threshold.unit, shipped.unit)
        is_same_way = threshold.sign[0] == shipped.sign[0]
        if value is not None and is_same_way and _concerns(threshold, measure):
            chosen.setdefault(threshold.verdict, (value, threshold))
    return chosen


def judge_room(
    told: Iterable[Threshold], measure: re.Pattern[str], shipped: Limit, share: float, count: int, what: str
) -> tuple[Verdict, Limit]:
    """The worse of how full something is in per cent and of how many there are, with its limit: the runbook's limits
    without a unit are numbers of `what`."""
    told = tuple(told)
    full = find_limit((threshold for threshold in told if threshold.unit), measure, shipped)
    many = find_limit(
        (threshold for threshold in told if not threshold.unit),
        measure,
        Limit(shipped.sign, None, None, what),
    )
    of_count, of_share = many.verdict(count), full.verdict(share)
    order = (Verdict.BAD, Verdict.WARN, Verdict.OK)
    return (of_count, many) if order.index(of_count) < order.index(of_share) else (of_share, full)


def _concerns(told: Threshold, measure: re.Pattern[str]) -> bool:
    return not told.metric or measure.search(told.metric) is not None


def convert_unit(value: float, unit: str, wanted: str) -> float | None:
    """A value in another unit; None when the two do not measure the same."""
    if unit == wanted or not unit:
        return value
    (kind, scale), (other, wanted_scale) = SCALES.get(unit, ("", 0.0)), SCALES.get(wanted, ("-", 1.0))
    return value * scale / wanted_scale if kind == other else None


def _beyond(value: float, sign: str, limit: float) -> bool:
    match sign:
        case ">":
            return value > limit
        case ">=":
            return value >= limit
        case "<":
            return value < limit
        case _:
            return value <= limit
