"""Finds people's names in a text: whole ones however they are written, parts only where they are surely names."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from bot.text.ordinary_words import MONTHS, ORDINARY_WORDS

SHORTEST = 3
WHOLE = r"(?<!\w){}(?!\w)"
INSIDE_SENTENCE = r"(?<=[^\s.!?:;…•*>\d–—-] ){}(?!\w)(?! \d)"
"""Not the first word of a sentence or a line, and no date."""

BEFORE_MONTHS = re.compile(r"\b(?:in|since|until|till|of|by|from|on|before|after|last|next) $", re.IGNORECASE)
ADDED = re.compile(r"\s*(?:[(\[|/,]| - ).*")
"""What people add to their names in Slack: `(on call)`, `| SRE`."""


def find_names(text: str, names: Iterable[str], parts: Iterable[str]) -> Iterator[str]:
    """The names of people in the text, the longest first: what is told is the whole name, not a part of it. `names` are
    whole ones, `parts` are first and last names that count where they begin with a capital letter."""
    plain = _fold(text)
    lower = plain.casefold()
    known = {(_prepare(name), True) for name in names} | {(_prepare(part), False) for part in parts}
    there = [(name, whole) for name, whole in known if len(name) >= SHORTEST and name.casefold() in lower]
    for name, whole in sorted(there, key=lambda each: (-len(each[0]), each)):
        if found := _find_name(plain, name, whole):
            yield found


def _find_name(plain: str, name: str, whole: bool) -> str:
    """The name as it stands there; empty where it is only a word."""
    if all(word in ORDINARY_WORDS for word in name.casefold().split()):
        return _find_common(plain, name)
    if not whole and not name[0].isupper():
        return ""
    match = re.search(WHOLE.format(re.escape(name)), plain, re.IGNORECASE if whole else re.NOFLAG)
    return match[0] if match else ""


def _find_common(plain: str, name: str) -> str:
    """A name of ordinary words: the whole one as names are written; a single one inside a sentence only."""
    written = name.title()
    if " " in name:
        return written if re.search(WHOLE.format(re.escape(written)), plain) else ""
    for match in re.finditer(INSIDE_SENTENCE.format(re.escape(written)), plain):
        if name.casefold() not in MONTHS or not BEFORE_MONTHS.search(plain[: match.start()]):
            return written
    return ""


def strip_additions(name: str) -> str:
    """The name alone."""
    return ADDED.sub("", name).strip() or name


def split_names(names: Iterable[str]) -> frozenset[str]:
    """First and last names out of whole ones."""
    return frozenset(
        part for name in names for part in strip_additions(name).split() if len(part) >= SHORTEST
    )


@lru_cache(maxsize=20_000)
def _prepare(name: str) -> str:
    """As it is looked for: thousands of names are, in each text."""
    return _fold(strip_additions(name))


def _fold(text: str) -> str:
    """Without accents: `José` and `Jose` are one."""
    return "".join(
        letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter)
    )
