"""How runbooks spell the level of a severity: `P0`, `SEV1`, `SEV-1`, `Severity 1`, `Critical`."""

import re
from dataclasses import dataclass
from functools import lru_cache

from bot.runbook import languages
from bot.runbook.durations import UNIT

RANKED = (
    ("critical", "emergency", *languages.SEVERITY_WORDS[0]),
    ("urgent", "major", *languages.SEVERITY_WORDS[1]),
    ("high", *languages.SEVERITY_WORDS[2]),
    ("warning", "moderate", "medium", *languages.SEVERITY_WORDS[3]),
    ("minor", "low", *languages.SEVERITY_WORDS[4]),
    ("informational", "info"),
)
"""Levels that go by a word alone, from the worst, each with the words for it."""

WORDS = tuple(word for words in RANKED for word in words)

KINDS = (
    r"P|SEV|Severity|Priority|Prio|Priorit[äé]t?|Prioridade?|Severidade?|Gravedad|Gravidade|Gravité"
    r"|Schweregrad|Приоритет"
)
SPELLED = re.compile(
    rf"(?<![\w-])(?P<kind>{KINDS})[ \t]*[-_.]?[ \t]*(?P<number>[0-9])(?!\w|\.\d|%)"
    r"|(?<![\w-])(?-i:(?P<letter>S)(?P<graded>[0-245](?=\s*(?:[-\u2013\u2014:()|/\]]|$))"
    r"|3(?=\W{1,4}(?:[Ll]ow|LOW|[Mm]inor|[Mm]edium|[Mm]oderate)\b|$(?<=^S3))))",
    re.I,
)
"""The levels with a number. `S3` is one only where a word for a level stands behind it: it is a store, too."""

WORD = re.compile(r"(?<!\w)(?:" + "|".join(WORDS) + r")(?!\w)", re.I)

SHARED = re.compile(
    rf"[ \t]*(?:(?P<range>[-\u2013\u2014]|to\b|through\b)|[/&,+]|and\b|or\b)[ \t]*(?P<kind>{KINDS}|S)[ \t]*[-_.]?[ \t]*"
    rf"(?P<number>[0-9])(?!\w|\.\d|%)|/(?P<bare>[0-9])(?!\w|\.\d|%|\s*{UNIT})",
    re.I,
)
"""What stands behind a level where further ones share what is said with it."""

GRADED = re.compile(rf"(?:level|tier|{languages.LEVEL})\s*\d\W+(?={WORD.pattern})", re.I)


@dataclass(frozen=True, slots=True)
class SeverityLevel:
    """A level found in a text, in its usual spelling, and where it stands there."""

    id: str
    start: int
    end: int


def strip_grade(text: str) -> str:
    """The text without the number in front of a level that goes by a word: `Level 1 (Critical)`."""
    found = GRADED.match(text)
    return text[found.end() :] if found else text


@lru_cache(maxsize=4096)  # a heading is asked for its level from several sides while a document is read
def find_level(text: str) -> SeverityLevel | None:
    """The first numbered level in a line of text."""
    found = SPELLED.search(text)
    return SeverityLevel(_usual(found), found.start(), found.end()) if found else None


def find_levels(text: str) -> list[SeverityLevel]:
    """All numbered levels in a line of text."""
    return [SeverityLevel(_usual(found), found.start(), found.end()) for found in SPELLED.finditer(text)]


def find_shared_levels(text: str, first: SeverityLevel) -> tuple[tuple[str, ...], int]:
    """The further levels that share what is said with the first of a text, and where they end: `SEV-3/4`, `P2 and P3`,
    `P3-P5`."""
    found = SHARED.match(text, first.end)
    if found is None:
        return (), first.end
    number, last = int(first.id[-1]), int(found["number"] or found["bare"])
    if last <= number or (found["kind"] and found["kind"][0].upper() != first.id[0]):
        return (), first.end
    numbers = range(number + 1, last + 1) if found["range"] else [last]
    return tuple(f"{first.id[:-1]}{further}" for further in numbers), found.end()


def find_level_word(text: str) -> SeverityLevel | None:
    """The level at the start of a text that is named by a word: `Critical (all users)`."""
    found = WORD.match(text)
    return SeverityLevel(found[0].capitalize(), found.start(), found.end()) if found else None


def is_same_level(words: str, level_id: str) -> bool:
    """Whether somebody means this level: any letter case, `SEV-1` for `SEV1`, `p1` for `SEV1`."""
    typed = SPELLED.fullmatch(words.strip())
    if typed is None:
        return words.strip().casefold() == level_id.casefold()
    known = SPELLED.fullmatch(level_id)
    return known is not None and _number(typed) == _number(known)


def is_same_word(words: str, other: str) -> bool:
    """Whether two words mean the same level: `Kritisch` and `Critical`."""
    typed, known = words.strip().casefold(), other.strip().casefold()
    return any(typed in ranked and known in ranked for ranked in RANKED)


def rank_level(level_id: str) -> tuple[int, str]:
    """A sorting key, the worst first."""
    spelled = SPELLED.fullmatch(level_id)
    if spelled:
        return int(_number(spelled)), ""
    word = level_id.casefold()
    return (WORDS.index(word) if word in WORDS else len(WORDS)), word


def _number(found: re.Match[str]) -> str:
    return found["number"] or found["graded"]


def _usual(found: re.Match[str]) -> str:
    if found["letter"]:
        return found[0]
    kind = found["kind"].upper()
    return ("P" if kind.startswith(("P", "П")) else "SEV") + found["number"]
