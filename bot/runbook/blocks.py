"""CommonMark to a tree of blocks with their lines. The only place that knows the Markdown parser."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.runbook.decoding import MOST_CHARACTERS
from bot.runbook.fences import COMMANDS
from bot.runbook.inline import COMMENT, TAG
from bot.runbook.model import Problem
from bot.runbook.said import comments_in
from bot.step import Said

MOST_LINES = 10_000
MOST_CELLS = 50_000
DEEPEST = 40
"""Where reading stops, so that any file is read in bounded time."""

BETWEEN = re.compile(r"<!--\s*tocsin\s*:", re.I)
FRONT_MATTER = re.compile(r"[\w-]+\s*:|\s+\S|- |#|$")


@dataclass(frozen=True, slots=True)
class Heading:
    line: int
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Inline Markdown as it is written, with its line breaks."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Fence:
    """Preformatted text; `line` is that of its first line, not of the fence mark.

    `said` are the parts of a comment `<!-- tocsin: this; that -->` right above it.
    """

    line: int
    text: str
    language: str
    said: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    line: int
    header: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    line: int
    blocks: tuple["Block", ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a list; `number` is None in an unnumbered list."""

    line: int
    number: int | None
    blocks: tuple["Block", ...]


@dataclass(frozen=True, slots=True)
class Listing:
    line: int
    entries: tuple[Entry, ...]


Block = Heading | Paragraph | Fence | Table | Quote | Listing


def parse(text: str) -> tuple[tuple[Block, ...], list[Problem]]:
    """All blocks of a text whose line ends are `\\n`, and what could not be read of it."""
    text, problems = _bounded(text)
    lines = _without_front_matter(text.split("\n"))
    parser = MarkdownIt("commonmark", {"maxNesting": DEEPEST}).enable("table")
    parser.core.ruler.disable(["inline", "text_join"])
    walk = _Walk(parser.parse("\n".join(lines)), lines, problems)
    return walk.blocks(), problems


def front_matter_title(text: str) -> str:
    """The `title:` between the `---` lines at the very top; empty when there is none."""
    lines = text.split("\n")
    for line in lines[1 : _front_matter_end(lines)]:
        if line.casefold().startswith("title:"):
            return line[6:].strip().strip("\"'")
    return ""


def _bounded(text: str) -> tuple[str, list[Problem]]:
    end = min(len(text), MOST_CHARACTERS)
    lines = text[:end].split("\n")
    most = min(MOST_LINES, _lines_within(lines, MOST_CELLS))
    if end == len(text) and len(lines) <= most:
        return text, []
    lines = lines[:most]
    message = (
        f"The runbook is too long and was read only up to here (at most {MOST_LINES:,} lines, {MOST_CHARACTERS:,} "
        f"characters and {MOST_CELLS:,} cells of tables). Split it into several files."
    )
    return "\n".join(lines), [Problem(max(len(lines), 1), "error", message)]


def _lines_within(lines: Sequence[str], cells: int) -> int:
    """How many lines there are up to so many cells of tables, each of which the parser takes for itself."""
    for number, line in enumerate(lines):
        cells -= line.count("|")
        if cells < 0:
            return number
    return len(lines)


def _front_matter_end(lines: Sequence[str]) -> int:
    if not lines or lines[0].rstrip() != "---":
        return 0
    for number, line in enumerate(lines[1:200], 1):
        if line.rstrip() in {"---", "..."}:
            return number
        if not FRONT_MATTER.match(line):
            return 0
    return 0


def _without_front_matter(lines: list[str]) -> list[str]:
    end = _front_matter_end(lines)
    return [""] * (end + 1) + lines[end + 1 :] if end else lines


class _Walk:
    """Reads the parser's flat tokens once, front to back."""

    def __init__(self, tokens: list[Token], lines: list[str], problems: list[Problem]) -> None:
        self._tokens = tokens
        self._lines = lines
        self._problems = problems
        self._said: tuple[Said, ...] = ()
        self._at = 0
        self._too_deep = False

    def blocks(self, closing: str = "") -> tuple[Block, ...]:
        """The blocks up to the closing token of their container."""
        found: list[Block] = []
        while self._at < len(self._tokens):
            token = self._next()
            if token.type == closing:
                break
            block = self._block(token)
            if block is not None:
                found.append(block)
        self._unheeded(self._said)
        self._said = ()
        return tuple(found)

    def _next(self) -> Token:
        token = self._tokens[self._at]
        self._at += 1
        if token.level >= DEEPEST - 1 and not self._too_deep:
            self._too_deep = True
            message = "Lists and quotes nested deeper than this are not read. Write them flatter."
            self._problems.append(Problem(_line(token), "warning", message))
        return token

    def _block(self, token: Token) -> Block | None:
        said, self._said = self._said, ()
        if token.type not in {"fence", "code_block", "html_block"}:
            self._unheeded(said)
        match token.type:
            case "heading_open":
                text = self._inline("heading_close")
                return Heading(_line(token), int(token.tag[1:]), text)
            case "paragraph_open":
                line, text = _line(token), self._inline("paragraph_close")
                if BETWEEN.search(text):
                    self._unheeded((Said(line, "tocsin:"),))
                return Paragraph(line, text)
            case "fence" | "code_block":
                return self._fence(token, said)
            case "html_block":
                self._said = (*said, *comments_in(token.content, _line(token)))
                return self._html(token)
            case "blockquote_open":
                return Quote(_line(token), self.blocks("blockquote_close"))
            case "bullet_list_open" | "ordered_list_open":
                return self._listing(token)
            case "table_open":
                return self._table(token)
        return None

    def _unheeded(self, said: tuple[Said, ...]) -> None:
        for each in said[:1]:
            message = (
                "This comment for Tocsin is not heeded, for it stands above no fenced block of commands. Put it "
                "on a line of its own right above the ``` of the commands that it is about."
            )
            self._problems.append(Problem(each.line, "warning", message))

    def _inline(self, closing: str) -> str:
        text = ""
        while (token := self._next()).type != closing:
            text += token.content
        return text

    def _listing(self, opening: Token) -> Listing:
        ordered = opening.type == "ordered_list_open"
        entries: list[Entry] = []
        while (token := self._next()).type == "list_item_open":
            number = int(token.info) if ordered and token.info.isdecimal() else None
            entries.append(Entry(_line(token), number, self.blocks("list_item_close")))
        return Listing(_line(opening), tuple(entries))

    def _table(self, opening: Token) -> Table:
        rows: list[Row] = []
        while (token := self._next()).type != "table_close":
            if token.type == "tr_open":
                line = _line(token)
                cells: list[str] = []
                while (cell := self._next()).type != "tr_close":
                    if cell.type == "inline":
                        cells.append(cell.content.strip())
                rows.append(Row(line, tuple(cells)))
        header = rows[0].cells if rows else ()
        return Table(_line(opening), header, tuple(rows[1:]))

    def _fence(self, token: Token, said: tuple[Said, ...]) -> Fence:
        words = token.info.split()
        language = words[0].strip("{}.").casefold() if words else ""
        if language not in COMMANDS:
            self._unheeded(said)
        if token.type == "fence" and not self._is_closed(token):
            message = (
                "This fenced block is not closed: everything after it was read as its content. Close it."
            )
            self._problems.append(Problem(_line(token), "warning", message))
        return Fence(_line(token) + (token.type == "fence"), token.content, language, said)

    def _is_closed(self, token: Token) -> bool:
        first, end = token.map or (0, 0)
        last = self._lines[min(end, len(self._lines)) - 1].strip("> \t")
        return end - first >= 2 and last.startswith(token.markup) and not last.strip(token.markup[0])

    def _html(self, token: Token) -> Paragraph | None:
        if "<!--" in token.content and "-->" not in token.content:
            message = "This HTML comment is not closed: everything after it is hidden. Close it with -->."
            self._problems.append(Problem(_line(token), "warning", message))
        text = TAG.sub("", COMMENT.sub("", token.content)).strip()
        return Paragraph(_line(token), text) if text else None


def _line(token: Token) -> int:
    return (token.map[0] if token.map else 0) + 1
