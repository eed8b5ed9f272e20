"""The levels of an escalation as runbooks write them: lists, tables, chains and sentences with a time."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import islice

from bot.runbook import languages
from bot.runbook.call_clauses import CallMention, parse_calls
from bot.runbook.contacts import means_people
from bot.runbook.durations import SPAN, is_at_once, parse_duration
from bot.runbook.escalation_keys import parse_keyed_levels
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
from bot.runbook.markdown.inline import join_soft_breaks, split_label, strip_markdown
from bot.runbook.markdown.outline import Node, group_by_label
from bot.runbook.markdown.sections import format_item
from bot.runbook.model import EscalationLevel
from bot.runbook.severity_names import find_level

FRAME = {ord(mark): " " for mark in "│┃║┌┐└┘├┤─═╔╗╚╝┬┴┼"}
"""What boxes in a fence are drawn with."""

CHAIN = re.compile(LINK.pattern + r"|\s>\s")
"""What stands between the links of a chain in a line of text."""

BRANCH = re.compile(r"^\s*[\u2502|]*\s*[\u251c\u2514]\u2500", re.M)
"""How a line of a tree begins."""

DETAIL = re.compile(r"\s*[\u2022*\u2713]\s|\s*-\s+(?=[a-z])")
"""How a line in a box begins that tells what somebody does."""

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

AFTER = rf"(?:after|{languages.AFTER}|T\s*\+)\s*(?:another\s+|further\s+)?{SPAN.pattern}(?:\s+more)?"
MORE = re.compile(r"\b(?:another|further|more)\b", re.I)
AFTER_IN_FRONT = re.compile(AFTER, re.I)
AFTER_BEHIND = re.compile(rf"[(,]\s*{AFTER}\s*\)?\s*$", re.I)
"""`After 15 minutes call the CTO`, `CTO (after 15 minutes)`: when somebody is called, not how long they try."""

UNSOLVED = re.compile(
    r"\b(?:not|no|un\w+|without|cannot|can't|still|nobody)\b[^.;]{0,60}?(?:" + SPAN.pattern + ")", re.I
)
"""`if not solved within 30 minutes`: when somebody is called, by the clock of the incident."""

IN_A_CASE = re.compile(r"\b(?:immediately|at once|right away)\s+(?:for|on|if|when)\s+(?P<case>[^.;]+)", re.I)
"""What is done at once in some case only: `immediately for any loss of money`."""

ANSWERS = re.compile(r"\b(?:ack\w*|acknowledg\w*|respon[ds]\w*|answers?|first)\b", re.I)
"""How soon somebody answers who was called at once."""

TURN = re.compile(r"(?<=[.;])\s+|,\s+(?:and\s+)?then\s+", re.I)
"""What stands between what is done and what is done next."""

MAX_LABEL_LENGTH = 60
MAX_ENTRIES = 100
"""Items of a list of who is called in turn; no team has as many."""


def parse_timed_levels(node: Node) -> Iterator[EscalationLevel]:
    """The levels with an elapsed time in the lists and tables right below a heading."""
    for group in group_by_label(node.blocks):
        level = find_level(group.label) or find_level(node.title)
        severity = level.id if level else None
        for block in group.blocks:
            if isinstance(block, Listing):
                for entry in block.entries[:MAX_ENTRIES]:
                    yield from _entry(entry, severity)
            elif isinstance(block, MarkdownTable):
                yield from parse_rows(block, severity)
            elif isinstance(block, Paragraph):
                yield from _sentences(block, severity)
            elif isinstance(block, Fence):
                yield from _chain(block, severity)


def _sentences(block: Paragraph, severity: str | None) -> Iterator[EscalationLevel]:
    """`If unresolved within 5 minutes, page the CTO.`, sentence by sentence."""
    text = join_soft_breaks(block.text)
    if linked := _parse_linked(text, block.line, severity):
        yield from linked
        return
    calls = [call for row in text.split("\n") for call in parse_calls(row)]
    if len(calls) > 1 and (calls[0].after == timedelta(0) or len(text) > MAX_LABEL_LENGTH):
        yield from _of_calls(calls, block.line, severity)
        return
    for number, row in enumerate(block.text.split("\n"), block.line):
        for sentence in TURN.split(strip_markdown(row)):
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
    rows = list(enumerate(fence.text.split("\n"), fence.line))
    if keyed := list(parse_keyed_levels(rows, severity)):
        yield from keyed
        return
    pieces = [
        (number, piece)
        for number, row in rows
        for piece in LINK.split(row.translate(FRAME))
        if re.search(r"\w", piece) and not DETAIL.match(piece)
    ]
    if graded := [level for number, row in rows for level in _parse_graded_chain(row, number)]:
        yield from graded
        return
    found = [level for number, piece in pieces if (level := _parse_link(piece, number, severity)) is not None]
    is_chain = LINK.search(fence.text) is not None or len(BRANCH.findall(fence.text)) > 1
    if found and (is_chain or (len(found) > 1 and any(level.after for level in found))):
        first, *further = found
        yield first if first.severity else replace(first, after=timedelta(0))
        for level in further:
            later = level.severity is not None or level.after
            yield (
                level if later else replace(level, after=None)
            )  # at once, when the one before has not answered


def _parse_graded_chain(row: str, line: int) -> list[EscalationLevel]:
    """`P1: On-call -> Team lead (10m)`: a chain of one severity."""
    label, sign, chain = row.partition(":")
    level = find_level_name(label.strip()) if sign and len(label.split()) < 3 else None
    return _parse_linked(chain, line, level) if level else []


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
    if pair and means_people(pair[0]) and not CALLS.search(pair[0]) and parse_delay(pair[1]) is not None:
        yield from _parse_named(*pair, entry.line, severity)
        return
    if linked := _parse_linked(text, entry.line, severity):
        yield from linked
        return
    calls = parse_calls(text)
    if len(calls) > 1 or any(call.levels for call in calls):
        yield from _of_calls(calls, entry.line, severity)
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


def _parse_named(name: str, said: str, line: int, severity: str | None) -> Iterator[EscalationLevel]:
    """`Lead developer: escalate if it is not solved in 30 minutes`: a name, and behind it when it is called."""
    words = strip_markdown(said)
    if is_for_a_case(words):
        return
    answers = ANSWERS.search(words) and not UNSOLVED.search(words)
    yield EscalationLevel(
        timedelta(0) if answers else parse_delay(words), extract_people(name), line, severity
    )


def _parse_linked(text: str, line: int, severity: str | None) -> list[EscalationLevel]:
    """`L1 → L2 (15 min) → Architect` in a line: who is called in turn; none where fewer than two are named."""
    pieces = CHAIN.split(strip_markdown(text))
    names = [extract_people(piece) for piece in pieces]
    if len(names) < 2 or not all(map(means_somebody, names)):
        return []
    delays = [timedelta(0), *map(parse_delay, pieces[1:])]
    return [EscalationLevel(after, name, line, severity) for after, name in zip(delays, names, strict=True)]


def _of_calls(calls: Sequence[CallMention], line: int, severity: str | None) -> Iterator[EscalationLevel]:
    for call in calls:
        for level in call.levels or (severity,):
            yield EscalationLevel(call.after, call.who, line, level)


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
    entries = (entry for block in blocks if isinstance(block, Listing) for entry in block.entries)
    for entry in islice(entries, MAX_ENTRIES):
        words = _find_ordered_people(format_item(entry))
        if entry.number is None or not words:
            continue
        text = strip_markdown(format_item(entry))
        if is_for_a_case(text):
            continue
        span = parse_duration(text)
        is_told = AFTER_IN_FRONT.match(text) or AFTER_BEHIND.search(text) or UNSOLVED.search(text)
        if is_told and span is not None:
            waited = _add_wait(waited, span, text)
        yield EscalationLevel(waited, words, entry.line)
        if not is_told:
            waited = None if span is None or waited is None else waited + span


def is_for_a_case(text: str) -> bool:
    """Whether somebody is called at once in some case that is no severity."""
    found = IN_A_CASE.search(text)
    return found is not None and find_level_name(found["case"]) is None


def _add_wait(waited: timedelta | None, span: timedelta, text: str) -> timedelta:
    """When somebody is called: by the clock of the incident, unless the text counts from the one before."""
    is_further = waited is not None and (MORE.search(text) or span <= waited)
    return waited + span if waited is not None and is_further else span


def _find_ordered_people(item: str) -> str:
    """Whom an item of a numbered list names, without what is done and how long; empty where it names nobody."""
    pair = split_label(item)
    is_name = pair and (find_handles(pair[1]) or (means_people(pair[0]) and not CALLS.search(pair[0])))
    words = pair[0] if pair and is_name else strip_markdown(item)
    words = extract_people(LINK.split(words)[0])
    return words if len(words) <= MAX_LABEL_LENGTH and means_somebody(words) else ""
