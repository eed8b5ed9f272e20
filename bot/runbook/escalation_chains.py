"""Who is called in turn by links: arrows in a line, the lines of a fence, boxes and trees."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.runbook import languages
from bot.runbook.call_clauses import UNANSWERED
from bot.runbook.escalation_keys import parse_keyed_levels
from bot.runbook.escalation_words import LINK, extract_people, find_level_name, means_somebody, parse_delay
from bot.runbook.markdown.block_tree import Fence
from bot.runbook.markdown.inline import strip_markdown
from bot.runbook.model import EscalationLevel

FRAME = {ord(mark): " " for mark in "│┃║┌┐└┘├┤─═╔╗╚╝┬┴┼"}
"""What boxes in a fence are drawn with."""

CHAIN = re.compile(LINK.pattern + r"|\s>\s")
"""What stands between the links of a chain in a line of text."""

LABELLED = re.compile(
    rf"[\W_]*(?:escalat\w*|(?:call|contact|paging|notification)\s+(?:order|chain|tree|path)|{languages.ESCALATION})[^:]{{0,25}}:"
    rf"\W{{0,4}}(?P<chain>[^\n]*?(?:{LINK.pattern})[^\n]*)",
    re.I,
)
"""A chain behind its label, wherever it stands."""

BRANCH = re.compile(r"^\s*[\u2502|]*\s*[\u251c\u2514]\u2500", re.M)
"""How a line of a tree begins."""

IN_BRACKETS = re.compile(r"\s*(?:v\s*)?\([^()]*[a-z][^()]*\)\s*", re.I)
"""What stands on an arrow: when the next one is called, or in what case only."""

DETAIL = re.compile(r"\s*\|--\s*[A-Z]\w*s\s|.*\?\s*(?:[-=]+>|\u2192)|\s*[\u2022*\u2713]\s|\s*-\s+(?=[a-z])")
"""How a line in a box begins that tells what somebody does."""


def parse_fence_chain(fence: Fence, severity: str | None) -> Iterator[EscalationLevel]:
    """`On-call -> Team lead (15 min) -> CTO (30 min)`, on one line or several."""
    rows = list(enumerate(fence.text.split("\n"), fence.line))
    if keyed := list(parse_keyed_levels(rows, severity)):
        yield from keyed
        return
    if graded := [level for number, row in rows for level in _parse_graded_chain(row, number)]:
        yield from graded
        return
    found = list(_join_times(list(_list_pieces(rows)), severity))
    if found and (_is_drawn(fence.text) or (len(found) > 1 and any(level.after for level in found))):
        yield from _set_delays(found)


def _list_pieces(rows: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """The links of the lines of a fence, without what boxes are drawn with and what only tells what somebody does."""
    for number, row in rows:
        links = () if DETAIL.match(row) else LINK.split(row.translate(FRAME))
        yield from ((number, link) for link in links if re.search(r"\w", link) and not DETAIL.match(link))


def _is_drawn(text: str) -> bool:
    """Whether a fence has arrows or the branches of a tree."""
    return LINK.search(text) is not None or len(BRANCH.findall(text)) > 1


def _set_delays(found: Sequence[EscalationLevel]) -> Iterator[EscalationLevel]:
    """The first is called at once, whoever else has no time when the one before has not answered; those of a severity
    as it is written."""
    for place, level in enumerate(found):
        if level.severity is None:
            yield replace(level, after=(level.after or None) if place else timedelta(0))
        else:
            yield level


def _join_times(pieces: Sequence[tuple[int, str]], severity: str | None) -> Iterator[EscalationLevel]:
    """The links that name somebody; a time that stands alone on an arrow is that of the next one."""
    waiting: timedelta | None = None
    in_a_case: re.Match[str] | bool | None = None
    for number, piece in pieces:
        level = _parse_link(piece, number, severity)
        if level is None:
            waiting = parse_delay(piece) or waiting
            in_a_case = waiting is None and IN_BRACKETS.fullmatch(piece) and not UNANSWERED.search(piece)
            continue
        if level.after or not in_a_case:
            yield replace(level, after=waiting) if level.after is None and waiting else level
        waiting, in_a_case = None, None


def _parse_graded_chain(row: str, line: int) -> list[EscalationLevel]:
    """`P1: On-call -> Team lead (10m)`: a chain of one severity."""
    label, sign, chain = row.partition(":")
    level = find_level_name(label.strip()) if sign and len(label.split()) < 3 else None
    return parse_linked_names(chain, line, level) if level else []


def _parse_link(piece: str, line: int, severity: str | None) -> EscalationLevel | None:
    """`Team lead (15 min)`, `P1: at once to the CTO`: a link of a chain; None where it names nobody."""
    before, sign, behind = piece.partition(":")
    level = find_level_name(before) if sign and len(before.split()) == 1 else None
    words = behind if level else piece
    who = extract_people(words)
    if not means_somebody(who) or (level and parse_delay(words) is None):
        return None
    return EscalationLevel(parse_delay(words), who, line, level or severity)


def parse_linked_names(text: str, line: int, severity: str | None) -> list[EscalationLevel]:
    """`L1 → L2 (15 min) → Architect` in a line: who is called in turn; none where fewer than two are named."""
    pieces = CHAIN.split(strip_markdown(text))
    names = [extract_people(piece) for piece in pieces]
    if len(names) < 2 or not all(map(means_somebody, names)):
        return []
    delays = [timedelta(0), *map(parse_delay, pieces[1:])]
    return [EscalationLevel(after, name, line, severity) for after, name in zip(delays, names, strict=True)]


def is_labelled_chain(row: str) -> bool:
    """Whether a line is a chain by its label: `Escalation: primary -> secondary -> lead`."""
    return LABELLED.match(row) is not None


def parse_labelled_chain(row: str, line: int, severity: str | None) -> list[EscalationLevel]:
    """Who is called in turn by a line with a label in front of a chain; nobody where it is none."""
    found = LABELLED.match(row)
    return parse_linked_names(found["chain"].rstrip(" ."), line, severity) if found else []
