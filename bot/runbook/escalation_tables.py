"""The levels of an escalation in tables: a row, or a column, for each time."""

import re
from collections.abc import Iterator
from datetime import timedelta

from bot.runbook.durations import parse_duration
from bot.runbook.escalation_words import (
    CALLS,
    extract_people,
    find_level_name,
    is_time,
    means_somebody,
    parse_delay,
)
from bot.runbook.markdown.block_tree import MarkdownTable
from bot.runbook.markdown.inline import strip_markdown
from bot.runbook.model import EscalationLevel
from bot.runbook.severity_names import find_level

WHO = re.compile(r"who|contact|role|person|team|escalate|notify|call|page", re.I)
TARGET = re.compile(r"escalat\w+ (?:target|to|contact)|escalate to", re.I)
FIRST = re.compile(r"(?:initial|first|immediate) (?:response|responders?|contact|call|page|owner)", re.I)
WHEN = re.compile(r"when|time|after|elapsed|within|minutes", re.I)
GRADE = re.compile(r"severity|priority|\bsev\b", re.I)
OF_TIME = re.compile(r"time|when|after|elapsed|timeline|minutes", re.I)
MIN_TIMES = 1
"""How the first head of a table of who is called when is called, and how many of its rows say when."""
MIN_LEVELS = 2
"""How many columns of a table have to be severities before its cells are times."""

ANSWERS_FIRST = re.compile(r"\W*(?:is |the )?(?:first|initial) (?:responder|response|contact)\W*", re.I)


def parse_rows(table: MarkdownTable, severity: str | None) -> Iterator[EscalationLevel]:
    if levels := list(_columns_by_time(table)) or list(_columns_by_level(table)):
        yield from levels
        return
    when, grade = (_column(table, pattern) for pattern in (WHEN, GRADE))
    who = next(
        (at for at in (_column(table, TARGET), _column(table, WHO)) if at is not None and at != when), None
    )
    if when is None or who is None:
        yield from _situations(table, severity)
        return
    yield from _first_answers(table, severity)
    for row in table.rows:
        after = _parse_when(row.cells[when]) if max(when, who) < len(row.cells) else None
        if after is not None:
            found = (
                find_level_name(row.cells[grade]) if grade is not None and grade < len(row.cells) else None
            )
            yield EscalationLevel(after, extract_people(row.cells[who]), row.line, found or severity)


def _parse_when(cell: str) -> timedelta | None:
    """The time in a column that says when somebody is called; the first responder is called at once."""
    return timedelta(0) if ANSWERS_FIRST.fullmatch(strip_markdown(cell)) else parse_delay(cell)


def parse_time_table(table: MarkdownTable, severity: str) -> Iterator[EscalationLevel]:
    """`| Time | Role | Way |` below the heading of a severity: who is called when."""
    times = [is_time(row.cells[0]) for row in table.rows if row.cells]
    if OF_TIME.fullmatch(strip_markdown(table.header[0]) if table.header else "") and sum(times) >= MIN_TIMES:
        yield from parse_rows(table, severity)


def _columns_by_time(table: MarkdownTable) -> Iterator[EscalationLevel]:
    """`| Severity | First contact | Escalation (15 min) | … |`: a column for each time."""
    heads = [strip_markdown(head) for head in table.header]
    grade, first = _column(table, GRADE), _column(table, FIRST)
    spans = {at: span for at, head in enumerate(heads) if at != grade and (span := parse_duration(head))}
    if grade is None or not spans:
        return
    columns = {first: timedelta(0), **spans} if first is not None else spans
    for row in table.rows:
        level = find_level_name(row.cells[grade]) if grade < len(row.cells) else None
        for at, span in columns.items():
            who = extract_people(row.cells[at]) if at < len(row.cells) else ""
            if level and means_somebody(who):
                yield EscalationLevel(span, who, row.line, level)


def _columns_by_level(table: MarkdownTable) -> Iterator[EscalationLevel]:
    """`| Role | P1 | P2 |`, `| On-call | Immediate | 1 h |`: when somebody is called at each severity."""
    levels = {
        at: found.id for at, head in enumerate(table.header) if (found := find_level(strip_markdown(head)))
    }
    if len(levels) < MIN_LEVELS or 0 in levels:
        return
    for row in table.rows:
        for at, level in levels.items():
            after = parse_delay(row.cells[at]) if at < len(row.cells) and is_time(row.cells[at]) else None
            if after is not None:
                yield EscalationLevel(after, strip_markdown(row.cells[0]), row.line, level)


def _first_answers(table: MarkdownTable, severity: str | None) -> Iterator[EscalationLevel]:
    """`| Severity | Initial response | Escalation time | … |`: who answers first, where a column says so."""
    first, grade = _column(table, FIRST), _column(table, GRADE)
    for row in table.rows if first is not None else ():
        who = strip_markdown(row.cells[first]) if first is not None and first < len(row.cells) else ""
        if who and parse_delay(who) is None and means_somebody(who):
            found = (
                find_level_name(row.cells[grade]) if grade is not None and grade < len(row.cells) else None
            )
            yield EscalationLevel(timedelta(0), who, row.line, found or severity)


def _situations(table: MarkdownTable, severity: str | None) -> Iterator[EscalationLevel]:
    """`| P1 not solved in 30 min | → CTO |`: a situation with its time, and behind it who is called."""
    for row in table.rows:
        if len(row.cells) != 2 or not CALLS.search(strip_markdown(row.cells[1])):
            continue
        after, who = parse_delay(row.cells[0]), extract_people(row.cells[1])
        if after is not None and who:
            yield EscalationLevel(after, who, row.line, find_level_name(row.cells[0]) or severity)


def _column(table: MarkdownTable, pattern: re.Pattern[str]) -> int | None:
    """The first column whose head the pattern finds."""
    return next((at for at, head in enumerate(table.header) if pattern.search(strip_markdown(head))), None)
