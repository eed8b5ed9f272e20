"""Who is called next when nobody answers: the runbook's own escalation, else on-call, DevOps lead, CTO, everyone."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.runbook.blocks import Block, Entry, Listing, Table
from bot.runbook.contacts import match_contacts
from bot.runbook.durations import DIGITS, SPAN, UNIT, duration, is_at_once, runs_no_clock
from bot.runbook.inline import labelled, plain
from bot.runbook.levels import find_level, same_level
from bot.runbook.model import EscalationLevel, Runbook, Severity
from bot.runbook.outline import Node, by_label
from bot.runbook.sections import item_text

CALLS = re.compile(r"\b(escalate|page|notify|call|contact|alert|involve|wake|inform)\b|→|->|=>", re.I)
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
WHO = re.compile(r"who|contact|role|person|team|escalate|notify|call|page", re.I)
WHEN = re.compile(r"when|time|after|elapsed|within|minutes", re.I)
GRADE = re.compile(r"severity|priority|\bsev\b", re.I)
DEFAULT = ("On-call engineer", "DevOps Lead", "CTO", "Everyone")
LONGEST = 60
UNREADABLE = timedelta(minutes=15)
"""The distance of the steps where a response time is written that cannot be read, such as `Drop everything`."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder: `after` counts from the first call; `names` are contacts; `unmatched` are words that fit
    nobody and have to be said in the room."""

    after: timedelta
    names: tuple[str, ...]
    everyone: bool
    unmatched: tuple[str, ...]
    line: int


def ladder(runbook: Runbook, severity: Severity, names: Sequence[str]) -> tuple[Rung, ...]:
    """Who is called after the first call, and when, as long as nobody has answered. `names` are all contacts.

    Empty for a severity without a response time, or one that is answered at leisure. A step that names only those whom
    the first call named is left out, and so is one that names nobody. Steps without a time of their own are one
    response time apart.
    """
    response = severity.response
    if response is None:
        if not severity.response_text or runs_no_clock(severity.response_text):
            return ()
        response = UNREADABLE
    own = [
        each
        for each in runbook.escalation
        if (not each.severity or same_level(each.severity, severity.id)) and _names(each, names)
    ]
    levels = own or [EscalationLevel(None, words, 0) for words in DEFAULT]
    called = match_contacts(severity.action, names)
    rungs: list[Rung] = []
    for level in levels:
        met = match_contacts(level.text, names)
        known = not called.everyone and not met.everyone and set(met.matched) <= set(called.matched)
        if level.after == timedelta(0) or (known and not met.unmatched) or (known and not own):
            continue
        after = level.after or response * (len(rungs) + 1)
        rungs.append(Rung(after, met.matched, met.everyone, met.unmatched, level.line))
    return tuple(sorted(rungs, key=lambda rung: rung.after))


def is_time(label: str) -> bool:
    """Whether a label is only an instant of an escalation, such as `15 min` or `Immediate`, and nobody's name."""
    rest = TIME.sub(" ", RANGE.sub(" ", plain(label)))
    return (rest != plain(label) or is_at_once(rest)) and not re.search(
        r"[^\W\d_]", re.sub(r"(?i)immediate(ly)?|after|at once|\bT\b", "", rest)
    )


def _names(level: EscalationLevel, names: Sequence[str]) -> bool:
    met = match_contacts(level.text, names)
    return bool(met.matched or met.unmatched or met.everyone)


def timed(node: Node) -> Iterator[EscalationLevel]:
    """The levels with an elapsed time in the lists and tables right below a heading."""
    for group in by_label(node.blocks):
        level = find_level(group.label) or find_level(node.title)
        severity = level.id if level else None
        for block in group.blocks:
            if isinstance(block, Listing):
                for entry in block.entries:
                    yield from _entry(entry, severity)
            elif isinstance(block, Table):
                yield from _rows(block, severity)


def _entry(entry: Entry, severity: str | None) -> Iterator[EscalationLevel]:
    text = item_text(entry)
    before, sign, behind = text.partition(":")
    pair = labelled(text) or ((before, behind) if sign else None)
    if pair and is_time(pair[0]):
        yield EscalationLevel(after_call(pair[0]), who_is_called(pair[1]), entry.line, severity)
    elif not pair and len(text) <= LONGEST and (after := after_call(text)) is not None:
        met = match_contacts(who := who_is_called(text), ())
        if met.everyone or met.unmatched:
            yield EscalationLevel(after, who, entry.line, severity)
    elif CALLS.search(plain(text)) and duration(plain(text)) and (after := after_call(text)) is not None:
        yield EscalationLevel(after, who_is_called(plain(text)), entry.line, severity)


def _rows(table: Table, severity: str | None) -> Iterator[EscalationLevel]:
    heads = [plain(head) for head in table.header]
    when, who, grade = (
        next((at for at, head in enumerate(heads) if pattern.search(head)), None)
        for pattern in (WHEN, WHO, GRADE)
    )
    if when is None or who is None:
        return
    for row in table.rows:
        if max(when, who) >= len(row.cells) or (after := after_call(row.cells[when])) is None:
            continue
        found = find_level(plain(row.cells[grade])) if grade is not None and grade < len(row.cells) else None
        yield EscalationLevel(after, who_is_called(row.cells[who]), row.line, found.id if found else severity)


def in_order(blocks: Sequence[Block]) -> Iterator[EscalationLevel]:
    """The levels of a numbered list that only has their order."""
    for block in blocks:
        for entry in block.entries if isinstance(block, Listing) else ():
            words = plain(item_text(entry))
            met = match_contacts(words, ())
            if entry.number is not None and len(words) <= LONGEST and (met.everyone or met.unmatched):
                yield EscalationLevel(None, words, entry.line)


def after_call(text: str) -> timedelta | None:
    """The time that has passed before a level is called: of `15-30 minutes` the shorter, 0 for `immediately`."""
    text = plain(text)
    found = RANGE.search(text)
    span = duration(f"{found['first']} {found['unit']}") if found else duration(text)
    return timedelta(0) if span is None and is_at_once(text) else span


def who_is_called(text: str) -> str:
    """The people in a level's words, without its time and its condition."""
    words = CONDITION.sub(" ", RANGE.sub(" ", plain(text)))
    words = re.sub(r"\(\W*\)", " ", ARROW.sub(" ", TIME.sub(" ", words)))
    return " ".join(words.split()).strip(" ,;:.-\u2013\u2014")
