"""CommonMark to a tree of blocks with their lines. The only place that knows the Markdown parser."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.domain.playbook import Annotation
from bot.runbook.annotations import parse_comments
from bot.runbook.markdown.decoding import MAX_CHARACTERS
from bot.runbook.markdown.dialects import find_escaped_fences, unwrap_admonitions
from bot.runbook.markdown.document_faults import find_faults
from bot.runbook.markdown.fences import COMMANDS
from bot.runbook.markdown.front_matter import blank_front_matter
from bot.runbook.markdown.inline import COMMENT, TAG
from bot.runbook.model import Problem

MAX_LINES = 10_000
MAX_CELLS = 50_000
MAX_DEPTH = 40
"""Where reading stops, so that any file is read in bounded time."""

BETWEEN = re.compile(r"<!--\s*tocsin\s*:", re.I)


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
    said: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MarkdownTable:
    line: int
    header: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    line: int
    blocks: tuple["Block", ...]


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One item of a list; `number` is None in an unnumbered list."""

    line: int
    number: int | None
    blocks: tuple["Block", ...]


@dataclass(frozen=True, slots=True)
class Listing:
    line: int
    entries: tuple[ListEntry, ...]


Block = Heading | Paragraph | Fence | MarkdownTable | Quote | Listing


def parse_markdown(text: str) -> tuple[tuple[Block, ...], list[Problem]]:
    """All blocks of a text whose line ends are `\\n`, and what could not be read of it."""
    text, problems = _truncate(text)
    lines = unwrap_admonitions(blank_front_matter(text.split("\n")))
    problems += find_escaped_fences(lines)
    problems += find_faults(text.split("\n"))
    parser = MarkdownIt("commonmark", {"maxNesting": MAX_DEPTH}).enable("table")
    parser.core.ruler.disable(["inline", "text_join"])
    walk = _TokenReader(parser.parse("\n".join(lines)), lines, problems)
    return walk.blocks(), problems


def _truncate(text: str) -> tuple[str, list[Problem]]:
    end = min(len(text), MAX_CHARACTERS)
    lines = text[:end].split("\n")
    most = min(MAX_LINES, _lines_within(lines, MAX_CELLS))
    if end == len(text) and len(lines) <= most:
        return text, []
    lines = lines[:most]
    message = (
        f"The runbook is too long and was read only up to here (at most {MAX_LINES:,} lines, {MAX_CHARACTERS:,} "
        f"characters and {MAX_CELLS:,} cells of tables). Split it into several files."
    )
    return "\n".join(lines), [Problem(max(len(lines), 1), "error", message)]


def _lines_within(lines: Sequence[str], cells: int) -> int:
    """How many lines there are up to so many cells of tables, each of which the parser takes for itself."""
    for number, line in enumerate(lines):
        cells -= line.count("|")
        if cells < 0:
            return number
    return len(lines)


class _TokenReader:
    """Reads the parser's flat tokens once, front to back."""

    def __init__(self, tokens: list[Token], lines: list[str], problems: list[Problem]) -> None:
        self._tokens = tokens
        self._lines = lines
        self._problems = problems
        self._said: tuple[Annotation, ...] = ()
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
        self._report_unused(self._said)
        self._said = ()
        return tuple(found)

    def _next(self) -> Token:
        token = self._tokens[self._at]
        self._at += 1
        if token.level >= MAX_DEPTH - 1 and not self._too_deep:
            self._too_deep = True
            message = "Lists and quotes nested deeper than this are not read. Write them flatter."
            self._problems.append(Problem(_line(token), "warning", message))
        return token

    def _block(self, token: Token) -> Block | None:
        said, self._said = self._said, ()
        if token.type not in {"fence", "code_block", "html_block"}:
            self._report_unused(said)
        match token.type:
            case "heading_open":
                text = self._inline("heading_close")
                return Heading(_line(token), int(token.tag[1:]), text)
            case "paragraph_open":
                line, text = _line(token), self._inline("paragraph_close")
                if BETWEEN.search(text):
                    self._report_unused((Annotation(line, "tocsin:"),))
                return Paragraph(line, text)
            case "fence" | "code_block":
                return self._fence(token, said)
            case "html_block":
                self._said = (*said, *parse_comments(token.content, _line(token)))
                return self._html(token)
            case "blockquote_open":
                return Quote(_line(token), self.blocks("blockquote_close"))
            case "bullet_list_open" | "ordered_list_open":
                return self._listing(token)
            case "table_open":
                return self._table(token)
        return None

    def _report_unused(self, said: tuple[Annotation, ...]) -> None:
        for annotation in said[:1]:
            message = (
                "This comment for Tocsin is not heeded, for it stands above no fenced block of commands. Put it "
                "on a line of its own right above the ``` of the commands that it is about."
            )
            self._problems.append(Problem(annotation.line, "warning", message))

    def _inline(self, closing: str) -> str:
        text = ""
        while (token := self._next()).type != closing:
            text += token.content
        return text

    def _listing(self, opening: Token) -> Listing:
        ordered = opening.type == "ordered_list_open"
        entries: list[ListEntry] = []
        while (token := self._next()).type == "list_item_open":
            number = int(token.info) if ordered and token.info.isdecimal() else None
            entries.append(ListEntry(_line(token), number, self.blocks("list_item_close")))
        return Listing(_line(opening), tuple(entries))

    def _table(self, opening: Token) -> MarkdownTable:
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
        return MarkdownTable(_line(opening), header, tuple(rows[1:]))

    def _fence(self, token: Token, said: tuple[Annotation, ...]) -> Fence:
        words = token.info.split()
        language = words[0].strip("{}.").casefold() if words else ""
        if language not in COMMANDS:
            self._report_unused(said)
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
