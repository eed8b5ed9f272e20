"""The levels of an escalation as runbooks write them: lists, tables, chains and sentences with a time."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.runbook.durations import SPAN, is_at_once, parse_duration
from bot.runbook.escalation_tables import parse_rows
from bot.runbook.escalation_words import (
    CALLS,
    LINK,
    TIER,
    extract_people,
    find_level_name,
    is_time,
    means_somebody,
    parse_delay,
)
from bot.runbook.handles import find_handles
from bot.runbook.markdown.block_tree import Block, Fence, ListEntry, Listing, MarkdownTable, Paragraph
from bot.runbook.markdown.inline import split_label, strip_markdown
from bot.runbook.markdown.outline import Node, group_by_label
from bot.runbook.markdown.sections import format_item
from bot.runbook.model import EscalationLevel
from bot.runbook.severity_names import find_level

FRAME = {ord(mark): " " for mark in "│┃║┌┐└┘├┤─═╔╗╚╝┬┴┼"}
"""What boxes in a fence are drawn with."""

AT_ONCE_TO = re.compile(
    r"\b(?:escalat\w+|report\w*)\s+(?:immediately\s+)?to\s+(?P<who>[^.;]+?)"
    r"(?:\s+(?:immediately|at once|right away))?[.;]?$",
    re.I,
)
"""Whom a sentence names to whom an incident of a severity is escalated."""

PAGED_AT_ONCE = re.compile(
    r"\b(?:page|call|notify|alert|wake)\s+(?P<who>[^,.;:]+?)\s+(?:immediately|at once|right away)\s+(?:for|on|at)\s+"
    r"(?P<levels>[^.;:]+)",
    re.I,
)
"""`Page the primary on-call immediately for P0 incidents`."""

CONDITIONAL = re.compile(r"\b(?:when|if)\s+(?:any|one|either|all)\b|:$", re.I)
"""What holds in the cases that are listed behind it only."""

AFTER = rf"(?:after|T\s*\+)\s*(?:another\s+|further\s+)?{SPAN.pattern}(?:\s+more)?"
MORE = re.compile(r"\b(?:another|further|more)\b", re.I)
AFTER_IN_FRONT = re.compile(AFTER, re.I)
AFTER_BEHIND = re.compile(rf"[(,]\s*{AFTER}\s*\)?\s*$", re.I)
"""`After 15 minutes call the CTO`, `CTO (after 15 minutes)`: when somebody is called, not how long they try."""

MAX_LABEL_LENGTH = 60


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
                yield from parse_rows(block, severity)
            elif isinstance(block, Paragraph):
                yield from _sentences(block, severity)
            elif isinstance(block, Fence):
                yield from _chain(block, severity)


def _sentences(block: Paragraph, severity: str | None) -> Iterator[EscalationLevel]:
    """`If unresolved within 5 minutes, page the CTO.`, sentence by sentence."""
    for number, row in enumerate(block.text.split("\n"), block.line):
        for sentence in re.split(r"(?<=[.;])\s+", strip_markdown(row)):
            after, who = parse_delay(sentence), extract_people(sentence)
            if at_once := list(_find_called_at_once(sentence, number)):
                yield from at_once
            elif (
                after is not None
                and not CONDITIONAL.search(sentence)
                and CALLS.search(sentence)
                and means_somebody(who)
            ):
                yield EscalationLevel(after, who, number, severity)


def _find_called_at_once(sentence: str, line: int) -> Iterator[EscalationLevel]:
    """`Critical and High incidents must be escalated to the security owner immediately.`, for each of its levels."""
    if not is_at_once(sentence) or parse_duration(sentence) is not None:
        return
    if paged := PAGED_AT_ONCE.search(sentence):
        said, levels = paged, paged["levels"]
    elif escalated := AT_ONCE_TO.search(sentence):
        said, levels = escalated, sentence[: escalated.start()]
    else:
        return
    for words in re.split(r",|\band\b|\bor\b|/", levels) if means_somebody(said["who"]) else ():
        if level := find_level_name(words.strip()):
            yield EscalationLevel(timedelta(0), said["who"], line, level)


def _chain(fence: Fence, severity: str | None) -> Iterator[EscalationLevel]:
    """`On-call -> Team lead (15 min) -> CTO (30 min)`, on one line or several."""
    pieces = [
        (number, piece)
        for number, row in enumerate(fence.text.split("\n"), fence.line)
        for piece in LINK.split(row.translate(FRAME))
        if re.search(r"\w", piece)
    ]
    found = [level for number, piece in pieces if (level := _parse_link(piece, number, severity)) is not None]
    if len(found) >= 2 and (LINK.search(fence.text) or any(level.after for level in found)):
        first, *further = found
        yield first if first.severity else replace(first, after=timedelta(0))
        for level in further:
            later = level.severity is not None or level.after
            yield (
                level if later else replace(level, after=None)
            )  # at once, when the one before has not answered


def _parse_link(piece: str, line: int, severity: str | None) -> EscalationLevel | None:
    """`Team lead (15 min)`, `P1: at once to the CTO`: a link of a chain; None where it names nobody."""
    before, sign, behind = piece.partition(":")
    level = find_level_name(before) if sign and len(before.split()) == 1 else None
    words = behind if level else piece
    who = extract_people(words)
    if not means_somebody(who) or (level and parse_delay(words) is None):
        return None
    return EscalationLevel(parse_delay(words), who, line, level or severity)


def _entry(entry: ListEntry, severity: str | None) -> Iterator[EscalationLevel]:
    text = format_item(entry)
    before, sign, behind = text.partition(":")
    pair = split_label(text) or ((before, behind) if sign else None)
    if at_once := list(_find_called_at_once(strip_markdown(text), entry.line)):
        yield from at_once
        return
    if pair and TIER.fullmatch(pair[0]):
        text, pair = pair[1], None
    if pair and is_time(pair[0]):
        yield EscalationLevel(parse_delay(pair[0]), extract_people(pair[1]), entry.line, severity)
        return
    after = parse_delay(text)
    if pair and after in (None, timedelta(0)) and (level := find_level(pair[0])) and means_somebody(pair[1]):
        yield EscalationLevel(timedelta(0), extract_people(pair[1]), entry.line, level.id)
        return
    if after is None:
        return
    who = _find_called_later(text, has_label=pair is not None)
    if who is not None:
        yield EscalationLevel(after, who, entry.line, severity)


def _find_called_later(text: str, has_label: bool) -> str | None:
    """Whom a text with a delay calls; None where it is no level of an escalation."""
    if not has_label and len(text) <= MAX_LABEL_LENGTH:
        who = extract_people(text)
        return who if means_somebody(who) else None
    words = strip_markdown(text)
    return extract_people(words) if CALLS.search(words) and parse_duration(words) else None


def parse_ordered_levels(blocks: Sequence[Block]) -> Iterator[EscalationLevel]:
    """The levels of a numbered list that has their order, and maybe when each of them is called or how long each
    tries."""
    waited: timedelta | None = timedelta(0)
    for entry in (entry for block in blocks if isinstance(block, Listing) for entry in block.entries):
        words = _find_ordered_people(format_item(entry))
        if entry.number is None or not words:
            continue
        text = strip_markdown(format_item(entry))
        span, is_told = parse_duration(text), AFTER_IN_FRONT.match(text) or AFTER_BEHIND.search(text)
        if is_told and span is not None:
            waited = _add_wait(waited, span, text)
        yield EscalationLevel(waited, words, entry.line)
        if not is_told:
            waited = None if span is None or waited is None else waited + span


def _add_wait(waited: timedelta | None, span: timedelta, text: str) -> timedelta:
    """When somebody is called: by the clock of the incident, unless the text counts from the one before."""
    is_further = waited is not None and (MORE.search(text) or span <= waited)
    return waited + span if waited is not None and is_further else span


def _find_ordered_people(item: str) -> str:
    """Whom an item of a numbered list names, without what is done and how long; empty where it names nobody."""
    pair = split_label(item)
    words = pair[0] if pair and find_handles(pair[1]) else strip_markdown(item)
    words = extract_people(LINK.split(words)[0])
    return words if len(words) <= MAX_LABEL_LENGTH and means_somebody(words) else ""
