"""Spans of time as people write them."""

import re
from datetime import timedelta

from bot.runbook import languages

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
WORDS = {
    **dict.fromkeys(("a", "an", "one", "the"), 1.0),
    "two": 2.0,
    "three": 3.0,
    "four": 4.0,
    "five": 5.0,
    "six": 6.0,
    "eight": 8.0,
    "ten": 10.0,
    "twelve": 12.0,
    "fifteen": 15.0,
    "twenty": 20.0,
    "thirty": 30.0,
    "forty-five": 45.0,
    "sixty": 60.0,
    "ninety": 90.0,
    "twenty-four": 24.0,
    "forty-eight": 48.0,
    "half an": 0.5,
    "a quarter of an": 0.25,
}

DIGITS = r"\d{1,5}(?:\.\d{1,3})?"
NUMBER = r"a\s+quarter\s+of\s+an|half\s+an|(?<=within\s)the|" + "|".join(
    sorted((word for word in WORDS if " " not in word and word != "the"), key=len, reverse=True)
)
ENGLISH = {
    "s": ("secs?", "seconds?"),
    "m": ("mins?", "minutes?"),
    "h": ("hrs?", "hours?"),
    "d": ("days?",),
    "w": ("wks?", "weeks?"),
}
UNIT_NAMES = {unit: "|".join((*ENGLISH[unit], *languages.UNITS[unit])) for unit in SECONDS}
NAMES = "|".join(UNIT_NAMES.values())
END = r"(?![a-z_])(?!\d+(?!\d|\s*[smh]))"
UNIT = rf"(?:{NAMES}|(?-i:[smhdw])|[HDW]){END}"
SPAN = re.compile(
    rf"(?<![\w.])(?:(?P<number>{DIGITS})[\s-]*(?:business\s+)?(?P<unit>{UNIT})"
    rf"|(?P<word>{NUMBER})[\s-]+(?:business\s+)?(?P<name>(?:{NAMES}){END}))",
    re.I,
)
"""A number and a unit: a letter may be one only behind digits, and `M` is not minutes (`10 M users`)."""

MORE = re.compile(rf"\s*(?:and\s+)?(?P<number>\d{{1,3}})\s*(?P<unit>{UNIT})", re.I)
NO_CLOCK = re.compile(
    r"\bbusiness day|\bworking day|\bbest effort|\bnext (?:day|week|sprint|release)|\bas (?:time|needed)"
    rf"|\bsame (?:business |working )?day|\bend of (?:the )?(?:business |working )?day|\beod\b|{languages.NO_CLOCK}",
    re.I,
)
LEISURELY = re.compile(
    r"\b(?:business|working|office) hours|\bscheduled\b|\b(?:weekly|monthly|quarterly)\b"
    r"|\bbacklog\b|\bwhen (?:possible|convenient)",
    re.I,
)
"""Words that run no clock unless a figure stands beside them: `4 business hours`."""

HOUR = rf"hour|{languages.UNITS['h'][0]}|{'|'.join(languages.UNITS['h'][2:])}"
UNCOUNTED = re.compile(
    rf"(?:\b(?:every|each)\b|{languages.EVERY})\s+(?P<half>half[ -](?:an[ -])?)?(?:{HOUR})(?!\w)"
    r"|\b(?P<halfly>half[- ]?)?(?:hourly|stündlich)\b",
    re.I,
)
"""A rhythm without a figure."""

FOREIGN_EVERY = re.compile(rf"(?:{languages.EVERY})\s+(?=\d)", re.I)

AT_ONCE = re.compile(
    r"\bimmediate(?:ly)?\b|\bat once\b|\basap\b|\bas soon as possible\b|\binstant(?:ly)?\b|\bright away\b"
    rf"|{languages.AT_ONCE}",
    re.I,
)


def parse_duration(text: str) -> timedelta | None:
    """The first span of time in a text: `15 min`, `1h 30m`, `half an hour`; of `15-30 minutes` the longer."""
    found = SPAN.search(text)
    if found is None:
        return None
    seconds, unit = _seconds(found["number"] or found["word"], found["unit"] or found["name"])
    further = MORE.match(text, found.end())
    if further and _size(further["unit"]) < unit:
        seconds += _seconds(further["number"], further["unit"])[0]
    return timedelta(seconds=seconds)


def parse_rhythm(text: str) -> timedelta | None:
    """How often something comes: `every 30 minutes`, and without a figure `every hour`, `hourly`, `jede Stunde`."""
    return parse_duration(count_rhythm(text))


def count_rhythm(text: str) -> str:
    """A text whose rhythms have a figure and begin with `every`, in whatever language they are."""
    return FOREIGN_EVERY.sub("every ", UNCOUNTED.sub(_count, text))


def _count(found: re.Match[str]) -> str:
    return "every 30 minutes" if found["half"] or found["halfly"] else "every 1 hour"


def has_no_deadline(text: str) -> bool:
    """Whether a response time is answered at leisure: `Next business day`, `Best effort`."""
    return bool(NO_CLOCK.search(text)) or (bool(LEISURELY.search(text)) and parse_duration(text) is None)


def is_at_once(text: str) -> bool:
    """Whether a response time says `immediate`, with or without a figure."""
    return bool(AT_ONCE.search(text))


def format_span(span: timedelta) -> str:
    """A span in words: `15 minutes`, `1 hour`, `1 week`."""
    seconds = int(span.total_seconds())
    for name, size in (("week", 604800), ("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds and seconds % size == 0 and not (name == "day" and seconds == size):
            count = seconds // size
            return f"{count} {name}" + ("" if count == 1 else "s")
    return f"{seconds} seconds"


def _seconds(number: str, unit: str) -> tuple[float, int]:
    word = " ".join(number.lower().split())
    size = _size(unit)
    return (WORDS[word] if word in WORDS else float(word)) * size, size


def _size(unit: str) -> int:
    """How many seconds a unit has, by its letter or its name in any language."""
    if len(unit) == 1 and unit.lower() in SECONDS:
        return SECONDS[unit.lower()]
    named = (size for letter, size in SECONDS.items() if re.fullmatch(UNIT_NAMES[letter], unit, re.I))
    return next(named)
