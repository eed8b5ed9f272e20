"""The levels of an escalation as runbooks write them: lists, tables, chains and sentences with a time."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.runbook.call_clauses import CallMention, parse_calls
from bot.runbook.contacts import means_people
from bot.runbook.durations import is_at_once, parse_duration
from bot.runbook.escalation_chains import parse_fence_chain, parse_labelled_chain, parse_linked_names
from bot.runbook.escalation_tables import parse_rows
from bot.runbook.escalation_words import (
    CALLS,
    TIER,
    extract_people,
    find_level_name,
    is_time,
    means_somebody,
    parse_delay,
)
from bot.runbook.markdown.block_tree import Fence, ListEntry, Listing, MarkdownTable, Paragraph
from bot.runbook.markdown.inline import join_soft_breaks, strip_markdown
from bot.runbook.markdown.outline import Node, group_by_label
from bot.runbook.markdown.sections import format_item
from bot.runbook.model import EscalationLevel
from bot.runbook.ordered_levels import MAX_ENTRIES, MAX_LABEL_LENGTH, UNSOLVED, is_for_a_case, split_pair
from bot.runbook.severity_names import find_level, find_levels

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

ANSWERS = re.compile(r"\b(?:ack\w*|acknowledg\w*|respon[ds]\w*|answers?|first)\b", re.I)
"""How soon somebody answers who was called at once."""

TURN = re.compile(r"(?<=[.;])\s+|,\s+(?:and\s+)?then\s+", re.I)
"""What stands between what is done and what is done next."""


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
    rows = list(enumerate(block.text.split("\n"), block.line))
    linked = parse_linked_names(text, block.line, severity)
    if linked := linked or [
        level for row in rows for level in parse_labelled_chain(row[1], row[0], severity)
    ]:
        yield from linked
        return
    calls = [call for row in text.split("\n") for call in parse_calls(row)]
    if len(calls) > 1 and (calls[0].after == timedelta(0) or len(text) > MAX_LABEL_LENGTH):
        yield from _of_calls(calls, block.line, severity)
        return
    for number, row in rows:
        for sentence in TURN.split(strip_markdown(row)):
            yield from _sentence(sentence, number, severity)


def _sentence(sentence: str, line: int, severity: str | None) -> Iterator[EscalationLevel]:
    """Whom one sentence calls at once or after a time."""
    if at_once := list(_find_called_at_once(sentence, line)):
        yield from at_once
        return
    after, who = parse_delay(sentence), extract_people(sentence)
    is_call = CALLS.search(sentence) and not CONDITIONAL.search(sentence)
    if after is not None and is_call and means_somebody(who):
        yield EscalationLevel(after, who, line, severity)


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
    pair = split_pair(text)
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
    ids: list[str | None] = [level.id for level in find_levels(said.pair[0])] if said.pair else []
    return (
        None if who is None else [EscalationLevel(after, who, said.line, id) for id in ids or [said.severity]]
    )


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
