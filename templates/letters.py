"""Texts that others wrote, made to fit without harm: cut between letters, escaped, kept from turning our own words."""

import re
import unicodedata

MISSING = len(" … (cut, 1,000,000 more characters)")
SHORT = 120
"""Below this many characters there is no room to say how much is missing."""

TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks that turn the direction of writing."""


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, never in the middle of a letter; what is missing is counted."""
    if len(text) <= limit:
        return text
    if limit <= SHORT:
        return text[: letter_end(text, limit - 1)].rstrip() + "…"
    end = letter_end(text, limit - MISSING)
    return f"{text[:end].rstrip()} … (cut, {len(text) - end:,} more characters)"


def beginning(text: str, limit: int) -> str:
    """The first letters of a text, for where it can be read in full elsewhere or is typed on: nothing is added."""
    return text[: letter_end(text, limit)]


def letter_end(text: str, end: int) -> int:
    """The last place at or before `end` where no letter is torn from its accents, joiners or modifiers."""
    while 0 < end < len(text) and (_clings(text[end]) or text[end - 1] == "\u200d"):
        end -= 1
    if 0 < end < len(text) and _is_flag(text[end]) and _is_flag(text[end - 1]):
        run = 0
        while end - 1 - run >= 0 and _is_flag(text[end - 1 - run]):
            run += 1
        end -= run % 2
    return end


def _clings(letter: str) -> bool:
    joins = letter == "\u200d" or 0x1F3FB <= ord(letter) <= 0x1F3FF or 0xE0020 <= ord(letter) <= 0xE007F
    return joins or unicodedata.category(letter) in {"Mn", "Me", "Mc"}


def _is_flag(letter: str) -> bool:
    return 0x1F1E6 <= ord(letter) <= 0x1F1FF


def isolated(text: str) -> str:
    """The text, set apart line by line where it has marks that would turn our own words after it around."""
    if not TURNING.search(text):
        return text
    return "\n".join(f"\u2068{line}\u2069" if TURNING.search(line) else line for line in text.split("\n"))


def one_line(text: str, limit: int) -> str:
    """For headers and buttons: without line breaks, and within the limit even when it is set apart."""
    return isolated(cut(" ".join(text.splitlines()), limit - 2 * bool(TURNING.search(text))))


def escaped(text: str) -> str:
    """For mrkdwn: nothing in it can be a mention, a link or an entity."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
