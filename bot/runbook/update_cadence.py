"""How often status updates are promised."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise

from bot.runbook import languages
from bot.runbook.durations import count_rhythm, parse_duration, parse_rhythm
from bot.runbook.markdown.block_tree import Block, Fence, MarkdownTable, Paragraph
from bot.runbook.markdown.inline import MAX_TEXT_LENGTH, split_label, strip_markdown
from bot.runbook.markdown.outline import Node, flatten_blocks, list_lines
from bot.runbook.markdown.pipe_tables import transpose_table
from bot.runbook.message_texts import MESSAGE
from bot.runbook.model import Literal, Placeholder, Problem, Template

DEFAULT_CADENCE = timedelta(minutes=15)
"""How often updates are promised where the runbook says nothing of it: as in the shipped one."""

NO_CADENCE = Problem(
    1,
    "warning",
    "No interval for status updates is given: 15 minutes are assumed. Add “Next Update: In 15 minutes” to the "
    "template of "
    "the alert.",
)
EVERY = re.compile(
    rf"(?:(?:updates?|status ?page|stakeholders?|announce\w*)\b|{languages.UPDATES}).{{0,60}}?"
    r"\bevery\s+(?P<span>\d[^.;]{0,20})"
    r"|\bevery\s+(?P<before>\d{1,3}\s*(?:min\w*|h\w*))\W.{0,60}?"
    rf"(?:\b(?:updates?|status page|communicat\w+)\b|{languages.UPDATES})",
    re.I,
)
"""A line whose rhythms have figures (`count_rhythm`)."""

RHYTHMIC = (
    "every",
    "each ",
    "hourly",
    "alle ",
    "jede",
    "stündlich",
    "toutes les",
    "chaque",
    "cada ",
    "ogni ",
    "кажд",
)
"""One of these is in every line that tells a rhythm: few have one, and looking for them is cheap."""

RANGE = re.compile(r"(?P<first>\d{1,3})\s*[-\u2013\u2014]\s*\d{1,3}(?P<unit>\s*(?:min|h))", re.I)
"""`15-30 minutes`: readers expect the first one, as those who are called after `15-30 minutes` are."""

BRACKETED = re.compile(r"[^\w(]*\((?:in )?\d[^()]{0,20}\)")
UPDATES = re.compile(rf"update|cadence|communicat|{languages.UPDATES}", re.I)


def parse_cadence(
    messages: Mapping[str, Template], severities: Iterable[Sequence[Node]], root: Node
) -> timedelta | None:
    """`Next Update: In 15 minutes` of a message comes before what the first severity says, and that before `updates
    every 15 minutes` anywhere in the text. `severities` are the sections that tell of them, file by file."""
    for name in ("next_update", "cadence"):
        for gap in list_placeholders(messages, name):
            if span := parse_rhythm(gap.raw) or parse_rhythm(f"every {gap.raw}"):
                return span
    if span := next(_find_rests(messages), None):
        return span
    for nodes in severities:
        if span := next(_of_severities(nodes), None):
            return span
    for node in root.walk():
        for text in (node.title, *(text for _, text in list_lines(node.blocks))):
            if span := _parse_every(text):
                return span
    return next(_find_in_fences(root), None)


def _find_in_fences(root: Node) -> Iterator[timedelta]:
    """What a message says that none of the three is: `We will provide updates every 30 minutes.`"""
    for node in root.walk():
        for block in flatten_blocks(node.blocks):
            if isinstance(block, Fence) and block.language in MESSAGE:
                yield from filter(
                    None, (_parse_every(line[:MAX_TEXT_LENGTH]) for line in block.text.split("\n"))
                )


def _parse_every(text: str) -> timedelta | None:
    """`updates every 15 minutes` in a line of text."""
    folded = text.casefold()
    if not any(word in folded for word in RHYTHMIC):
        return None
    found = EVERY.search(RANGE.sub(r"\g<first>\g<unit>", count_rhythm(text)))
    return parse_duration(found["span"] or found["before"]) if found else None


def _find_rests(messages: Mapping[str, Template]) -> Iterator[timedelta]:
    """`Next update: HH:MM (30 min)`: how long it is to the next update, in brackets behind its time."""
    for line in (line for message in messages.values() for line in message.lines):
        for gap, rest in pairwise(line.parts):
            if isinstance(gap, Placeholder) and gap.name == "next_update" and isinstance(rest, Literal):
                said = BRACKETED.match(rest.text)
                if said and (span := parse_duration(said[0])):
                    yield span


def list_placeholders(messages: Mapping[str, Template], name: str) -> Iterable[Placeholder]:
    """The gaps of this name in all messages."""
    return (
        gap
        for message in messages.values()
        for line in message.lines
        for gap in line.placeholders
        if gap.name == name
    )


def _of_severities(nodes: Sequence[Node]) -> Iterator[timedelta]:
    """How often an update is promised, in the order of the text: `Update frequency: every 15 minutes`."""
    for node in nodes:
        for block in flatten_blocks(node.blocks):
            for label, value in _pairs(block):
                if UPDATES.search(label) and (span := parse_rhythm(strip_markdown(value))):
                    yield span


def _pairs(block: Block) -> Iterator[tuple[str, str]]:
    """Labels and values: of a table's columns and rows, and of a paragraph's lines."""
    if isinstance(block, MarkdownTable):
        table = transpose_table(block)
        for row in table.rows:
            yield from zip(map(strip_markdown, table.header), row.cells, strict=False)
            yield strip_markdown(row.cells[0]) if row.cells else "", " ".join(row.cells[1:])
    elif isinstance(block, Paragraph):
        yield from filter(None, (split_label(line[:MAX_TEXT_LENGTH]) for line in block.text.split("\n")))
