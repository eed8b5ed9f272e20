"""What of a document cannot be read as Markdown that its writer meant to be read: each with its line."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from bot.runbook.markdown.front_matter import find_broken_line
from bot.runbook.model import Problem

FENCE = re.compile(r"\s{0,3}(?:>\s?)*(?P<mark>```+|~~~+)")
DELIMITER = re.compile(r"\s{0,3}\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)+\|?\s*|\s{0,3}\|\s*:?-+:?\s*\|\s*")
"""The row below a table's header."""

CELLS = re.compile(r"(?<!\\)\|")
HTML = re.compile(r"\s{0,3}<(?:!doctype|html|body|table|h[1-6]|ul|ol)\b", re.I)
"""Parts of a document in HTML that would tell something, were they Markdown."""


def find_faults(lines: Sequence[str]) -> list[Problem]:
    """Front matter that is no YAML, tables with ragged rows, and the first part that is HTML."""
    found = []
    if broken := find_broken_line(lines):
        message = "This line is no YAML, so the front matter is left out. Write “name: value”."
        found.append(Problem(broken, "warning", message))
    outside = list(_list_outside(lines))
    found += _find_ragged(outside)
    if html := next((number for number, line in outside if HTML.match(line)), 0):
        message = "HTML is not read here, only Markdown is. Write headings, lists and tables as Markdown."
        found.append(Problem(html, "warning", message))
    return found


def _list_outside(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The lines outside of fences with their numbers."""
    mark = ""
    for number, line in enumerate(lines, 1):
        fence = FENCE.match(line)
        if mark:
            if fence and fence["mark"].startswith(mark):
                mark = ""
        elif fence:
            mark = fence["mark"]
        else:
            yield number, line


def _find_ragged(lines: Sequence[tuple[int, str]]) -> Iterator[Problem]:
    """One problem for each table whose rows do not have the cells of its header."""
    wanted, told, ragged = 0, "", list[int]()
    for (_, before), (number, line) in pairwise([*lines, (0, "")]):
        if not wanted and "|" in before and DELIMITER.fullmatch(line):
            wanted = _count_cells(before)
        elif wanted and "|" in line:
            if (count := _count_cells(line)) != wanted:
                ragged.append(number)
                told = told or f"This row has {count} cell{'s' * (count != 1)}, its table's header {wanted}"
        elif wanted:
            if ragged:
                others = f" (and {len(ragged) - 1} more of its rows)" if len(ragged) > 1 else ""
                said = f"{told}{others}: what is missing is read as empty, what is too much is left out."
                yield Problem(ragged[0], "warning", said)
            wanted, told, ragged = 0, "", []


def _count_cells(row: str) -> int:
    bare = row.strip()
    cells = len(CELLS.findall(bare)) + 1
    return cells - bare.startswith("|") - (bare.endswith("|") and not bare.endswith("\\|"))
