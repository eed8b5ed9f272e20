"""Texts cut between letters as people see them: an accent, a joiner or a flag's half is never left alone."""

import re
import unicodedata

MISSING = len(" … (cut, 1,000,000 more characters)")
SHORT = 120
"""Below this many characters there is no room to say how much is missing."""

VIRAMA = 9
"""Unicode's combining class of the signs that bind two Indic consonants into one."""

CLINGING = re.compile(
    "[\u200c\u200d\u0e33\u0eb3\u1160-\u11ff\ud7b0-\ud7ff\uff9e\uff9f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
)
"""What is written onto the letter before it, and has no category that says so."""

LONGEST_LETTER = 100

CONTROL = re.compile(r"\r\n|[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""What steers a screen, and halves of letters: no database keeps a NUL or a half."""

PICTURES = 0x2400
"""Where Unicode's pictures of the control characters begin: `␀`, `␛`."""


def keepable(text: str) -> str:
    """The text as a database keeps it and Slack shows it: control characters as pictures, halves of letters as `�`."""
    return CONTROL.sub(_pictured, text)


def _pictured(found: re.Match[str]) -> str:
    if found[0] == "\r\n":
        return "\n"
    number = ord(found[0])
    return "␡" if number == 0x7F else chr(PICTURES + number) if number < 0x20 else "�"


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
    wanted = end
    while 0 < end < len(text) and (_clings(text[end]) or _draws(text[end - 1], text[end])):
        end -= 1
    if wanted - end > LONGEST_LETTER:  # no letter, a heap of marks
        return wanted
    if 0 < end < len(text) and _is_flag(text[end]) and _is_flag(text[end - 1]):
        run = 0
        while end - 1 - run >= 0 and _is_flag(text[end - 1 - run]):
            run += 1
        end -= run % 2
    return end


def _clings(letter: str) -> bool:
    """Whether it is written onto the letter before: an accent, a skin tone, a vowel or an end of a Korean syllable."""
    return unicodedata.category(letter) in {"Mn", "Me", "Mc"} or CLINGING.match(letter) is not None


def _draws(letter: str, following: str) -> bool:
    """Whether it takes the next one to itself: a joiner, the sign between Indic consonants, half a line's end."""
    return (
        letter == "\u200d"
        or (unicodedata.combining(letter) == VIRAMA and unicodedata.category(following) == "Lo")
        or letter + following == "\r\n"
    )


def _is_flag(letter: str) -> bool:
    return 0x1F1E6 <= ord(letter) <= 0x1F1FF
