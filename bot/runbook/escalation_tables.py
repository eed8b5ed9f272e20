"""The levels of an escalation in tables: a row, or a column, for each time."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

from bot.runbook.call_clauses import parse_calls
from bot.runbook.durations import parse_duration
from bot.runbook.escalation_chains import parse_linked_names
from bot.runbook.escalation_words import (
    CALLS,
    TIER,
    extract_people,
    find_level_name,
    is_time,
    means_somebody,
    parse_delay,
)
from bot.runbook.markdown.block_tree import MarkdownTable, Row
from bot.runbook.markdown.inline import strip_markdown
from bot.runbook.model import EscalationLevel
from bot.runbook.severity_names import find_level, find_levels

WHO = re.compile(r"who|contact|role|person|team|escalate|notify|call|page", re.I)
TARGET = re.compile(r"escalat\w+ (?:target|to|contact)|escalates? to|^\W*(?:to|next|then)\W*$", re.I)
CHAIN = re.compile(r"escalat|path|chain|order", re.I)
FIRST = re.compile(
    r"(?:initial|first|immediate) (?:response|responders?|contact|call|page|owner)|^\W*(?:first|initial|primary)\W*$",
    re.I,
)
IN_TURN = re.compile(
    r"^\W*(?:(?:L|level|tier|line)\s*-?\s*[1-5]|second(?:ary)?|third|backup|tertiary|next|then)\W*$", re.I
)
"""Heads of columns of who is called in turn, without a time."""
WHEN = re.compile(r"when|time|after|elapsed|within|minutes", re.I)
GRADE = re.compile(r"severity|priority|\bsev\b", re.I)
OF_TIME = re.compile(r"time|when|after|elapsed|timeline|minutes?|t\s*\+", re.I)
BARE_MINUTES = re.compile(r"\W*(?:minutes?|min|t\s*\+)\W*(?:\(.*\))?\W*", re.I)
"""A head below which a figure is minutes."""
MIN_TIMES = 1
"""How the first head of a table of who is called when is called, and how many of its rows say when."""
MIN_LEVELS = 2
"""How many columns of a table have to be severities before its cells are times."""

PAGED = re.compile(
    r"\b(?:pag(?:e|es|ed|ing)|whom? (?:(?:to|is|gets|we) )?(?:page|call|contact|alert|notif|inform|wake)\w*)\b",
    re.I,
)
PERSON = re.compile(r"^\W*(?:role|who|person|position|team|function|name)s?\W*$", re.I)
UNANSWERED = re.compile(r"^\W*(?:escalation|escalated)\b", re.I)
"""A situation of an escalation itself: what is done when that does not answer."""

ANSWERS_FIRST = re.compile(
    r"\W*(?:is |the )?(?:first|initial) (?:responder|response|contact)\W*"
    r"|\W*(?:any|every|all|each)\s+(?:new\s+|incoming\s+)?(?:pages?|alerts?|incidents?|alarms?)\W*"
    r"|\W*(?:the\s+|an?\s+)?(?:alert|alarm|page|incident)s?\s+(?:fires?|triggers?|starts?|triggered|declared|detected|begins?)\W*",
    re.I,
)
"""When the first of an escalation is called: `Any page`, `Alert fires`."""

CASE = re.compile(r"\W*(?:situation|scenario|condition|case|event|issue|incident type|if|trigger)s?\W*", re.I)
"""The first head of a table of what happened: whoever is called at once in a case is not called for all."""

DIRECTORY = re.compile(
    r"\W*(?:role|function|service|system|component|team|area|name|position|domain)s?\W*", re.I
)
"""The first head of a table of people or of what they own: its columns are deputies, and no turns of an escalation."""


def is_of_calls(table: MarkdownTable) -> bool:
    """Whether a table is an escalation by its form, whatever its section is called: who is called first and next for
    each severity, or when."""
    if not table.header:
        return False
    graded = _column(table, GRADE) is not None and any(
        _column(table, pattern) is not None for pattern in (FIRST, TARGET, PAGED)
    )
    return graded or len(list(_by_minute(table))) > 1


def _by_minute(table: MarkdownTable) -> Iterator[EscalationLevel]:
    """`| Minute | Do |`, `| 10 | Page the lead |`: whom the words of each row call, and when."""
    if not table.header or not OF_TIME.fullmatch(strip_markdown(table.header[0])):
        return
    is_bare = BARE_MINUTES.fullmatch(strip_markdown(table.header[0]))
    for row in table.rows:
        when = strip_markdown(row.cells[0])
        after = parse_delay(f"{when} min" if is_bare and when.isdecimal() else when)
        calls = [call for cell in row.cells[1:] for call in parse_calls(cell)]
        if after is not None and calls and (is_time(when) or when.isdecimal()):
            yield from (EscalationLevel(after, call.who, row.line) for call in calls)


def parse_rows(table: MarkdownTable, severity: str | None) -> Iterator[EscalationLevel]:
    """The levels of a table by the first of its forms that it has."""
    if levels := next(filter(None, (list(form(table)) for form in _list_column_forms())), None):
        yield from levels
        return
    when, who = _column(table, WHEN), _find_who(table)
    firsts = list(_first_answers(table, severity))
    if when is None or who is None:
        timed = list(_situations(table, severity)) or list(_by_minute(table))
        yield from timed or firsts or _reporting_lines(table, severity)
        return
    yield from firsts
    yield from _timed_rows(table, when, who, severity)


def _list_column_forms() -> tuple[Callable[[MarkdownTable], Iterator[EscalationLevel]], ...]:
    """The forms of a table that its columns make, whatever its rows say of times."""
    return (
        _columns_by_time,
        _columns_by_level,
        _columns_in_turn,
        _chains_by_level,
        _called_by_level,
        _tiers,
    )


def _timed_rows(table: MarkdownTable, when: int, who: int, severity: str | None) -> Iterator[EscalationLevel]:
    """A level for each row that says when; whoever is called at once in a case only is left out."""
    grade = _column(table, GRADE)
    of_cases = when > 0 and CASE.fullmatch(strip_markdown(table.header[0])) is not None
    for row in table.rows:
        after = _parse_when(row.cells[when]) if max(when, who) < len(row.cells) else None
        if after is None or (of_cases and after == timedelta(0) and not _is_any_case(row.cells[0])):
            continue
        found = _find_row_level(row, 0 if of_cases and grade is None else grade) or severity
        yield EscalationLevel(after, extract_people(row.cells[who]), row.line, found)


def _is_any_case(cell: str) -> bool:
    """Whether a situation is that of a severity, or of any incident."""
    words = strip_markdown(cell)
    return find_level(words) is not None or ANSWERS_FIRST.fullmatch(words) is not None


def _find_who(table: MarkdownTable) -> int | None:
    """The column of who is called, which is not the one that says when."""
    when = _column(table, WHEN)
    columns = (_column(table, pattern) for pattern in (TARGET, WHO))
    return next((at for at in columns if at is not None and at != when), None)


def _find_row_level(row: Row, grade: int | None) -> str | None:
    """The severity in the column of severities, if there is one."""
    return find_level_name(row.cells[grade]) if grade is not None and grade < len(row.cells) else None


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
    columns: dict[int, timedelta | None] = {} if first is None else {first: timedelta(0)}
    columns |= spans
    yield from _of_columns(table, grade, columns)


def _of_columns(
    table: MarkdownTable, grade: int, columns: Mapping[int, timedelta | None]
) -> Iterator[EscalationLevel]:
    """Who stands in the columns of each severity's row; `columns` are when each of them is called."""
    for row in table.rows:
        level = _find_row_level(row, grade)
        for at, after in columns.items() if level else ():
            who = extract_people(row.cells[at]) if at < len(row.cells) else ""
            if means_somebody(who):
                yield EscalationLevel(after, who, row.line, level)


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
    is_directory = grade is None and table.header and DIRECTORY.fullmatch(strip_markdown(table.header[0]))
    for row in table.rows if first is not None and not is_directory else ():
        who = strip_markdown(row.cells[first]) if first is not None and first < len(row.cells) else ""
        if who and parse_delay(who) is None and means_somebody(who):
            found = _find_row_level(row, grade) or severity
            yield EscalationLevel(timedelta(0), who, row.line, found)


def _columns_in_turn(table: MarkdownTable) -> Iterator[EscalationLevel]:
    """`| Severity | First | Second | Third |`: who is called for each severity in turn."""
    grade, first = _column(table, GRADE), _column(table, FIRST)
    turns = [
        at for at, head in enumerate(table.header) if IN_TURN.match(strip_markdown(head)) and at != first
    ]
    if grade is None or not turns or any(is_time(cell) for row in table.rows for cell in row.cells):
        return
    order = [*([] if first is None else [first]), *turns]
    yield from _of_columns(
        table, grade, {at: None if place else timedelta(0) for place, at in enumerate(order)}
    )


def _chains_by_level(table: MarkdownTable) -> Iterator[EscalationLevel]:
    """`| Severity | Escalation path |`, `| Critical | On-call → Lead → CTO |`: a chain for each severity."""
    grade, chain = _column(table, GRADE), _column(table, CHAIN)
    for row in table.rows if grade is not None and chain is not None else ():
        level = _find_row_level(row, grade)
        if level and chain is not None and chain < len(row.cells):
            yield from parse_linked_names(row.cells[chain], row.line, level)


def _called_by_level(table: MarkdownTable) -> Iterator[EscalationLevel]:
    """`| Severity | Who to alert |`: who is called at once for each severity."""
    grade, who = _column(table, GRADE), _column(table, PAGED)
    if grade is not None and who is not None and who != grade and _column(table, WHEN) is None:
        yield from _of_columns(table, grade, {who: timedelta(0)})


def _tiers(table: MarkdownTable) -> Iterator[EscalationLevel]:
    """`| L1 | On-call | alert |`, `| L2 | Lead | L1 not done in 30 min |`: who is called in turn."""
    firsts = [strip_markdown(row.cells[0]) for row in table.rows if row.cells]
    if len(firsts) < MIN_LEVELS or not all(map(TIER.fullmatch, firsts)) or _column(table, WHO) is not None:
        return
    for place, row in enumerate(row for row in table.rows if len(row.cells) > 1):
        when = parse_delay(row.cells[2]) if len(row.cells) > 2 else None
        yield EscalationLevel(when if place else timedelta(0), strip_markdown(row.cells[1]), row.line)


def _reporting_lines(table: MarkdownTable, severity: str | None) -> Iterator[EscalationLevel]:
    """`| Role | Does | Escalates to |`: each row is who is called in turn, the first at once."""
    heads = [strip_markdown(head) for head in table.header]
    if not heads or not PERSON.search(heads[0]) or _column(table, TARGET) is None:
        return
    named = [(strip_markdown(row.cells[0]), row.line) for row in table.rows if row.cells]
    for place, (who, line) in enumerate(pair for pair in named if means_somebody(pair[0])):
        yield EscalationLevel(None if place else timedelta(0), who, line, severity)


def _situations(table: MarkdownTable, severity: str | None) -> Iterator[EscalationLevel]:
    """`| P1 not solved in 30 min | → CTO |`: a situation with its time, and behind it who is called."""
    is_target = bool(table.header[1:]) and TARGET.search(strip_markdown(table.header[1]))
    for row in table.rows:
        is_pair = len(row.cells) == 2 and CALLS.search(strip_markdown(row.cells[1]))
        if len(row.cells) < 2 or not (is_target or is_pair):
            continue
        after, who = parse_delay(row.cells[0]), extract_people(row.cells[1])
        if after is not None and means_somebody(who) and not UNANSWERED.search(row.cells[0]):
            ids: list[str | None] = [level.id for level in find_levels(strip_markdown(row.cells[0]))]
            for id in ids or [find_level_name(row.cells[0]) or severity]:
                yield EscalationLevel(after, who, row.line, id)


def _column(table: MarkdownTable, pattern: re.Pattern[str]) -> int | None:
    """The first column whose head the pattern finds."""
    return next((at for at, head in enumerate(table.header) if pattern.search(strip_markdown(head))), None)
