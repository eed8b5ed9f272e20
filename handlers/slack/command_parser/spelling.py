"""How the same thing is typed: full-width letters, kinds of spaces and dashes, marks and brackets around a word."""

import re
import unicodedata

DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d\u2043\u02d7\u05be\u30fc"
PAIRS = {
    **{mark: (mark,) for mark in ("*", "_", "~", "`", '"', "'")},
    "“": ("”", "“"), "”": ("”", "“"), "„": ("“", "”"), "‘": ("’", "‘"), "’": ("’", "‘"), "‚": ("‘", "’"),
    "«": ("»",), "»": ("«",), "‹": ("›",), "›": ("‹",),
    "(": (")",), "[": ("]",), "{": ("}",), "「": ("」",), "『": ("』",), "【": ("】",), "《": ("》",),
    "〈": ("〉",), "〔": ("〕",), "&lt;": ("&gt;",),
}  # fmt: skip
"""What opens around a word, and what may close it; the last pair is how Slack sends `<` and `>`."""

ENDS = ".,:;!?…、。،؛؟।"
"""Marks that may stand behind a word and are no part of it."""

DASH = f"[{re.escape(DASHES)}]"
UNSEEN = "\x1f"
"""What a letter that nobody sees is folded to: it separates words as a space does, and may stand inside of one."""

EMOJI = r":(?:[a-z0-9][a-z0-9_+'-]*|[+-]1):"
SIGN = rf"(?:{EMOJI}|&gt;|[^\w\s<&{re.escape(''.join(pair for pair in PAIRS if len(pair) == 1))}])"
"""A sign or an emoji in front of words, which says nothing: a siren, a bullet, an arrow."""

OPENED = re.compile(rf"\s*(&lt;|[{re.escape(''.join(pair for pair in PAIRS if len(pair) == 1))}])|\s+")
APART = re.compile(rf"(?:\s*(?:[{re.escape(ENDS)}|=→>]|{DASH}|&gt;)+(?=\s|$)|[|=→]+)?\s*")
"""A mark between a word and the text, with a space behind it."""


LOOK_ALIKES = dict(zip("ІіӀΙΝСсϹϲОоΟο", "IiIINCcCcOoOo", strict=True))
"""Letters of other alphabets that stand in an incident's name on a keyboard of two languages."""


def fold_text(text: str) -> str:
    """The text as it is compared, letter for letter at the same places: full-width forms as ASCII, every kind of space
    as a space and every invisible letter as UNSEEN."""
    return "".join(_fold_letter(letter) for letter in text)


def _fold_letter(letter: str) -> str:
    if letter.isascii() or letter in DASHES or letter in ENDS:
        return letter
    if unicodedata.category(letter) in ("Cf", "Me") or "\ufe00" <= letter <= "\ufe0f":
        return UNSEEN
    if letter.isspace():
        return " "
    if letter in LOOK_ALIKES:
        return LOOK_ALIKES[letter]
    plain = unicodedata.normalize("NFKC", letter)
    return plain if len(plain) == 1 else letter


QUOTES = "`\"'“”„‘’‚«»‹›"


def strip_quotes(text: str) -> str:
    """The text without the quotation marks around the whole of it."""
    inner = text.strip()
    while len(inner) > 2 and inner[0] in QUOTES and inner[-1] in PAIRS[inner[0]]:
        if inner[0] in inner[1:-1] or inner[-1] in inner[1:-1]:
            break
        inner = inner[1:-1].strip()
    return inner


def skip_opening_marks(folded: str, place: int) -> tuple[int, list[str]]:
    """Behind the spaces and the marks that open here, and which marks those are."""
    opened = list[str]()
    while found := OPENED.match(folded, place):
        opened += [found[1]] if found[1] else []
        place = found.end()
    return place, opened


def skip_closing_marks(folded: str, place: int, opened: list[str]) -> int:
    """Behind the marks that close what was opened, which are taken out of `opened`, and what separates the text."""
    while place < len(folded):
        closing = [pair for pair in PAIRS[opened[-1]] if folded.startswith(pair, place)] if opened else []
        if closing:
            place += len(closing[0])
            opened.pop()
        elif folded[place] in ENDS + DASHES:
            place += 1
        else:
            break
    found = APART.match(folded, place)
    return found.end() if found else place
