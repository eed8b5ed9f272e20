"""Whom a runbook tells to call in its own words, outside of playbooks and of an escalation: a sentence, a step, a
heading, a table of who hears of it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.runbook.call_clauses import is_called, parse_calls
from bot.runbook.contacts import means_people
from bot.runbook.durations import is_at_once, parse_duration
from bot.runbook.first_responders import find_first_responders
from bot.runbook.markdown.block_tree import Block, Listing, MarkdownTable, Paragraph
from bot.runbook.markdown.inline import MAX_TEXT_LENGTH, join_soft_breaks, strip_markdown, strip_number
from bot.runbook.markdown.outline import Node
from bot.runbook.markdown.sections import format_item
from bot.runbook.model import EscalationLevel, Severity
from bot.runbook.severity_names import find_levels

INSTRUCTED = re.compile(
    r"\b(?:page|call|wake|alert|ping|reach|notify|inform|contact (?:the|an?|your|our))\b", re.I
)
"""The words of which every title that is an instruction has one; `Contact directory` is none."""

ABOUT = re.compile(
    r"on-?call|\bduty\b|escalat|\bpag(?:e|ing)\b|communicat|first|initial|immediate|declar|triage|respon|\bsteps?\b|process"
    r"|procedure|what to do|\bwho\b|contact|\bcall|alert|detect|mobili[sz]",
    re.I,
)
"""Titles of sections that tell what is done when an incident begins."""

OF_ELSE = re.compile(
    r"post-?|after|review|follow-?up|template|roles?\b|responsibilit|hand-?(?:off|over)|resol|prevent|lessons|drill"
    r"|breach|legal|compliance|security|vendor|expectations?|best practices",
    re.I,
)
MAX_SECTIONS = 200
"""Sections that are looked through for whom to call."""

HANDLING = re.compile(r"\bpag(?:er|ing)\b|on-?call|escalat|triage|decision tree", re.I)
"""Titles of procedures that are about how any incident is handled, also where they look like one."""

JOINS = re.compile(r"\bjoins?\b", re.I)

AUDIENCE = re.compile(r"audience|stakeholder|\bwho\b|role|party|recipient|team|person", re.I)


def find_paging_instructions(nodes: Sequence[Node]) -> tuple[EscalationLevel, ...]:
    """Whom the first section calls at once that calls anybody, those about the begin of an incident before others, and
    whom it calls next; else whom a table of audiences does, else who answers first."""
    about = [node for node in nodes if not OF_ELSE.search(node.title)]
    for node in sorted(about, key=lambda node: not ABOUT.search(node.title))[:MAX_SECTIONS]:
        if found := list(_of_section(node)):
            for_all = any(level.severity is None and level.after == timedelta(0) for level in found)
            return tuple(found) if for_all else (*find_first_responders(nodes), *found)
    told = tuple(level for node in about for level in _of_audiences(node))
    return told or find_first_responders(nodes)


def _of_section(node: Node) -> Iterator[EscalationLevel]:
    titles = parse_calls(strip_number(node.title)) if INSTRUCTED.search(node.title) else ()
    called = [(node.line, call) for call in titles]
    called = called or [(line, call) for line, text in _list_texts(node.blocks) for call in parse_calls(text)]
    if not any(call.after == timedelta(0) for _, call in called):
        return
    for line, call in called:
        ids: list[str | None] = [*call.levels]
        for level in ids or [None]:
            yield EscalationLevel(call.after, call.who, line, level)


def _list_texts(blocks: Sequence[Block]) -> Iterator[tuple[int, str]]:
    """The lines of the paragraphs and the items of lists right below a heading."""
    for block in blocks:
        if isinstance(block, Paragraph):
            yield from (
                (block.line, row) for row in join_soft_breaks(block.text[:MAX_TEXT_LENGTH]).split("\n")
            )
        elif isinstance(block, Listing):
            yield from ((entry.line, format_item(entry)[:MAX_TEXT_LENGTH]) for entry in block.entries)


def _of_audiences(node: Node) -> Iterator[EscalationLevel]:
    """`| Organization owner | Immediately for P1 |`: who hears of a severity at once."""
    for table in (block for block in node.blocks if isinstance(block, MarkdownTable)):
        if not table.header or not AUDIENCE.search(strip_markdown(table.header[0])):
            continue
        for row in table.rows:
            who, *others = map(strip_markdown, row.cells or ("",))
            if not is_called(who):
                continue
            for cell in others:
                if is_at_once(cell) and parse_duration(cell) is None:
                    for level in find_levels(cell):
                        yield EscalationLevel(timedelta(0), who, row.line, level.id)


def names_somebody(severity: Severity) -> bool:
    """Whether a severity says who is called for it, and not only who comes in beside them."""
    parts = [part for part in severity.action.split(";") if not JOINS.search(part)]
    return any(map(means_people, (*parts, severity.role)))


def limit_instructions(
    told: Sequence[EscalationLevel], ids: Sequence[str], of_all: bool
) -> Iterator[EscalationLevel]:
    """What is told of any incident, for these severities only where there are others that say it themselves."""
    for level in told:
        if of_all or (level.severity and level.severity in ids):
            yield level
        elif level.severity is None:
            yield from (replace(level, severity=id) for id in ids)
