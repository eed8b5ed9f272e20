"""What to do after an incident, and by when."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.runbook import languages
from bot.runbook.durations import format_span, is_at_once, parse_duration
from bot.runbook.escalation_words import is_time
from bot.runbook.markdown.block_tree import Block, ListEntry, Listing, MarkdownTable, Paragraph
from bot.runbook.markdown.inline import CHECKBOX, MAX_TEXT_LENGTH, strip_markdown
from bot.runbook.markdown.outline import BY_WHEN, LabelledGroup, Node, group_by_label
from bot.runbook.markdown.sections import format_item, format_row
from bot.runbook.model import ChecklistTask, ChecklistWindow, Problem

ASSUMED = timedelta(hours=24)
"""The window of a checklist that names none."""

ITS_OWN = re.compile(r"\bwithin\s[^.;:]{1,30}", re.I)
NEXT_DAY = re.compile(r"next (business |working )?day|same day|tomorrow|24\s*/\s*7", re.I)
NEVER_AFTER = re.compile(
    r"\b(?:deploy\w*|release|go-live|launch|pre-?flight|pre-?launch|rollout|onboarding|set-?up|install\w*"
    r"|migration|before|during|readiness|maintenance"
    r"|daily|weekly|monthly|quarterly|drills?|testing|security (?:hardening|checklist)|template|artifacts?"
    r"|handover|handoff|shift|immediate|initial|triage|investigation|diagnos\w*|pre-\w+)\b",
    re.I,
)
"""Titles of checklists of something else than what is done after an incident."""

OF_A_ROLE = re.compile(r"\b(?:commander|lead|scribe|responder|liaison|on-?call|first)\b.*\bcheck-?list", re.I)
"""Titles of what somebody does while an incident lasts: `Incident commander checklist`."""

OF_A_FORM = re.compile(r":$|<[^<>]+>|\bYYYY\b")
"""How a field of a form is written that somebody fills in."""

OF_PEOPLE = re.compile(r"\W*(?:attend|participant|agenda|invite|teilnehm|asistent|participa)", re.I)
"""Labels above who meets and what of, which nobody ticks off."""

OF_TEMPLATE = re.compile(r"\btemplate\b", re.I)
"""Labels above the parts of a document that somebody writes."""

EARLY = timedelta(minutes=30)
"""Below a title that does not speak of afterwards, what is due within so long is work during the incident."""

TASKS = re.compile(r"task|action|what|activit|item|deliverable|step", re.I)
DUE = re.compile(r"when|time|due|deadline|within|by|window|timeline", re.I)
"""Heads of the columns of a table of timed tasks."""

AFTER = re.compile(
    r"post[- ]?(incident|mortem)|after (the|an|every) incident|after (?:the )?resolution|follow-?up|clos"
    rf"|{languages.AFTERWARDS}",
    re.I,
)


def parse_windows(nodes: Sequence[Node], problems: list[Problem]) -> tuple[ChecklistWindow, ...]:
    """The checklist's windows, the shortest first."""
    found: list[ChecklistWindow] = []
    untimed: list[ChecklistWindow] = []
    around = {id(child): node for node in nodes for child in node.children}
    for window, is_timed in (pair for node in nodes for pair in _windows_of(node, around.get(id(node)))):
        (found if is_timed else untimed).append(window)
    if not found:
        found, untimed = _by_items(untimed)
        problems += map(_assumption, untimed)
        found += untimed
    joined: dict[tuple[timedelta, str], ChecklistWindow] = {}
    for window in found:
        key = (window.within, window.label)
        known = joined.get(key)
        joined[key] = replace(known, items=(*known.items, *window.items)) if known else window
    return tuple(sorted(joined.values(), key=lambda window: window.within))


def _windows_of(node: Node, around: Node | None) -> Iterator[tuple[ChecklistWindow, bool]]:
    """The windows of a section, each with whether the runbook says by when its items are due. `around` is the section
    that it is a part of, where that is about a checklist too."""
    is_after = _is_about_afterwards(node, around)
    if OF_TEMPLATE.search(node.title) or (_is_about_the_incident(node, around) and not is_after):
        return
    yield from ((window, True) for window in _windows_of_tables(node.blocks))
    own = _within(node.title) or (_find_due_time(node.blocks) if is_after else None)
    for group in group_by_label(node.blocks):
        items = _list_tasks(group)
        within = _within(group.label) or own
        if items and _is_for_afterwards(group, items, within, is_after):
            due = ASSUMED if within is None else within
            window = ChecklistWindow(due, group.label or node.title, _line(group, node), tuple(items))
            yield window, within is not None


def _is_about_afterwards(node: Node, around: Node | None) -> bool:
    """Whether a section's title, or that of the one around it, speaks of the time after an incident."""
    if AFTER.search(node.title):
        return True
    if around is None or not AFTER.search(around.title) or OF_TEMPLATE.search(around.title):
        return False
    return TASKS.search(node.title) is not None or _within(node.title) is not None


def _is_about_the_incident(node: Node, around: Node | None) -> bool:
    """Whether a section's title speaks of work during an incident, or it is the part of a role."""
    titles = [section.title for section in (node, around) if section]
    return NEVER_AFTER.search(node.title) is not None or any(map(OF_A_ROLE.search, titles))


def _list_tasks(group: LabelledGroup) -> Sequence[ChecklistTask]:
    """The items below a label; none below that of a document's part or of people."""
    is_of_another = OF_TEMPLATE.search(group.label) or OF_PEOPLE.match(group.label)
    return () if is_of_another else tuple(_items(group.blocks))


def _is_for_afterwards(
    group: LabelledGroup, items: Sequence[ChecklistTask], within: timedelta | None, is_after: bool
) -> bool:
    """Whether items are done after an incident: by their section's title, by a time that is no hurry, or by boxes."""
    if sum(1 for item in items if OF_A_FORM.search(strip_markdown(item.text))) * 2 > len(items):
        return False  # a form that somebody fills in
    if is_after or _has_checkboxes(group.blocks):
        return True
    return within is not None and within >= EARLY


def _windows_of_tables(blocks: Sequence[Block]) -> Iterator[ChecklistWindow]:
    """`| Within 24 hours | write the review |`: the windows of tables of timed tasks."""
    for table in (block for block in blocks if isinstance(block, MarkdownTable)):
        if columns := _find_columns(table):
            when, what = columns
            for row in table.rows:
                cells = [strip_markdown(cell) for cell in row.cells]
                span = _within(cells[when]) if max(columns) < len(cells) else None
                if span is not None and cells[what]:
                    task = ChecklistTask(cells[what], row.line)
                    yield ChecklistWindow(span, cells[when], row.line, (task,))


def _find_columns(table: MarkdownTable) -> tuple[int, int] | None:
    """The columns of a table that say by when, which is the first, and what; None for any other table."""
    heads = [strip_markdown(head) for head in table.header]
    cells = [strip_markdown(row.cells[0]) for row in table.rows if row.cells]
    timed = [cell for cell in cells if _within(cell) is not None]
    what = next((at for at, head in enumerate(heads) if at and TASKS.search(head)), None)
    if what is None or not DUE.search(heads[0]) or len(timed) * 2 <= len(cells):
        return None
    return 0, what


def _assumption(window: ChecklistWindow) -> Problem:
    """That a window does not say by when."""
    write = "Put “Within 24 hours:” above the items."
    message = f"“{window.label}” does not say by when: 24 hours are assumed. {write}"
    return Problem(window.line, "warning", message)


def _by_items(windows: Sequence[ChecklistWindow]) -> tuple[list[ChecklistWindow], list[ChecklistWindow]]:
    """The items that say themselves by when (`Write the review within 2 days`), and the windows without them."""
    timed: dict[timedelta, ChecklistWindow] = {}
    rest: list[ChecklistWindow] = []
    for window in windows:
        spans = [_its_own(item) for item in window.items]
        untimed = None in spans
        others = [item for item, span in zip(window.items, spans, strict=True) if span in {None, ASSUMED}]
        if untimed:
            rest.append(replace(window, items=tuple(others)))
        for item, span in zip(window.items, spans, strict=True):
            if span is not None and not (untimed and span == ASSUMED):
                known = timed.get(span, ChecklistWindow(span, f"Within {format_span(span)}", item.line, ()))
                timed[span] = replace(known, items=(*known.items, _strip_time(item)))
    return list(timed.values()), rest


def _strip_time(item: ChecklistTask) -> ChecklistTask:
    """An item without the label in front, `Within 24 hours:`, which its window has."""
    before, _, words = item.text.partition(":")
    return replace(item, text=words.strip()) if words.strip() and BY_WHEN.fullmatch(before) else item


def _its_own(item: ChecklistTask) -> timedelta | None:
    before, sign, _ = item.text.partition(":")
    if sign and is_time(before):
        return parse_duration(before)
    said = ITS_OWN.search(item.text)
    return parse_duration(said[0]) if said else None


def _find_due_time(blocks: Sequence[Block]) -> timedelta | None:
    """The time in a sentence above the items: `Due within 48 hours of the resolution.`"""
    for block in blocks:
        said = ITS_OWN.search(block.text[:MAX_TEXT_LENGTH]) if isinstance(block, Paragraph) else None
        if said and (span := parse_duration(said[0])):
            return span
    return None


def _within(label: str) -> timedelta | None:
    span = parse_duration(label)
    if span is None and is_at_once(label):
        return timedelta(hours=1)
    if span is None and NEXT_DAY.search(label):
        return ASSUMED
    return span


def _line(group: LabelledGroup, node: Node) -> int:
    return group.line if group.label else node.line


def _items(blocks: Sequence[Block]) -> Iterator[ChecklistTask]:
    for block in blocks:
        if isinstance(block, Listing):
            for entry in block.entries:
                yield from _entry(entry)
        elif isinstance(block, MarkdownTable) and not _find_columns(block):
            for row in block.rows:
                yield ChecklistTask(strip_markdown(format_row(block, row)), row.line)


def _entry(entry: ListEntry) -> Iterator[ChecklistTask]:
    """One item. Sub-items with boxes of their own are items too, others stay with theirs."""
    text = format_item(entry)
    lists = (block for block in entry.blocks if isinstance(block, Listing))
    below = [item for block in lists for item in block.entries]
    boxed = list(filter(_is_boxed, below))
    if not boxed and below and is_time(strip_markdown(text).rstrip(" :")):
        yield from (
            ChecklistTask(f"{strip_markdown(text).rstrip(' :')}: {format_item(item)}", item.line)
            for item in below
        )
        return
    if not boxed and below:
        text = f"{text.rstrip(':')}: " + "; ".join(map(format_item, below))
    if text and not (boxed and strip_markdown(text).endswith(":")):
        yield ChecklistTask(text, entry.line)
    for item in boxed:
        yield from _entry(item)


def _is_boxed(entry: ListEntry) -> bool:
    first = entry.blocks[0] if entry.blocks else None
    return isinstance(first, Paragraph) and bool(CHECKBOX.match(first.text))


def _has_checkboxes(blocks: Sequence[Block]) -> bool:
    return any(_is_boxed(entry) for block in blocks if isinstance(block, Listing) for entry in block.entries)
