"""Where a runbook tells who is called next: sections about it, headings of their levels, and the severities."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.runbook.blocks import Block, Table
from bot.runbook.durations import duration
from bot.runbook.escalation import after_call, in_order, timed, who_is_called
from bot.runbook.inline import labelled, plain
from bot.runbook.model import EscalationLevel
from bot.runbook.outline import Node, by_label, lines_of
from bot.runbook.severities import ESCALATES, level_of, levels_in
from bot.runbook.tables import upright

TITLE = re.compile(r"escalat", re.I)
ORDERED = re.compile(r"escalation\s+(path|polic|order|chain|ladder|level|matrix|procedure|tier)", re.I)
TIER = re.compile(
    r"(?:escalation\s+)?(?:level|tier|stage|step|line|L)\s*-?\s*\d{1,2}\b\s*(?:[:.)\u2013\u2014-]\s*)?", re.I
)
WHEN = re.compile(r"when|time|after|trigger|timeline|within|timeframe", re.I)
WHO = re.compile(r"who\b|contact|role|person|team|escalate to|notify|call|page", re.I)
BETWEEN = re.compile(r"[;,\n]|<br\s*/?>|\bthen\b", re.I)


def escalation(nodes: Sequence[Node], severities: Sequence[Node]) -> tuple[EscalationLevel, ...]:
    """The levels of a runbook by elapsed time; without any time, in their order.

    `nodes` are the sections that may be about it, `severities` those that tell of severities.
    """
    about = [node for node in nodes if TITLE.search(node.title)]
    found = [level for node in about for level in timed(node)]
    tiers = [level for node in about for level in _tiers(node)]
    if any(level.after for level in tiers):
        found += [replace(each, after=each.after or timedelta(0)) for each in tiers]
        tiers = []
    if not found:
        found = tiers or [
            level for node in about if ORDERED.search(node.title) for level in in_order(node.blocks)
        ]
    found += [level for node in severities for level in _of_severities(node)]
    once = {(each.line, each.text): each for each in found}
    return tuple(sorted(once.values(), key=lambda each: (each.after or timedelta(0), each.line)))


def tier(title: str) -> str | None:
    """The words of a heading such as `Level 2: Secondary (after 15 minutes)` behind its number; None for others."""
    found = TIER.match(title)
    return title[found.end() :] if found else None


def _tiers(about: Node) -> Iterator[EscalationLevel]:
    for node in about.children:
        words = tier(node.title)
        if words is None:
            continue
        after, who = after_call(words), who_is_called(words)
        for _, text in lines_of(node.blocks):
            label, value = labelled(text) or ("", plain(text))
            if after is None and (WHEN.search(label) or not label):
                after = after_call(value)
            if not who and WHO.search(label):
                who = who_is_called(value)
        severity = level_of(about.title)
        yield EscalationLevel(after, who or node.title, node.line, severity)


def _of_severities(node: Node) -> Iterator[EscalationLevel]:
    """`Escalation: after 15 minutes to the DevOps Lead` among the properties of a severity."""
    own = level_of(node.title)
    if own is not None:
        yield from _labelled(node.blocks, own)
        for child in node.children:
            if TITLE.search(child.title):
                for line, text in lines_of(child.blocks):
                    yield from _split(text, line, own)
        return
    for severity, blocks in levels_in(node):
        yield from _labelled(blocks, severity)
    for block in node.blocks:
        if isinstance(block, Table):
            yield from _rows(upright(block))


def _labelled(blocks: Sequence[Block], severity: str) -> Iterator[EscalationLevel]:
    for group in by_label(blocks):
        under = bool(ESCALATES.search(group.label))
        for line, text in lines_of(group.blocks):
            for number, row in enumerate(text.split("\n"), line):
                pair = labelled(row)
                if pair and ESCALATES.search(pair[0]):
                    yield from _split(pair[1], number, severity)
                    under = under or not pair[1]
                elif under:
                    yield from _split(row, number, severity)


def _rows(table: Table) -> Iterator[EscalationLevel]:
    heads = [plain(head) for head in table.header]
    columns = [at for at, head in enumerate(heads) if ESCALATES.search(head)]
    for row in table.rows:
        severity = next((found for cell in row.cells[:2] if (found := level_of(plain(cell)))), None)
        text = " ".join(row.cells[at] for at in columns if at < len(row.cells))
        if severity is not None:
            yield from _split(text, row.line, severity)


def _split(text: str, line: int, severity: str) -> Iterator[EscalationLevel]:
    """One level for each time in a text; what stands without a time belongs to the level before or behind it."""
    waiting = ""
    levels: list[tuple[timedelta, str]] = []
    for part in BETWEEN.split(plain(text)):
        if duration(part) is None:
            if levels:
                levels[-1] = (levels[-1][0], f"{levels[-1][1]}, {part.strip()}")
            else:
                waiting += f"{part}, "
        elif (after := after_call(part)) is not None:
            levels.append((after, waiting + part))
            waiting = ""
    for after, words in levels:
        yield EscalationLevel(after, who_is_called(words) or plain(text), line, severity)
