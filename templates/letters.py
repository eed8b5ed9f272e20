"""Texts that others wrote, made to fit without harm: cut between letters, escaped, kept from turning our own words."""

import re
from collections.abc import Sequence

from bot.letters import beginning, cut, letter_end

__all__ = ["beginning", "cut", "escaped", "isolated", "letter_end", "listed", "one_line", "shortened"]

LONGEST_TEXT = 3500
"""Bytes of a message's plain text: an edit takes 4,000 of them; notifications show far less."""

TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks that turn the direction of writing."""


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


def shortened(text: str) -> str:
    """Marked-up text cut at a line's end, so that no token is torn."""
    if _bytes(text) <= LONGEST_TEXT:
        return text
    kept, used = "", 0
    for line in text.split("\n"):
        used += _bytes(line) + 1
        if used > LONGEST_TEXT:
            break
        kept += line + "\n"
    if kept:
        return kept + "…"
    plain = text.replace("<", "").replace("&", "")
    fitting = plain.encode("utf-8", "replace")[:LONGEST_TEXT].decode("utf-8", "ignore")
    return beginning(plain, len(fitting)) + "…"


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def listed(names: Sequence[str]) -> str:
    """`A`, `A and B`, `A, B and C`."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
