"""Who is called in turn by a list: its numbers, the tiers in front of its items, and what stands in brackets."""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from bot.runbook import languages
from bot.runbook.contacts import means_people
from bot.runbook.durations import SPAN, parse_duration
from bot.runbook.escalation_words import (
    CALLS,
    LINK,
    TIER,
    extract_people,
    find_level_name,
    means_somebody,
    parse_delay,
)
from bot.runbook.handles import find_handles
from bot.runbook.markdown.block_tree import Block, ListEntry, Listing
from bot.runbook.markdown.inline import split_label, strip_markdown
from bot.runbook.markdown.sections import format_item
from bot.runbook.model import EscalationLevel
from bot.runbook.severity_names import find_levels

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

QUALIFIED = re.compile(r"(?P<name>[^()]+?)\s*\((?P<said>[^()]*)\)\W*")
"""`Team lead (P0, immediate)`: somebody, and in brackets at which severity and when."""

OF_A_KIND = re.compile(
    r"\b(?:issues?|problems?|failures?|breach(?:es)?|outages?|only|as needed|if needed)\W*$|-related\b", re.I
)
"""What in brackets says for which kind of incident somebody is called."""

AND_WORSE = re.compile(r"\s*\+|\s+(?:and|or)\s+(?:above|worse|higher)\b", re.I)

MAX_LABEL_LENGTH = 60
MAX_ENTRIES = 100
"""Items of a list of who is called in turn; no team has as many."""


def parse_ordered_levels(blocks: Sequence[Block]) -> Iterator[EscalationLevel]:
    """The levels of a numbered list that has their order, and maybe when each of them is called or how long each
    tries."""
    listings = [block for block in blocks if isinstance(block, Listing)]
    if tiered := next(filter(is_tiered, listings), None):
        yield from _parse_tiers(tiered)
    else:
        yield from _parse_numbered([entry for block in listings for entry in block.entries][:MAX_ENTRIES])


def _parse_numbered(entries: Sequence[ListEntry]) -> Iterator[EscalationLevel]:
    """Who is called in turn by the numbers of a list's items."""
    waited: timedelta | None = timedelta(0)
    for entry in entries:
        words = _find_ordered_people(format_item(entry))
        text = strip_markdown(format_item(entry))
        if entry.number is None or not words or is_for_a_case(text):
            continue
        if (qualified := _list_qualified(text, entry.line)) is not None:
            yield from qualified
            continue
        span = parse_duration(text)
        is_told = _says_when(text)
        if is_told and span is not None:
            waited = _add_wait(waited, span, text)
        yield EscalationLevel(waited, words, entry.line)
        if not is_told:
            waited = None if span is None or waited is None else waited + span


def _says_when(text: str) -> bool:
    """Whether a time in an item is when somebody is called, and not how long somebody tries."""
    return bool(AFTER_IN_FRONT.match(text) or AFTER_BEHIND.search(text) or UNSOLVED.search(text))


def is_tiered(listing: Listing) -> bool:
    """Whether every item of a list is a tier by its label: `L1: on-call`, `1st level: on-call`."""
    pairs = [split_pair(format_item(entry)) for entry in listing.entries[:MAX_ENTRIES]]
    return len(pairs) > 1 and all(pair and pair[1] and TIER.fullmatch(pair[0]) for pair in pairs)


def _parse_tiers(listing: Listing) -> Iterator[EscalationLevel]:
    """Who is called in turn by the tiers of a list: the first at once, the others by their time if they have one."""
    for place, entry in enumerate(listing.entries[:MAX_ENTRIES]):
        _, value = split_pair(format_item(entry)) or ("", "")
        if who := extract_people(value):
            yield EscalationLevel(parse_delay(value) if place else timedelta(0), who, entry.line)


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


def _list_qualified(text: str, line: int) -> list[EscalationLevel] | None:
    """Who is called at which severity and when by what stands in brackets behind the name; nobody where it is for a
    kind of incident, None where it says none of that."""
    found = QUALIFIED.fullmatch(text)
    if found is None:
        return None
    name, said = found["name"].strip(), found["said"]
    levels, after = _list_levels(said), parse_delay(said)
    if levels and after is not None:
        return [EscalationLevel(after, name, line, level) for level in levels]
    return [] if after is None and OF_A_KIND.search(said) else None


def _list_levels(said: str) -> list[str]:
    """The ids of the severities in a text: of `P1+` and `P1 and above` those that are worse, too."""
    ids = []
    for level in find_levels(said):
        worse = range(int(level.id[-1])) if AND_WORSE.match(said, level.end) else ()
        ids += [*(f"{level.id[:-1]}{number}" for number in worse), level.id]
    return ids


def split_pair(text: str) -> tuple[str, str] | None:
    """What stands in front of a colon and behind it, also where nothing marks it as a label."""
    before, sign, behind = text.partition(":")
    return split_label(text) or ((strip_markdown(before), behind) if sign else None)
