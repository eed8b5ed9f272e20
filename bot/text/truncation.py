"""Cuts texts between letters as people see them: an accent, a joiner or a flag's half is never left alone."""

import re
import unicodedata

MAX_GRAPHEME_LENGTH = 100

INVISIBLE = re.compile("[\u115f\u1160\u2800\u3164\uffa0]")
"""Letters that are drawn as nothing, and have a category as if they were something."""

CONTROL = re.compile(r"\r\n|[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""What steers a screen, and halves of letters: no database keeps a NUL or a half."""

PICTURES = 0x2400
"""Where Unicode's pictures of the control characters begin: `␀`, `␛`."""


def make_storable(text: str) -> str:
    """The text as a database keeps it and Slack shows it: control characters as pictures, halves of letters as `�`."""
    return CONTROL.sub(_replace_control, text)


def _replace_control(found: re.Match[str]) -> str:
    if found[0] == "\r\n":
        return "\n"
    number = ord(found[0])
    return "␡" if number == 0x7F else chr(PICTURES + number) if number < 0x20 else "�"


def is_blank(text: str) -> bool:
    """Whether nobody sees anything of a text: spaces, joiners, letters without a shape, accents on nothing."""
    return all(
        unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zs", "Zl", "Zp", "Mn", "Me"}
        or INVISIBLE.match(letter)
        for letter in text
    )


def join_lines(text: str) -> str:
    """The text without line breaks and without more than one space in a row."""
    return " ".join(text.split())


def join_points(text: str) -> str:
    """The same, where lines of their own become points with semicolons between them: `Rolled back; Scaled up`. What
    goes on in small letters is the same sentence."""
    points: list[str] = []
    for line in filter(str.strip, text.splitlines()):
        said = join_lines(POINT.sub("", line))
        if points and not POINT.match(line) and (said[:1].islower() or points[-1].endswith((",", ":"))):
            points[-1] += f" {said}"
        else:
            points.append(said)
    return "; ".join([point.rstrip(".;") for point in points[:-1]] + points[-1:])


POINT = re.compile(r"^\s*[-•*]\s+")
"""What begins a point of a list, as people type it."""


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, never cut in the middle of a letter; a shortened text ends in `…`."""
    if len(text) <= limit:
        return text
    return text[: find_letter_end(text, limit - 1)].rstrip() + "…"


def take_beginning(text: str, limit: int) -> str:
    """The first letters of a text, for where it can be read in full elsewhere or is typed on: nothing is added."""
    return text[: find_letter_end(text, limit)]


def find_letter_end(text: str, end: int) -> int:
    """The last place at or before `end` where no letter is torn from its accents, joiners or modifiers."""
    around = text[max(end - 1, 0) : end + 1]
    if len(around) < 2 or (around.isascii() and around != "\r\n"):
        return end
    import regex  # takes 20 ms, and most texts that are cut are cut between two letters of ASCII

    for letter in regex.finditer(r"\X", text):
        if letter.end() > end:
            # A heap of marks is no letter.
            return int(letter.start()) if end - letter.start() <= MAX_GRAPHEME_LENGTH else end
    return end
