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


MAX_CHARACTERS = 1_000_000
"""What is read of one file."""


CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f\x81\x8d\x8f\x90\x9d]")
LATIN_WORD = re.compile(rb"[A-Za-z][\xc0-\xff]|[\xc0-\xff][a-z]")
ALONE = re.compile(rb"(?<![A-Za-z\xc0-\xff])[\xc0-\xff](?![A-Za-z\xc0-\xff])|[\xfe\xff]{2}")
"""Bytes that no text has, letters within a word, and letters that stand alone."""


class UndecodableFile(ValueError):
    """The bytes are no text. The message is a sentence with what to do."""


def decode_text(raw: bytes) -> tuple[str, tuple[Problem, ...]]:
    """The text of a file with `\\n` at its line ends, and what was mended in it.

    Raises UndecodableFile when the bytes are neither UTF-8 nor, beyond doubt, UTF-16 or Latin-1.
    """
    if raw.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return _decode_utf16(raw)
    try:
        text = raw.removeprefix(BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        if _is_latin(raw):
            text, problems = _repair(normalise_newlines(raw.decode("cp1252")))
            message = "The file is Latin-1 and was read as such. Save it as UTF-8."
            return text, (Problem(line, "warning", message), *problems)
        raise UndecodableFile(
            f"The runbook is not UTF-8 text: line {line} has the byte 0x{raw[error.start]:02x}. Save it as "
            f"UTF-8 and try again."
        ) from error
    text = normalise_newlines(text)
    return _repair(text)


def _decode_utf16(raw: bytes) -> tuple[str, tuple[Problem, ...]]:
    try:
        text, problems = _repair(normalise_newlines(raw.decode("utf-16")))
    except UnicodeDecodeError as error:
        raise UndecodableFile("The runbook is broken UTF-16. Save it as UTF-8 and try again.") from error
    return text, (
        Problem(1, "warning", "The file is UTF-16 and was read as such. Save it as UTF-8."),
        *problems,
    )


def _is_latin(raw: bytes) -> bool:
    """Whether bytes are text in Latin-1: each one that is no ASCII is a letter beside another one, or a sign."""
    return not CONTROLS.search(raw) and LATIN_WORD.search(raw) is not None and ALONE.search(raw) is None


def normalise_newlines(text: str) -> str:
    """The text without byte order mark and with `\\n` at every line end."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _repair(text: str) -> tuple[str, tuple[Problem, ...]]:
    problems = []
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        problems.append(Problem(line, "warning", "NUL bytes were left out. Remove them from the file."))
        text = text.replace("\0", "")
    repaired = _RUN.sub(_once_decoded, text[:MAX_CHARACTERS]) + text[MAX_CHARACTERS:]
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
