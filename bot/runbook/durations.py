"""Spans of time as people write them."""

import re
from datetime import timedelta

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
WORDS = {"a": 1.0, "an": 1.0, "one": 1.0, "half an": 0.5, "two": 2.0, "three": 3.0, "five": 5.0, "ten": 10.0}

NUMBER = r"\d{1,5}(?:\.\d{1,3})?|half\s+an|an?|one|two|three|five|ten"
UNIT = r"(?:s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|wks?|weeks?)(?![a-z])"
SPAN = re.compile(rf"(?<![\w.])(?P<number>{NUMBER})[\s-]*(?:business\s+)?(?P<unit>{UNIT})", re.I)
MORE = re.compile(rf"\s*(?:and\s+)?(?P<number>\d{{1,3}})\s*(?P<unit>{UNIT})", re.I)
NO_CLOCK = re.compile(
    r"\bbusiness day|\bworking day|\bbest effort|\bnext (?:day|week|sprint|release)|\bas (?:time|needed)",
    re.I,
)
AT_ONCE = re.compile(r"\bimmediate(?:ly)?\b|\bat once\b|\basap\b|\binstant(?:ly)?\b", re.I)


def duration(text: str) -> timedelta | None:
    """The first span of time in a text: `15 min`, `1h 30m`, `half an hour`; of `15-30 minutes` the longer."""
    found = SPAN.search(text)
    if found is None:
        return None
    seconds, unit = _seconds(found["number"], found["unit"])
    further = MORE.match(text, found.end())
    if further and SECONDS[further["unit"][0].lower()] < unit:
        seconds += _seconds(further["number"], further["unit"])[0]
    return timedelta(seconds=seconds)


def runs_no_clock(text: str) -> bool:
    """Whether a response time is answered at leisure: `Next business day`, `Best effort`."""
    return bool(NO_CLOCK.search(text))


def is_at_once(text: str) -> bool:
    """Whether a response time says `immediate`, with or without a figure."""
    return bool(AT_ONCE.search(text))


def spoken(span: timedelta) -> str:
    """A span in words: `15 minutes`, `1 hour`, `1 week`."""
    seconds = int(span.total_seconds())
    for name, size in (("week", 604800), ("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds and seconds % size == 0 and not (name == "day" and seconds == size):
            count = seconds // size
            return f"{count} {name}" + ("" if count == 1 else "s")
    return f"{seconds} seconds"


def _seconds(number: str, unit: str) -> tuple[float, int]:
    word = " ".join(number.lower().split())
    size = SECONDS[unit[0].lower()]
    return (WORDS[word] if word in WORDS else float(word)) * size, size
