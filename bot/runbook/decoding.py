"""Bytes of a runbook's file to text, with the usual accidents mended and said."""

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator

from bot.runbook.model import Problem

_UNDEFINED = "\x81\x8d\x8f\x90\x9d"
"""Bytes without a letter in Windows-1252; software passes them through as they are."""

_BYTE_OF = {bytes([n]).decode("cp1252"): n for n in range(128, 256) if chr(n) not in _UNDEFINED}
_BYTE_OF |= {letter: ord(letter) for letter in _UNDEFINED}
_RUN = re.compile("[" + re.escape("".join(_BYTE_OF)) + "]{2,}")
_CHARACTER = re.compile(rb"[\xc2\xc3][\x80-\xbf]|[\xe2\xef][\x80-\xbf]{2}|\xf0[\x90-\xbf][\x80-\xbf]{2}")
"""UTF-8 of the signs that runbooks use: accents, dashes, quotes, arrows, emoji."""


MOST_CHARACTERS = 1_000_000
"""What is read of one file."""


class Unreadable(ValueError):
    """The bytes are no text. The message is a sentence with what to do."""


def decode(raw: bytes) -> tuple[str, tuple[Problem, ...]]:
    """The text of a file with `\\n` at its line ends, and what was mended in it.

    Raises `Unreadable` when the bytes are not UTF-8.
    """
    if raw.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        raise Unreadable("The runbook is UTF-16. Save it as UTF-8 and try again.")
    try:
        text = raw.removeprefix(BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise Unreadable(
            f"The runbook is not UTF-8 text: line {line} has the byte 0x{raw[error.start]:02x}. Save it as "
            f"UTF-8 and try again."
        ) from error
    text = unified(text)
    return _mended(text)


def unified(text: str) -> str:
    """The text without byte order mark and with `\\n` at every line end."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _mended(text: str) -> tuple[str, tuple[Problem, ...]]:
    problems = []
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        problems.append(Problem(line, "warning", "NUL bytes were left out. Remove them from the file."))
        text = text.replace("\0", "")
    repaired = _RUN.sub(_once_decoded, text[:MOST_CHARACTERS]) + text[MOST_CHARACTERS:]
    if repaired != text:
        lines = list(_different(text, repaired))
        problems.append(
            Problem(
                lines[0],
                "warning",
                f"{len(lines)} line{'s were' if len(lines) > 1 else ' was'} encoded as UTF-8 twice (such as "
                f"“ðŸš¨” for “🚨”) and "
                "read as meant. Save the file with the right signs.",
            )
        )
    return repaired, tuple(problems)


def _once_decoded(run: re.Match[str]) -> str:
    raw = bytes(_BYTE_OF[letter] for letter in run[0])
    parts = []
    end = 0
    for found in _CHARACTER.finditer(raw):
        parts.append(run[0][end : found.start()])
        parts.append(found[0].decode("utf-8", "replace"))
        end = found.end()
    return "".join([*parts, run[0][end:]])


def _different(before: str, after: str) -> Iterator[int]:
    pairs = zip(before.split("\n"), after.split("\n"), strict=False)
    return (number for number, (old, new) in enumerate(pairs, 1) if old != new)
