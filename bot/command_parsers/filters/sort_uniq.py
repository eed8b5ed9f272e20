"""sort and uniq."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from bot.command_parsers.filters.budget import Budget
from bot.command_parsers.filters.text import join_lines, parse_words, reject_files, split_lines
from bot.command_parsers.shell.options import OptionSpec, parse_spellings
from bot.errors import UnsupportedCommand

Apply = Callable[[str, Budget], str]
SORT = OptionSpec(
    "sort",
    parse_spellings(
        "-n --numeric-sort, -r --reverse, -u --unique, -f --ignore-case, -b --ignore-leading-blanks,"
        " -h --human-numeric-sort, -g --general-numeric-sort, -s --stable"
    ),
    parse_spellings("-k --key, -t --field-separator"),
)
UNIQ = OptionSpec("uniq", parse_spellings("-c --count, -d --repeated, -u --unique, -i --ignore-case"), {})
PLACE = r"(\d{1,4})(?:\.(\d{1,4}))?([nrfbhg]*)"
KEY = re.compile(f"{PLACE}(?:,{PLACE})?")
NUMBER = re.compile(r"[ \t]*(-?)(\d*(?:\.\d*)?)([kKMGTPEZY]?)")
FLOAT = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)")
FIELD = re.compile(r"[ \t]*[^ \t]*")
SIZES = "KMGTPEZY"
LETTERS = {
    "n": "numeric-sort", "r": "reverse", "f": "ignore-case", "b": "ignore-leading-blanks",
    "h": "human-numeric-sort", "g": "general-numeric-sort",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _SortKey:
    """One part of a line to sort by: `first` and `last` are (field, letter) from 1, `last` None to the end."""

    first: tuple[int, int]
    last: tuple[int, int] | None
    how: frozenset[str]
    blanks: tuple[bool, bool]
    separator: str | None

    def extract(self, line: str) -> Any:
        """What is compared."""
        text = self._part(line)
        if "numeric-sort" in self.how:
            return _number(text)[1]
        if "human-numeric-sort" in self.how:
            return _number(text)
        if "general-numeric-sort" in self.how:
            found = FLOAT.match(text)
            return (1, float(found[1])) if found else (0, 0.0)
        return text.upper() if "ignore-case" in self.how else text

    def _part(self, line: str) -> str:
        fields = self._fields(line)
        start = self._place(line, fields, self.first, self.blanks[0])
        if self.last is None:
            return line[start:]
        field, letter = self.last
        if letter == 0:
            end = fields[field - 1][1] if field <= len(fields) else len(line)
        else:
            end = self._place(line, fields, (field, letter + 1), self.blanks[1])
        return line[start : max(start, end)]

    def _fields(self, line: str) -> list[tuple[int, int]]:
        if self.separator is None:
            return [found.span() for found in FIELD.finditer(line) if found[0]]
        spans, at = [], 0
        for part in line.split(self.separator):
            spans.append((at, at + len(part)))
            at += len(part) + 1
        return spans

    def _place(self, line: str, fields: list[tuple[int, int]], place: tuple[int, int], blanks: bool) -> int:
        field, letter = place
        if field > len(fields):
            return len(line)
        at = fields[field - 1][0]
        if blanks:
            while at < len(line) and line[at] in " \t":
                at += 1
        return min(at + letter - 1, len(line))


def _number(text: str) -> tuple[int, Decimal]:
    """A number's size (thousands, millions ...) with its sign, and the number; 0 for what is none."""
    found = NUMBER.match(text)
    digits = found[2] if found and found[2].strip(".") else "0"
    value = Decimal(f"{found[1] if found else ''}{digits}")
    size = SIZES.index(found[3].upper()) + 1 if found and found[3] and value else 0
    return (-size if value < 0 else size), value


def parse_sort(words: Sequence[str]) -> Apply:
    """Lines in order, by code points or by what `-n`, `-k` and their like say."""
    read = parse_words(words, SORT)
    reject_files(read, "sort")
    separator = read.last("field-separator")
    if separator is not None and len(separator) != 1:
        raise UnsupportedCommand("sort -t wants one letter")
    whole_line = frozenset(read.flags) & set(LETTERS.values())
    keys = [_key(text, whole_line, separator) for text in read.values.get("key", [])]
    if not keys:
        blanks = "ignore-leading-blanks" in whole_line
        keys = [_SortKey((1, 1), None, whole_line, (blanks, False), separator)]
    for key in keys:
        if len(key.how & {"numeric-sort", "human-numeric-sort", "general-numeric-sort"}) > 1:
            raise UnsupportedCommand("sort is told two ways to read numbers")

    def apply(text: str, budget: Budget) -> str:
        lines = split_lines(text)
        if not read.flags & {"stable", "unique"}:
            lines.sort(reverse="reverse" in read.flags)
        for key in reversed(keys):
            lines.sort(key=_spending(key, budget), reverse="reverse" in key.how)
        if "unique" in read.flags:
            lines = [
                next(same) for _, same in groupby(lines, lambda line: [key.extract(line) for key in keys])
            ]
        return join_lines(lines)

    return apply


def _spending(key: _SortKey, budget: Budget) -> Callable[[str], Any]:
    def of(line: str) -> Any:
        budget.spend()
        return key.extract(line)

    return of


def _key(text: str, everywhere: frozenset[str], separator: str | None) -> _SortKey:
    found = KEY.fullmatch(text)
    if not found or int(found[1]) < 1 or found[2] == "0" or found[4] == "0":
        raise UnsupportedCommand(f"sort -k {text[:30]} is not evaluated")
    own = f"{found[3]}{found[6] or ''}"
    how = frozenset(LETTERS[letter] for letter in own) if own else everywhere
    blanks = ("b" in found[3], "b" in (found[6] or "")) if own else ("ignore-leading-blanks" in how,) * 2
    last = (int(found[4]), int(found[5] or 0)) if found[4] else None
    return _SortKey((int(found[1]), int(found[2] or 1)), last, how, blanks, separator)


def parse_uniq(words: Sequence[str]) -> Apply:
    """Equal lines that follow each other once, with `-c` how often they stand there."""
    read = parse_words(words, UNIQ)
    reject_files(read, "uniq")

    def apply(text: str, budget: Budget) -> str:
        found = []
        for _, same in groupby(split_lines(text), str.lower if "ignore-case" in read.flags else None):
            first, *more = same
            number = len(more) + 1
            if ("repeated" in read.flags and number == 1) or ("unique" in read.flags and number > 1):
                continue
            found.append(f"{number:7} {first}" if "count" in read.flags else first)
        return join_lines(found)

    return apply
