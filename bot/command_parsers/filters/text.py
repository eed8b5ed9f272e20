"""Text as the programs of a pipeline see it: lines, each with its end."""

import re
from collections.abc import Iterable, Sequence

from bot.command_parsers.parse_context import ShellWord
from bot.command_parsers.shell.options import OptionSpec, ParsedOptions, parse_options
from bot.errors import UnsupportedCommand

NUMBER = re.compile(r"-(\d{1,9})")


def split_lines(text: str) -> list[str]:
    """The lines without their ends; only a newline ends one."""
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    return lines


def join_lines(lines: Iterable[str]) -> str:
    """The lines, each with its end."""
    return "".join(f"{line}\n" for line in lines)


def parse_words(words: Sequence[str], spelling: OptionSpec, number: str = "") -> ParsedOptions:
    """Options sorted; `-10` is the value of the option `number`. Raises `Unclear`."""
    if number:
        words = _with_number(words, spelling, number)
    return parse_options([ShellWord(word) for word in words], spelling)


def _with_number(words: Sequence[str], spelling: OptionSpec, number: str) -> list[str]:
    values = "".join(name[1] for name in spelling.values if not name.startswith("--"))
    found, before = list[str](), ""
    for word in words:
        told = NUMBER.fullmatch(word)
        if told and before not in spelling.values and not re.fullmatch(rf"-[A-Za-z]*[{values}]|--", before):
            word = f"--{number}={told[1]}"
        found.append(word)
        before = word if before != "--" else before
    return found


def reject_files(read: ParsedOptions, program: str) -> None:
    """Only the pipe is read."""
    if read.rest not in ([], ["-"]):
        raise UnsupportedCommand(f"{program} reads a file, not the pipe")


def parse_number(text: str, program: str, most: int = 999_999_999) -> int:
    """A number that an option gives."""
    if not re.fullmatch(r"\d{1,9}", text) or int(text) > most:
        raise UnsupportedCommand(f"{program} wants a number, not “{text[:30]}”")
    return int(text)
