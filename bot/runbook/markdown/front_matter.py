"""What stands between the `---` lines at the very top of a document."""

import re
from collections.abc import Mapping, Sequence

LINE = re.compile(r"[\w-]+\s*:|\s+\S|- |#|$")
FIELD = re.compile(r"(?P<name>[A-Za-z][\w-]{0,40})\s*:\s*(?P<value>\S.*)")
UNCLOSED = re.compile(r"[\w-]+\s*:\s*(?:\[[^\]]*|\{[^}]*|\"[^\"]*|'[^']*)|\t.*")
"""A value whose bracket or quote is never closed, and a line that begins with a tab."""

MAX_FRONT_MATTER = 200
"""Lines that it has at most."""


def parse_front_matter(text: str) -> Mapping[str, str]:
    """Its plain fields by their names in small letters, the first of each; empty where there is none."""
    lines = text.split("\n")
    found: dict[str, str] = {}
    for line in lines[1 : _find_end(lines)]:
        if field := FIELD.fullmatch(line.rstrip()):
            found.setdefault(field["name"].casefold(), field["value"].strip("\"' "))
    return found


def blank_front_matter(lines: list[str]) -> list[str]:
    """The lines of a document, those of its front matter empty."""
    end = _find_end(lines)
    return [""] * (end + 1) + lines[end + 1 :] if end else lines


def find_broken_line(lines: Sequence[str]) -> int:
    """The first line of a front matter that is no YAML, counted from 1; 0 where there is none, or nothing to read."""
    if not lines or lines[0].rstrip() != "---":
        return 0
    end = next(
        (at for at, line in enumerate(lines[1:MAX_FRONT_MATTER], 1) if line.rstrip() in {"---", "..."}), 0
    )
    inside = lines[1:end]
    broken = next(
        (at for at, line in enumerate(inside, 2) if not LINE.match(line) or UNCLOSED.fullmatch(line)), 0
    )
    return broken if any(FIELD.fullmatch(line.rstrip()) for line in inside) else 0


def _find_end(lines: Sequence[str]) -> int:
    """The line that closes it, counted from 0; 0 where there is none, or where it is something else."""
    if not lines or lines[0].rstrip() != "---":
        return 0
    for number, line in enumerate(lines[1:MAX_FRONT_MATTER], 1):
        if line.rstrip() in {"---", "..."}:
            return number
        if not LINE.match(line):
            return 0
    return 0
