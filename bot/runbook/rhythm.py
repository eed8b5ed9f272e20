"""How often status updates are promised."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta

from bot.runbook.blocks import Paragraph, Table
from bot.runbook.durations import duration
from bot.runbook.inline import LONGEST, labelled, plain
from bot.runbook.model import Placeholder, Template
from bot.runbook.outline import Node, flat, lines_of
from bot.runbook.tables import upright

EVERY = re.compile(r"updates?\b.{0,60}?\bevery\s+(?P<span>\d[^.;]{0,20})", re.I)
UPDATES = re.compile(r"update|cadence|communicat", re.I)


def cadence(
    messages: Mapping[str, Template], severities: Iterable[Sequence[Node]], root: Node
) -> timedelta | None:
    """`Next Update: In 15 minutes` of a message comes before what the first severity says, and that before `updates
    every 15 minutes` anywhere in the text. `severities` are the sections that tell of them, file by file."""
    for name in ("next_update", "cadence"):
        for gap in values(messages, name):
            if span := duration(gap.raw):
                return span
    for nodes in severities:
        if span := next(_of_severities(nodes), None):
            return span
    for node in root.walk():
        for _, text in lines_of(node.blocks):
            found = EVERY.search(text)
            if found and (span := duration(found["span"])):
                return span
    return None


def values(messages: Mapping[str, Template], name: str) -> Iterable[Placeholder]:
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
        for block in flat(node.blocks):
            pairs: list[tuple[str, str]] = []
            if isinstance(block, Table):
                block = upright(block)
                for row in block.rows:
                    pairs += zip(map(plain, block.header), row.cells, strict=False)
                    pairs.append((plain(row.cells[0]) if row.cells else "", " ".join(row.cells[1:])))
            elif isinstance(block, Paragraph):
                pairs = [pair for line in block.text.split("\n") if (pair := labelled(line[:LONGEST]))]
            for label, value in pairs:
                if UPDATES.search(label) and (span := duration(plain(value))):
                    yield span
