"""The levels of an escalation as runbooks write them: lists, tables, chains and sentences with a time."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from bot.runbook import languages
from bot.runbook.call_clauses import CallMention, parse_calls
from bot.runbook.contacts import means_people
from bot.runbook.durations import SPAN, is_at_once, parse_duration
from bot.runbook.escalation_chains import parse_fence_chain, parse_linked_names
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
    r"(?:\b(?:not|no|un\w+|without|cannot|can't|still|nobody|persists?|lasts|longer|exceeds?)\b[^.;]{0,60}?|>\s*)"
    rf"(?:{SPAN.pattern})",
    re.I,
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
                yield from parse_fence_chain(block, severity)


def _sentences(block: Paragraph, severity: str | None) -> Iterator[EscalationLevel]:
    """`If unresolved within 5 minutes, page the CTO.`, sentence by sentence."""
    text = join_soft_breaks(block.text)
    if linked := parse_linked_names(text, block.line, severity):
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


@dataclass(frozen=True, slots=True)
class _Entry:
    """An item of a list, the label in front of what it says, and the severity that its list is for."""

    text: str
    pair: tuple[str, str] | None
    line: int
    severity: str | None


def _entry(entry: ListEntry, severity: str | None) -> Iterator[EscalationLevel]:
    """The levels of an item, by the first of its forms that it has."""
    text = format_item(entry)
    if at_once := list(_find_called_at_once(strip_markdown(text), entry.line)):
        yield from at_once
        return
    before, sign, behind = text.partition(":")
    pair = split_label(text) or ((before, behind) if sign else None)
    if pair and TIER.fullmatch(pair[0]):
        text, pair = pair[1], None
    said = _Entry(text, pair, entry.line, severity)
    found = (form(said) for form in FORMS)
    yield from next((levels for levels in found if levels is not None), ())


def _by_time(said: _Entry) -> list[EscalationLevel] | None:
    """`15 min: the CTO`."""
    if said.pair is None or not is_time(said.pair[0]):
        return None
    label, value = said.pair
    return [EscalationLevel(parse_delay(label), extract_people(value), said.line, said.severity)]


def _by_name(said: _Entry) -> list[EscalationLevel] | None:
    """`CTO: after 15 min`, `CTO (15 min): decides`."""
    if said.pair is None or not _is_name_with_time(*said.pair):
        return None
    return list(_parse_named(*said.pair, said.line, said.severity))


def _by_links(said: _Entry) -> list[EscalationLevel] | None:
    """`On-call → Lead (15 min)`."""
    return parse_linked_names(said.text, said.line, said.severity) or None


def _by_calls(said: _Entry) -> list[EscalationLevel] | None:
    """`Page the on-call engineer, then call the lead`, `Call the lead at once for P0`."""
    calls = parse_calls(said.text)
    if len(calls) > 1 or any(call.levels for call in calls):
        return list(_of_calls(calls, said.line, said.severity))
    return None


def _by_severity(said: _Entry) -> list[EscalationLevel] | None:
    """`P0: the CTO at once`."""
    if said.pair is None or parse_delay(said.text) not in (None, timedelta(0)):
        return None
    label, value = said.pair
    if (level := find_level(label)) and means_somebody(value):
        return [EscalationLevel(timedelta(0), extract_people(value), said.line, level.id)]
    return None


def _by_delay(said: _Entry) -> list[EscalationLevel] | None:
    """`CTO after 15 min`."""
    after = parse_delay(said.text)
    who = None if after is None else _find_called_later(said.text, has_label=said.pair is not None)
    return None if who is None else [EscalationLevel(after, who, said.line, said.severity)]


FORMS = (_by_time, _by_name, _by_links, _by_calls, _by_severity, _by_delay)
"""The forms of an item that says who is called: the first that it has counts."""


def _is_name_with_time(label: str, said: str) -> bool:
    """Whether a label names somebody, and it or what stands behind it says when that one is called."""
    if TIER.match(strip_markdown(label)) and means_people(said):
        return False
    times = (parse_delay(label), parse_delay(said))
    return means_people(label) and not CALLS.search(label) and any(time is not None for time in times)


def _parse_named(name: str, said: str, line: int, severity: str | None) -> Iterator[EscalationLevel]:
    """`Lead developer: escalate if it is not solved in 30 minutes`: a name, and behind it when it is called."""
    words = strip_markdown(said)
    if is_for_a_case(words):
        return
    after = parse_delay(name)
    if after is None:
        answers = ANSWERS.search(words) and not UNSOLVED.search(words)
        after = timedelta(0) if answers else parse_delay(words)
    yield EscalationLevel(after, extract_people(name), line, severity)


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
