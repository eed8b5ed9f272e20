"""What to do after an incident, and by when."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.runbook.blocks import Block, Entry, Listing, Paragraph, Table
from bot.runbook.durations import duration, is_at_once, spoken
from bot.runbook.escalation import is_time
from bot.runbook.inline import CHECKBOX, LONGEST, plain
from bot.runbook.model import Item, Problem, Window
from bot.runbook.outline import Labelled, Node, by_label
from bot.runbook.sections import item_text, row_text

ASSUMED = timedelta(hours=24)
"""The window of a checklist that names none."""

ITS_OWN = re.compile(r"\bwithin\s[^.;:]{1,30}", re.I)
NEXT_DAY = re.compile(r"next (business |working )?day|same day|tomorrow|24\s*/\s*7", re.I)
AFTER = re.compile(r"post[- ]?(incident|mortem)|after (the|an|every) incident|follow-?up|clos", re.I)


def windows(nodes: Sequence[Node], problems: list[Problem]) -> tuple[Window, ...]:
    """The checklist's windows, the shortest first."""
    found: list[Window] = []
    untimed: list[Window] = []
    for node in nodes:
        own = _within(node.title) or (_stated(node.blocks) if AFTER.search(node.title) else None)
        for group in by_label(node.blocks):
            items = tuple(_items(group.blocks))
            within = _within(group.label) or own
            if items and within is not None:
                found.append(Window(within, group.label or node.title, _line(group, node), items))
            elif items and (AFTER.search(node.title) or _ticked(group.blocks)):
                untimed.append(Window(ASSUMED, group.label or node.title, _line(group, node), items))
    if found:
        return tuple(sorted(found, key=lambda window: window.within))
    found, untimed = _by_items(untimed)
    for window in untimed:
        message = (
            f"“{window.label}” does not say by when: 24 hours are assumed. Put “Within 24 hours:” above the "
            f"items."
        )
        problems.append(Problem(window.line, "warning", message))
    return tuple(sorted([*found, *untimed], key=lambda window: window.within))


def _by_items(windows: Sequence[Window]) -> tuple[list[Window], list[Window]]:
    """The items that say themselves by when (`Write the review within 2 days`), and the windows without them."""
    timed: dict[timedelta, Window] = {}
    rest: list[Window] = []
    for window in windows:
        spans = [_its_own(item) for item in window.items]
        untimed = None in spans
        others = [item for item, span in zip(window.items, spans, strict=True) if span in {None, ASSUMED}]
        if untimed:
            rest.append(replace(window, items=tuple(others)))
        for item, span in zip(window.items, spans, strict=True):
            if span is not None and not (untimed and span == ASSUMED):
                known = timed.get(span, Window(span, f"Within {spoken(span)}", item.line, ()))
                timed[span] = replace(known, items=(*known.items, item))
    return list(timed.values()), rest


def _its_own(item: Item) -> timedelta | None:
    before, sign, _ = item.text.partition(":")
    if sign and is_time(before):
        return duration(before)
    said = ITS_OWN.search(item.text)
    return duration(said[0]) if said else None


def _stated(blocks: Sequence[Block]) -> timedelta | None:
    """The time in a sentence above the items: `Due within 48 hours of the resolution.`"""
    for block in blocks:
        said = ITS_OWN.search(block.text[:LONGEST]) if isinstance(block, Paragraph) else None
        if said and (span := duration(said[0])):
            return span
    return None


def _within(label: str) -> timedelta | None:
    span = duration(label)
    if span is None and is_at_once(label):
        return timedelta(hours=1)
    if span is None and NEXT_DAY.search(label):
        return ASSUMED
    return span


def _line(group: Labelled, node: Node) -> int:
    return group.line if group.label else node.line


def _items(blocks: Sequence[Block]) -> Iterator[Item]:
    for block in blocks:
        if isinstance(block, Listing):
            for entry in block.entries:
                yield from _entry(entry)
        elif isinstance(block, Table):
            for row in block.rows:
                yield Item(plain(row_text(block, row)), row.line)


def _entry(entry: Entry) -> Iterator[Item]:
    """One item. Sub-items with boxes of their own are items too, others stay with theirs."""
    text = item_text(entry)
    below = [each for block in entry.blocks if isinstance(block, Listing) for each in block.entries]
    boxed = [each for each in below if _is_boxed(each)]
    if not boxed and below:
        text = f"{text.rstrip(':')}: " + "; ".join(item_text(each) for each in below)
    if text and not (boxed and plain(text).endswith(":")):
        yield Item(text, entry.line)
    for each in boxed:
        yield from _entry(each)


def _is_boxed(entry: Entry) -> bool:
    first = entry.blocks[0] if entry.blocks else None
    return isinstance(first, Paragraph) and bool(CHECKBOX.match(first.text))


def _ticked(blocks: Sequence[Block]) -> bool:
    return any(_is_boxed(entry) for block in blocks if isinstance(block, Listing) for entry in block.entries)
