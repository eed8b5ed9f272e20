"""The levels of an escalation as runbooks write them: lists, tables, chains and sentences with a time."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.runbook.contacts import match_contacts
from bot.runbook.durations import DIGITS, SPAN, UNIT, is_at_once, parse_duration
from bot.runbook.handles import find_handles
from bot.runbook.markdown.block_tree import Block, Fence, ListEntry, Listing, MarkdownTable, Paragraph
from bot.runbook.markdown.inline import split_label, strip_markdown
from bot.runbook.markdown.outline import Node, group_by_label
from bot.runbook.markdown.sections import format_item
from bot.runbook.model import EscalationLevel
from bot.runbook.severity_names import find_level, find_level_word

CALLS = re.compile(r"\b(escalate|page|notify|call|contact|alert|involve|wake|inform)\b|→|->|=>", re.I)
ALWAYS = re.compile(r"\(?\b24\s*[/x]\s*7\b\)?")
CONDITION = re.compile(
    r"\((?:if|when|unless)\b[^)]*\)|\b(?:if|when)\s+(?:no|not|still|un\w+)\b[^,;:→]*[,;:]?"
    r"|\b(?:without|with\s+no|no)\s+(?:an?\s+|any\s+)?(?:answer|ack\w*|response|reply)\b\s*[,;:]?",
    re.I,
)
TIME = re.compile(rf"(?:\b(?:after|within|at|in|for)\s+|T\s*\+\s*|[<>≥+]\s*)?(?:{SPAN.pattern})", re.I)
RANGE = re.compile(
    rf"(?:\b(?:after|within|at|in|for)\s+)?(?<![\w.])(?P<first>{DIGITS})\s*(?:(?:-|\u2013|\u2014|to)\s*{DIGITS}|\+)"
    rf"\s*(?P<unit>{UNIT})",
    re.I,
)
"""`15-30 minutes`, `60+ min`."""

ARROW = re.compile(r"→|->|=>")
LINK = re.compile(r"→|-+>|=+>|↓|⬇|▼")
"""What stands between the levels of a chain."""

WHO = re.compile(r"who|contact|role|person|team|escalate|notify|call|page", re.I)
TARGET = re.compile(r"escalat\w+ (?:target|to|contact)|escalate to", re.I)
FIRST = re.compile(r"(?:initial|first|immediate) (?:response|responders?|contact|call|page)", re.I)
WHEN = re.compile(r"when|time|after|elapsed|within|minutes", re.I)
GRADE = re.compile(r"severity|priority|\bsev\b", re.I)
MAX_LABEL_LENGTH = 60


def is_time(label: str) -> bool:
    """Whether a label is only an instant of an escalation, such as `15 min` or `Immediate`, and nobody's name."""
    rest = TIME.sub(" ", RANGE.sub(" ", strip_markdown(label)))
    return (rest != strip_markdown(label) or is_at_once(rest)) and not re.search(
        r"[^\W\d_]", re.sub(r"(?i)immediate(ly)?|after|at once|\bT\b", "", rest)
    )


def parse_timed_levels(node: Node) -> Iterator[EscalationLevel]:
    """The levels with an elapsed time in the lists and tables right below a heading."""
    for group in group_by_label(node.blocks):
        level = find_level(group.label) or find_level(node.title)
        severity = level.id if level else None
        for block in group.blocks:
            if isinstance(block, Listing):
                for entry in block.entries:
                    yield from _entry(entry, severity)
            elif isinstance(block, MarkdownTable):
                yield from _rows(block, severity)
            elif isinstance(block, Paragraph):
                yield from _sentences(block, severity)
            elif isinstance(block, Fence):
                yield from _chain(block, severity)


def _sentences(block: Paragraph, severity: str | None) -> Iterator[EscalationLevel]:
    """`If unresolved within 5 minutes, page the CTO.`, sentence by sentence."""
    for number, row in enumerate(block.text.split("\n"), block.line):
        for sentence in re.split(r"(?<=[.;])\s+", strip_markdown(row)):
            after, who = parse_delay(sentence), extract_people(sentence)
            if after is not None and CALLS.search(sentence) and _means_people(who):
                yield EscalationLevel(after, who, number, severity)


def _chain(fence: Fence, severity: str | None) -> Iterator[EscalationLevel]:
    """`On-call -> Team lead (15 min) -> CTO (30 min)`, on one line or several."""
    pieces = [
        (number, piece)
        for number, row in enumerate(fence.text.split("\n"), fence.line)
        for piece in LINK.split(row)
        if re.search(r"\w", piece)
    ]
    found = [
        EscalationLevel(parse_delay(piece), extract_people(piece), number, severity)
        for number, piece in pieces
        if _means_people(extract_people(piece))
    ]
    if len(found) >= 2 and (LINK.search(fence.text) or any(level.after for level in found)):
        first, *further = found
        yield replace(first, after=first.after or timedelta(0))
        yield from further


def _entry(entry: ListEntry, severity: str | None) -> Iterator[EscalationLevel]:
    text = format_item(entry)
    before, sign, behind = text.partition(":")
    pair = split_label(text) or ((before, behind) if sign else None)
    if pair and is_time(pair[0]):
        yield EscalationLevel(parse_delay(pair[0]), extract_people(pair[1]), entry.line, severity)
        return
    after = parse_delay(text)
    if after is None:
        return
    if not pair and len(text) <= MAX_LABEL_LENGTH:
        who = extract_people(text)
        is_level = _means_people(who)
    else:
        who = extract_people(strip_markdown(text))
        is_level = CALLS.search(strip_markdown(text)) is not None and bool(
            parse_duration(strip_markdown(text))
        )
    if is_level:
        yield EscalationLevel(after, who, entry.line, severity)


def _means_people(words: str) -> bool:
    met = match_contacts(words, ())
    return met.everyone or bool(met.unmatched)


def _rows(table: MarkdownTable, severity: str | None) -> Iterator[EscalationLevel]:
    when, grade = (_column(table, pattern) for pattern in (WHEN, GRADE))
    who = next(
        (at for at in (_column(table, TARGET), _column(table, WHO)) if at is not None and at != when), None
    )
    if when is None or who is None:
        yield from _situations(table, severity)
        return
    yield from _first_answers(table, severity)
    for row in table.rows:
        after = parse_delay(row.cells[when]) if max(when, who) < len(row.cells) else None
        if after is not None:
            found = (
                find_level_name(row.cells[grade]) if grade is not None and grade < len(row.cells) else None
            )
            yield EscalationLevel(after, extract_people(row.cells[who]), row.line, found or severity)


def _first_answers(table: MarkdownTable, severity: str | None) -> Iterator[EscalationLevel]:
    """`| Severity | Initial response | Escalation time | … |`: who answers first, where a column says so."""
    first, grade = _column(table, FIRST), _column(table, GRADE)
    for row in table.rows if first is not None else ():
        who = strip_markdown(row.cells[first]) if first is not None and first < len(row.cells) else ""
        if who and parse_delay(who) is None and _means_people(who):
            found = (
                find_level_name(row.cells[grade]) if grade is not None and grade < len(row.cells) else None
            )
            yield EscalationLevel(timedelta(0), who, row.line, found or severity)


def find_level_name(cell: str) -> str | None:
    """The id of the level that a cell names, by its number or by its word."""
    words = strip_markdown(cell)
    found = find_level(words) or find_level_word(words)
    return found.id if found else None


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


def parse_ordered_levels(blocks: Sequence[Block]) -> Iterator[EscalationLevel]:
    """The levels of a numbered list that has their order, and maybe how long each of them tries."""
    waited: timedelta | None = timedelta(0)
    for block in blocks:
        for entry in block.entries if isinstance(block, Listing) else ():
            words = _find_ordered_people(format_item(entry))
            if entry.number is None or not words:
                continue
            yield EscalationLevel(waited, words, entry.line)
            tried = parse_duration(strip_markdown(format_item(entry)))
            waited = None if tried is None or waited is None else waited + tried


def _find_ordered_people(item: str) -> str:
    """Whom an item of a numbered list names, without what is done and how long; empty where it names nobody."""
    pair = split_label(item)
    words = pair[0] if pair and find_handles(pair[1]) else strip_markdown(item)
    words = extract_people(LINK.split(words)[0])
    return words if len(words) <= MAX_LABEL_LENGTH and _means_people(words) else ""


def parse_delay(text: str) -> timedelta | None:
    """The time that has passed before a level is called: of `15-30 minutes` the shorter, 0 for `immediately`."""
    text = strip_markdown(text)
    found = RANGE.search(text)
    span = parse_duration(f"{found['first']} {found['unit']}") if found else parse_duration(text)
    return timedelta(0) if span is None and is_at_once(text) else span


def extract_people(text: str) -> str:
    """The people in a level's words, without its time and its condition."""
    words = CONDITION.sub(" ", RANGE.sub(" ", ALWAYS.sub(" ", strip_markdown(text))))
    words = re.sub(r"\(\W*\)", " ", ARROW.sub(" ", TIME.sub(" ", words)))
    return " ".join(words.split()).strip(" ,;:.-\u2013\u2014")
