"""grep: which of its options are evaluated, and the lines that it lets through."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.command_parsers.filters.budget import Budget
from bot.command_parsers.filters.grep_regex import escape_literal, translate_pattern
from bot.command_parsers.filters.text import join_lines, parse_number, parse_words, split_lines
from bot.command_parsers.shell.options import OptionSpec, ParsedOptions, parse_spellings
from bot.errors import FilterFailed, UnsupportedCommand

Apply = Callable[[str, Budget], str]
GREP = OptionSpec(
    "grep",
    parse_spellings(
        "-E --extended-regexp, -F --fixed-strings, -G --basic-regexp, -P --perl-regexp, -i --ignore-case,"
        " -y --ignore-case, -v --invert-match, -w --word-regexp, -x --line-regexp, -c --count, -n --line-number,"
        " -o --only-matching, -q --quiet, --silent, -h --no-filename, -H --with-filename, -s --no-messages,"
        " -a --text, --line-buffered, -I --without-binary, --no-ignore-case"
    ),
    parse_spellings("-e --regexp, -m --max-count, -A --after-context, -B --before-context, -C --context"),
)
DIALECTS = {"extended-regexp": "E", "fixed-strings": "F", "basic-regexp": "G", "perl-regexp": "P"}
COLOURS = ("--color", "--colour")
MAX_CONTEXT_LINES = 1_000
REFERENCE = re.compile(r"\\[1-9]")


@dataclass(frozen=True, slots=True)
class _Grep:
    """What grep is told; `pattern` is compiled."""

    pattern: Any
    flags: frozenset[str]
    most: int | None
    before: int
    after: int

    def apply(self, text: str, budget: Budget) -> str:
        lines = split_lines(text)
        if "only-matching" in self.flags and not self.flags & {"count", "quiet"}:
            return join_lines(self._matches(lines, budget))
        chosen = list(self._chosen(lines, budget))
        if "quiet" in self.flags:
            return ""
        if "count" in self.flags:
            return join_lines([self._add_name(str(len(chosen)), ":")])
        return join_lines(self._around(lines, chosen))

    def _chosen(self, lines: Sequence[str], budget: Budget) -> Iterator[int]:
        wanted = "invert-match" not in self.flags
        found = 0
        for number, line in enumerate(lines):
            if self.most is not None and found >= self.most:
                return
            if (next(self._in(line, budget), None) is not None) is wanted:
                found += 1
                yield number

    def _in(self, line: str, budget: Budget) -> Iterator[str]:
        """What the pattern matches in a line, in order."""
        try:
            for found in self.pattern.finditer(line, timeout=budget.time_left(), concurrent=True):
                budget.spend()
                yield found[0]
        except TimeoutError as error:
            raise FilterFailed(f"its pattern takes longer than {budget.seconds:g} s") from error

    def _matches(self, lines: Sequence[str], budget: Budget) -> Iterator[str]:
        if "invert-match" in self.flags:
            return
        for number in self._chosen(lines, budget):
            for text in self._in(lines[number], budget):
                if text:
                    yield self._add_name(self._add_number(number, text, ":"), ":")

    def _around(self, lines: Sequence[str], chosen: Sequence[int]) -> Iterator[str]:
        """The lines with those around them, and `--` where some are left out."""
        hits = set(chosen)
        shown = -1
        for number in chosen:
            first = max(number - self.before, shown + 1)
            if shown >= 0 and first > shown + 1 and (self.before or self.after):
                yield "--"
            for near in range(first, min(len(lines), number + self.after + 1)):
                mark = ":" if near in hits else "-"
                yield self._add_name(self._add_number(near, lines[near], mark), mark)
                shown = near

    def _add_number(self, number: int, text: str, mark: str) -> str:
        return f"{number + 1}{mark}{text}" if "line-number" in self.flags else text

    def _add_name(self, text: str, mark: str) -> str:
        return f"(standard input){mark}{text}" if "with-filename" in self.flags else text


def parse_grep(words: Sequence[str], dialect: str) -> Apply:
    """Raises `Unclear` for files, options and patterns that are not evaluated."""
    words = [word for word in words if word.split("=")[0] not in COLOURS]
    read = parse_words(words, GREP, "context")
    patterns = read.values.get("regexp", [])
    rest = read.rest
    if not patterns:
        patterns, rest = rest[:1], rest[1:]
    if not patterns or rest not in ([], ["-"]):
        raise UnsupportedCommand("grep reads files, not the pipe" if patterns else "grep has no pattern")
    lines = [line for pattern in patterns for line in pattern.split("\n")]
    most = read.last("max-count")
    grep = _Grep(
        _compile(lines, _choose_dialect(read.flags, dialect), read.flags),
        frozenset(read.flags),
        None if most is None else parse_number(most, "grep"),
        *_parse_limits(read),
    )
    return grep.apply


def _choose_dialect(flags: set[str], dialect: str) -> str:
    """The kind of pattern that an option names, else the one that the program's name says."""
    told = flags & set(DIALECTS)
    if len(told) > 1:
        raise UnsupportedCommand("grep is told two kinds of pattern")
    return DIALECTS[next(iter(told))] if told else dialect


def _parse_limits(read: ParsedOptions) -> list[int]:
    """How many lines are shown before and after a match."""
    around = read.last("context") or "0"
    limits = [
        parse_number(read.last(name) or around, "grep", MAX_CONTEXT_LINES)
        for name in ("before-context", "after-context")
    ]
    if any(limits) and "only-matching" in read.flags:
        raise UnsupportedCommand("grep -o with lines around is not evaluated")
    return limits


def _join_patterns(patterns: Sequence[str], dialect: str) -> str:
    """One pattern that matches where any of these does."""
    if dialect == "P" and len(patterns) > 1:
        raise UnsupportedCommand("grep -P takes one pattern")
    if len(patterns) > 1 and any(REFERENCE.search(pattern) for pattern in patterns):
        raise UnsupportedCommand("grep with several patterns that refer back is not evaluated")
    texts = [
        escape_literal(pattern) if dialect == "F" else translate_pattern(pattern, dialect)
        for pattern in patterns
    ]
    return texts[0] if len(texts) == 1 else "|".join(f"(?:{text})" for text in texts)


def _compile(patterns: Sequence[str], dialect: str, flags: set[str]) -> Any:
    import regex

    text = _join_patterns(patterns, dialect)
    if "line-regexp" in flags:
        text = rf"\A(?:{text})\Z"
    elif "word-regexp" in flags:
        text = rf"(?<!\w)(?:{text})(?!\w)"
    how = regex.VERSION0
    if "ignore-case" in flags and "no-ignore-case" not in flags:
        how |= regex.IGNORECASE
    if dialect in "EG":
        how |= regex.POSIX
    try:
        return regex.compile(text, how, cache_pattern=False)
    except (regex.error, ValueError, OverflowError, IndexError) as error:
        raise UnsupportedCommand(f"grep's pattern is not understood: {str(error)[:80]}") from error
