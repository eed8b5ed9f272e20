"""The severities of a table, a row for each."""

import re
from collections.abc import Iterator, Sequence

from bot.runbook import languages
from bot.runbook.durations import parse_duration
from bot.runbook.markdown.block_tree import MarkdownTable, Row
from bot.runbook.markdown.inline import strip_markdown
from bot.runbook.severity_drafts import ESCALATES, SeverityDraft, parse_heading
from bot.runbook.severity_names import find_level

KIND = re.compile(r"\W*(?:sev(?:erity)?|prio(?:rity)?)(?: level)?\W*", re.I)
FIGURE = re.compile(r"\d")
NUMBERED = {"s": "SEV", "p": "P"}
"""Heads below which a figure alone is a level, by their first letter."""

FIRST = re.compile(r"sever|level|priorit|\bsev\b|\bp\b|^$|" + languages.LEVEL, re.I)


def parse_severity_rows(table: MarkdownTable) -> Iterator[SeverityDraft]:
    """The levels of a table that has a row for each."""
    heads = [strip_markdown(head) for head in table.header]
    for row in table.rows:
        column = next(
            (at for at in range(len(row.cells[:2])) if parse_heading(_spell_level(heads, row, at), row.line)),
            None,
        )
        if column is None:
            continue
        draft = parse_heading(_spell_level(heads, row, column), row.line)
        if draft and (find_level(draft.id) or FIRST.search(heads[column] if column < len(heads) else "")):
            _read_row(draft, heads, row, column)
            yield draft


def _spell_level(heads: Sequence[str], row: Row, column: int) -> str:
    """The words of a cell; a figure below `Sev` or `Priority` is the level of that number."""
    words = strip_markdown(row.cells[column])
    head = heads[column] if column < len(heads) else ""
    return (
        f"{NUMBERED[head[:1].casefold()]}{words}"
        if KIND.fullmatch(head) and FIGURE.fullmatch(words)
        else words
    )


def _read_row(draft: SeverityDraft, heads: Sequence[str], row: Row, column: int) -> None:
    pairs = list(zip(heads, row.cells, strict=False))
    timed = any(ESCALATES.search(head) and parse_duration(strip_markdown(cell)) for head, cell in pairs)
    for at, (head, cell) in enumerate(pairs):
        if at != column and cell and not (timed and ESCALATES.search(head)):
            label = head if not re.fullmatch(r"(severity|level|priority)", head, re.I) else "Name"
            draft.learn(label, cell)
