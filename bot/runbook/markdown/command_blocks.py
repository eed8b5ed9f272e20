"""Where one command of a fence ends and the next begins. Nothing is evaluated."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

HERE_DOCUMENT = re.compile(
    r"(?<!<)<<(?!<)(?P<strip>-?)\s*(?P<quote>['\"]?)\\?(?P<word>[A-Za-z_]\w*)(?P=quote)"
)
PREAMBLE = re.compile(r"#!|set\s+[-+]|\w+=\S*$")
MAX_TITLE_LENGTH = 72


@dataclass(frozen=True, slots=True)
class Statement:
    """One comment line, one blank line, or one whole command over several rows. `row` counts from 0."""

    row: int
    text: str
    comment: str | None = None


def split_statements(rows: Sequence[str], sql: bool) -> Iterator[Statement]:
    """The rows of a fence as comments, blanks and whole commands."""
    quotes_close = _open_quote(rows, sql) == ""
    row = 0
    while row < len(rows):
        text = rows[row]
        comment = _comment(text, sql)
        if row == 0 and text.startswith("#!"):
            text = ""  # which shell a script is for is nothing to run
        if comment is not None or not text.strip():
            yield Statement(row, text.strip(), comment)
            row += 1
            continue
        end = row + 1 if sql else _end(rows, row, quotes_close)
        yield Statement(row, "\n".join(rows[row:end]).rstrip(), None)
        row = end


def build_title(command: str) -> str:
    """The first line of a command as its title, shortened."""
    lines = [line.strip() for line in command.split("\n") if line.strip()]
    first = next((line for line in lines if not PREAMBLE.match(line)), lines[0]).removesuffix("\\").rstrip()
    return first if len(first) <= MAX_TITLE_LENGTH else first[: MAX_TITLE_LENGTH - 1] + "…"


def _comment(text: str, sql: bool) -> str | None:
    words = text.strip()
    mark = "--" if sql else "#"
    if not words.startswith(mark) or words.startswith("#!"):
        return None
    return words.lstrip(mark[0]).strip()


def _end(rows: Sequence[str], start: int, quotes_close: bool) -> int:
    """The row after a command that starts at a row."""
    quote = ""
    row = start
    while row < len(rows):
        text = rows[row]
        opened = HERE_DOCUMENT.search(text) if not quote else None
        if quotes_close:
            quote = _scan(text, quote)
        row += 1
        if opened:
            row = _after_here_document(rows, row, opened["word"])
        elif not quote and not _continues(text):
            break
    return row


def _continues(text: str) -> bool:
    backslashes = len(text) - len(text.rstrip("\\"))
    return backslashes % 2 == 1 or text.rstrip().endswith(("|", "&&"))


def _after_here_document(rows: Sequence[str], row: int, word: str) -> int:
    for number in range(row, len(rows)):
        if rows[number].strip() == word:
            return number + 1
    return len(rows)


def _open_quote(rows: Sequence[str], sql: bool) -> str:
    """The quote still open at the end of a fence, empty when all are closed."""
    quote = ""
    word = ""
    for text in rows:
        if word:
            word = "" if text.strip() == word else word
        elif quote or _comment(text, sql) is None:
            opened = HERE_DOCUMENT.search(text) if not quote else None
            quote = _scan(text, quote)
            word = opened["word"] if opened else ""
    return quote


def _scan(text: str, quote: str) -> str:
    """The quote that is open after a line, given the one open before it."""
    at = 0
    while at < len(text):
        letter = text[at]
        if letter == "\\" and quote != "'":
            at += 1
        elif quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter == "#" and (at == 0 or text[at - 1] in " \t;"):
            break
        at += 1
    return quote
