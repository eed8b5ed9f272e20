"""How often updates are promised at one severity, where the runbook tells severities apart."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from bot.runbook.durations import count_rhythm, parse_rhythm
from bot.runbook.escalation_words import find_level_name
from bot.runbook.markdown.block_tree import Block, MarkdownTable
from bot.runbook.markdown.inline import split_label, strip_markdown
from bot.runbook.markdown.outline import Node, flatten_blocks, list_lines
from bot.runbook.markdown.pipe_tables import transpose_table
from bot.runbook.severities import list_levels, parse_level
from bot.runbook.severity_names import find_level
from bot.runbook.update_cadence import EVERY, RANGE

UPDATES = re.compile(r"updates?\b|cadence", re.I)
"""Heads of columns and labels that tell of a rhythm."""


def parse_severity_cadences(severities: Sequence[Node], root: Node) -> dict[str, timedelta]:
    """By the id of a severity. `severities` are the sections that tell of them; elsewhere a line that begins with a
    severity counts (`SEV1: updates every 30 minutes`)."""
    found: dict[str, timedelta] = {}
    for id, span in (*_of_sections(severities), *_of_lines(root), *_of_tables(root)):
        found.setdefault(id, span)
    return found


def _of_sections(severities: Sequence[Node]) -> Iterator[tuple[str, timedelta]]:
    for node in severities:
        own = parse_level(node.title)
        levels: Iterable[tuple[str, Sequence[Block]]] = [(own, node.blocks)] if own else list_levels(node)
        for id, blocks in levels:
            yield from ((id, span) for span in _of_labels(blocks))
        for block in flatten_blocks(node.blocks):
            if isinstance(block, MarkdownTable):
                yield from _of_table(transpose_table(block))


def _of_tables(root: Node) -> Iterator[tuple[str, timedelta]]:
    """Tables of severities with a column for updates, wherever they stand."""
    for node in root.walk():
        for block in node.blocks:
            if isinstance(block, MarkdownTable):
                yield from _of_table(transpose_table(block))


def _of_labels(blocks: Sequence[Block]) -> Iterator[timedelta]:
    for _, text in list_lines(blocks):
        for line in text.split("\n"):
            pair = split_label(line)
            if pair and UPDATES.search(pair[0]) and (span := _parse_span(pair[1])):
                yield span


def _of_table(table: MarkdownTable) -> Iterator[tuple[str, timedelta]]:
    """The rows of a table of severities that has a column for updates."""
    column = next(
        (at for at, head in enumerate(table.header) if at and UPDATES.search(strip_markdown(head))), None
    )
    for row in table.rows if column is not None else ():
        id = find_level_name(row.cells[0]) if row.cells else None
        span = _parse_span(row.cells[column]) if column is not None and column < len(row.cells) else None
        if id and span:
            yield id, span


def _of_lines(root: Node) -> Iterator[tuple[str, timedelta]]:
    for node in root.walk():
        for _, text in list_lines(node.blocks):
            pair = split_label(text)
            level = find_level(pair[0]) if pair else None
            if pair and level and EVERY.search(count_rhythm(pair[1])) and (span := _parse_span(pair[1])):
                yield level.id, span


def _parse_span(words: str) -> timedelta | None:
    return parse_rhythm(RANGE.sub(r"\g<first>\g<unit>", strip_markdown(words)))
