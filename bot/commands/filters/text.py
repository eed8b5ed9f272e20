"""Text as the programs of a pipeline see it: lines, each with its end."""

import re
from collections.abc import Iterable, Sequence

from bot.commands.given import Word
from bot.commands.options import Read, Spelling, read_options
from bot.errors import Unclear

NUMBER = re.compile(r"-(\d{1,9})")


def lines_of(text: str) -> list[str]:
    """The lines without their ends; only a newline ends one."""
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    return lines


def joined(lines: Iterable[str]) -> str:
    """The lines, each with its end."""
    return "".join(f"{line}\n" for line in lines)


def read_words(words: Sequence[str], spelling: Spelling, number: str = "") -> Read:
    """Options sorted; `-10` is the value of the option `number`. Raises `Unclear`."""
    if number:
        words = _with_number(words, spelling, number)
    return read_options([Word(word) for word in words], spelling)


def _with_number(words: Sequence[str], spelling: Spelling, number: str) -> list[str]:
    values = "".join(name[1] for name in spelling.values if not name.startswith("--"))
    found, before = list[str](), ""
    for word in words:
        told = NUMBER.fullmatch(word)
        if told and before not in spelling.values and not re.fullmatch(rf"-[A-Za-z]*[{values}]|--", before):
            word = f"--{number}={told[1]}"
        found.append(word)
        before = word if before != "--" else before
    return found


def without_files(read: Read, program: str) -> None:
    """Only the pipe is read."""
    if read.rest not in ([], ["-"]):
        raise Unclear(f"{program} reads a file, not the pipe")


def whole(text: str, program: str, most: int = 999_999_999) -> int:
    """A number that an option gives."""
    if not re.fullmatch(r"\d{1,9}", text) or int(text) > most:
        raise Unclear(f"{program} wants a number, not “{text[:30]}”")
    return int(text)
