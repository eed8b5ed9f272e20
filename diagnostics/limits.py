"""Where a measure stops being well: what is shipped, and before it the runbook's own words."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.step import Threshold
from diagnostics.finding import Verdict

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

    `sign` is `>`, `>=`, `<` or `<=`, and holds for both. `line` is the runbook's that says what is bad, `warn_line` the
    one that says what is suspicious; 0 for a default.
    """

    sign: str
    warn: float | None
    bad: float | None
    unit: str = ""
    line: int = 0
    warn_line: int = 0

    @property
    def is_told(self) -> bool:
        """Whether the runbook says any of it."""
        return bool(self.line or self.warn_line)

    def verdict(self, value: float) -> Verdict:
        """How a value looks."""
        for limit, verdict in ((self.bad, Verdict.BAD), (self.warn, Verdict.WARN)):
            if limit is not None and _beyond(value, self.sign, limit):
                return verdict
        return Verdict.OK

    def said(self, verdict: Verdict) -> str:
        """The limit in words, for a headline: `limit 80%`, `limit 1000 ms by the runbook, line 227`."""
        is_bad = verdict is Verdict.BAD or self.warn is None
        number, line = (self.bad, self.line) if is_bad else (self.warn, self.warn_line)
        if number is None:
            return ""
        unit = f" {self.unit}" if self.unit[:1].isalpha() else self.unit
        source = f" by the runbook, line {line}" if line else ""
        return f"limit {number:g}{unit}{source}"


def limit(told: Iterable[Threshold], measure: re.Pattern[str], shipped: Limit) -> Limit:
    """The limit for a measure. The first of the runbook's thresholds that fits wins, each verdict for itself.

    One fits when its metric has words that `measure` finds, or has none at all (then it stands at the step itself);
    when its unit is the same or can be turned into it; and when it looks in the same direction. A shipped warning that
    lies beyond what the runbook calls bad goes.
    """
    chosen: dict[str, tuple[float, int]] = {}
    for each in told:
        value = converted(each.value, each.unit, shipped.unit)
        if value is not None and each.sign[0] == shipped.sign[0] and _concerns(each, measure):
            chosen.setdefault(each.verdict, (value, each.line))
    if not chosen:
        return shipped
    found = shipped
    if "bad" in chosen:
        found = replace(found, bad=chosen["bad"][0], line=chosen["bad"][1])
        if found.warn is not None and "warn" not in chosen and found.bad is not None:
            kept = not _beyond(found.warn, found.sign, found.bad)
            found = replace(found, warn=found.warn if kept else None)
    if "warn" in chosen:
        found = replace(found, warn=chosen["warn"][0], warn_line=chosen["warn"][1])
    return found


def _concerns(told: Threshold, measure: re.Pattern[str]) -> bool:
    return not told.metric or measure.search(told.metric) is not None


def converted(value: float, unit: str, wanted: str) -> float | None:
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
