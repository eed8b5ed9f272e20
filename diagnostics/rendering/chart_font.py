"""Which letters the charts' font has: any other would be drawn as an empty box.

The tables of a font: learn.microsoft.com/typography/opentype/spec, `cmap`, format 12.
"""

import functools
import re
import struct
from bisect import bisect
from pathlib import Path

FONT = Path(__file__).resolve().parent / "fonts" / "DejaVuSans.ttf"
LACKING = "[…]"
"""Stands for letters that cannot be drawn; a line in the picture says so."""

WHOLE_UNICODE = (3, 10)
"""The platform and the encoding of the table that knows all letters."""


def replace_missing_glyphs(text: str) -> str:
    """The text, with LACKING in the place of letters that the font does not have."""
    starts, ends = _load_glyph_ranges()
    told = (letter if ends[bisect(starts, ord(letter)) - 1] >= ord(letter) else "\0" for letter in text)
    return re.sub("\0+", LACKING, "".join(told))


@functools.cache
def _load_glyph_ranges() -> tuple[list[int], list[int]]:
    """The first and the last letters of all ranges that the font has, in their order."""
    font = FONT.read_bytes()
    (count,) = struct.unpack_from(">H", font, 4)
    tables = [struct.unpack_from(">4sLLL", font, 12 + 16 * number) for number in range(count)]
    letters = next(offset for name, _, offset, _ in tables if name == b"cmap")
    (count,) = struct.unpack_from(">H", font, letters + 2)
    listed = [struct.unpack_from(">HHL", font, letters + 4 + 8 * number) for number in range(count)]
    table = letters + next(offset for *kind, offset in listed if tuple(kind) == WHOLE_UNICODE)
    (count,) = struct.unpack_from(">L", font, table + 12)
    ranges = [struct.unpack_from(">LL", font, table + 16 + 12 * number) for number in range(count)]
    return [0, *(first for first, _ in ranges)], [0, *(last for _, last in ranges)]
