"""How runbooks spell the level of a severity: `P0`, `SEV1`, `SEV-1`, `Severity 1`, `Critical`."""

import re
from dataclasses import dataclass

WORDS = ("critical", "urgent", "major", "high", "moderate", "medium", "minor", "low", "informational", "info")
"""Levels that go by a word alone, from the worst."""

SPELLED = re.compile(
    r"(?<![\w-])(?P<kind>P|SEV|Severity|Priority)[ \t]*[-_]?[ \t]*(?P<number>[0-9])(?!\w|\.\d|%)", re.I
)
WORD = re.compile(r"(?<!\w)(?:" + "|".join(WORDS) + r")(?!\w)", re.I)

GRADED = re.compile(rf"(?:level|tier)\s*\d\W+(?={WORD.pattern})", re.I)


@dataclass(frozen=True, slots=True)
class Level:
    """A level found in a text, in its usual spelling, and where it stands there."""

    id: str
    start: int
    end: int


def ungraded(text: str) -> str:
    """The text without the number in front of a level that goes by a word: `Level 1 (Critical)`."""
    found = GRADED.match(text)
    return text[found.end() :] if found else text


def find_level(text: str) -> Level | None:
    """The first numbered level in a line of text."""
    found = SPELLED.search(text)
    return Level(_usual(found), found.start(), found.end()) if found else None


def find_levels(text: str) -> list[Level]:
    """All numbered levels in a line of text."""
    return [Level(_usual(found), found.start(), found.end()) for found in SPELLED.finditer(text)]


def find_word(text: str) -> Level | None:
    """The level at the start of a text that is named by a word: `Critical (all users)`."""
    found = WORD.match(text)
    return Level(found[0].capitalize(), found.start(), found.end()) if found else None


def same_level(words: str, level_id: str) -> bool:
    """Whether somebody means this level: any letter case, `SEV-1` for `SEV1`, `p1` for `SEV1`."""
    typed = SPELLED.fullmatch(words.strip())
    if typed is None:
        return words.strip().casefold() == level_id.casefold()
    known = SPELLED.fullmatch(level_id)
    return known is not None and typed["number"] == known["number"]


def badness(level_id: str) -> tuple[int, str]:
    """A sorting key, the worst first."""
    spelled = SPELLED.fullmatch(level_id)
    if spelled:
        return int(spelled["number"]), ""
    word = level_id.casefold()
    return (WORDS.index(word) if word in WORDS else len(WORDS)), word


def _usual(found: re.Match[str]) -> str:
    kind = found["kind"].upper()
    return ("P" if kind in {"P", "PRIORITY"} else "SEV") + found["number"]
