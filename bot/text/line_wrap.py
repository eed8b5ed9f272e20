"""Wraps long lines for a narrow terminal."""

import re
from collections.abc import Iterator

ANSI = re.compile(r"\x1b\[[0-9;]*m")
FURTHER = 4
"""Columns by which the rest of a line stands further in than its beginning."""

NARROWEST = 40
"""Columns: below that the rest of a line begins at the left."""


def wrap(text: str, width: int) -> str:
    """Break lines between words where they are longer than `width` columns; colours take no column."""
    return "\n".join(part for line in text.split("\n") for part in _parts(line, width))


def _parts(line: str, width: int) -> Iterator[str]:
    if _columns(line) <= width:
        yield line
        return
    plain = ANSI.sub("", line)
    margin = " " * (len(plain) - len(plain.lstrip(" ")) + FURTHER if width >= NARROWEST else 0)
    part = ""
    for piece in re.split(r"(?<=\S)(?= )", line):
        if part.strip() and _columns(part + piece) > width:
            yield part
            part = margin + piece.lstrip(" ")
        else:
            part += piece
    yield part


def _columns(text: str) -> int:
    return len(ANSI.sub("", text))
