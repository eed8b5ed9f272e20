"""head, tail and wc."""

import re
from collections.abc import Callable, Sequence

from bot.command_parsers.filters.budget import Budget
from bot.command_parsers.filters.text import join_lines, parse_number, parse_words, reject_files
from bot.command_parsers.shell.options import OptionSpec, parse_spellings
from bot.errors import UnsupportedCommand

Apply = Callable[[str, Budget], str]
COUNTED = parse_spellings("-n --lines, -c --bytes")
HEAD = OptionSpec("head", parse_spellings("-q --quiet, --silent"), COUNTED)
TAIL = OptionSpec("tail", parse_spellings("-q --quiet, --silent"), COUNTED)
WC = OptionSpec("wc", parse_spellings("-l --lines, -w --words, -m --chars, -c --bytes"), {})
SIGNED = re.compile(r"([+-]?)(\d{1,9})")
ORDER = ("lines", "words", "chars", "bytes")
WIDTH = 7


def parse_head(words: Sequence[str]) -> Apply:
    """The first lines or bytes, 10 lines when nothing is said; `-n -5` is all but the last 5."""
    unit, sign, number = _parse_count(words, HEAD)
    end = number if sign != "-" else -number or None

    def apply(text: str, budget: Budget) -> str:
        if unit == "lines":
            return _ends(text, slice(0, end))
        return text.encode()[:end].decode(errors="ignore")

    return apply


def parse_tail(words: Sequence[str]) -> Apply:
    """The last lines or bytes, 10 lines when nothing is said; `-n +5` is from the fifth on."""
    unit, sign, number = _parse_count(words, TAIL)
    part = slice(max(number - 1, 0), None) if sign == "+" else slice(-number, None) if number else slice(0, 0)

    def apply(text: str, budget: Budget) -> str:
        if unit == "lines":
            return _ends(text, part)
        return text.encode()[part].decode(errors="ignore")

    return apply


def _ends(text: str, part: slice) -> str:
    """Some of the lines; a last one that has no end gets none."""
    return "".join(re.findall(r"[^\n]*\n|[^\n]+", text)[part])


def _parse_count(words: Sequence[str], spelling: OptionSpec) -> tuple[str, str, int]:
    read = parse_words(words, spelling, "lines")
    reject_files(read, spelling.program)
    if len(read.values) > 1:
        raise UnsupportedCommand(f"{spelling.program} counts both lines and bytes")
    unit = next(iter(read.values), "lines")
    found = SIGNED.fullmatch(read.last(unit) or "10")
    if not found:
        raise UnsupportedCommand(f"{spelling.program} wants a number, not “{(read.last(unit) or '')[:30]}”")
    return unit, found[1], parse_number(found[2], spelling.program)


def parse_wc(words: Sequence[str]) -> Apply:
    """How many lines, words, characters or bytes."""
    read = parse_words(words, WC)
    reject_files(read, "wc")
    wanted = [name for name in ORDER if name in (read.flags or {"lines", "words", "bytes"})]

    def apply(text: str, budget: Budget) -> str:
        count = {
            "lines": lambda: text.count("\n"),
            "words": lambda: len(text.split()),
            "chars": lambda: len(text),
            "bytes": lambda: len(text.encode()),
        }
        numbers = [str(count[name]()) for name in wanted]
        return join_lines(
            [" ".join(number.rjust(WIDTH) for number in numbers) if len(numbers) > 1 else numbers[0]]
        )

    return apply
