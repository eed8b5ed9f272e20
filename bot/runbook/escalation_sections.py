"""Where a runbook tells who is called next: sections about it, headings of their levels, and the severities."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import chain, islice

from bot.runbook import languages
from bot.runbook.call_clauses import mentions_several, parse_calls
from bot.runbook.contact_delays import parse_contact_delays
from bot.runbook.contacts import means_people
from bot.runbook.durations import SPAN, parse_duration
from bot.runbook.escalation_chains import is_labelled_chain
from bot.runbook.escalation_levels import parse_timed_levels
from bot.runbook.escalation_tables import is_of_calls, parse_time_table
from bot.runbook.escalation_tiers import parse_tier_times, resolve_tiers
from bot.runbook.escalation_words import LINK, TIER, extract_people, parse_delay
from bot.runbook.markdown.block_tree import Block, Listing, MarkdownTable, Paragraph
from bot.runbook.markdown.inline import join_soft_breaks, split_label, strip_markdown
from bot.runbook.markdown.outline import Node, group_by_label, list_lines
from bot.runbook.markdown.pipe_tables import transpose_table
from bot.runbook.markdown.sections import format_item
from bot.runbook.model import EscalationLevel
from bot.runbook.ordered_levels import is_tiered, parse_ordered_levels
from bot.runbook.section_kinds import RESPONSE
from bot.runbook.severities import list_levels, parse_level
from bot.runbook.severity_drafts import ESCALATES, NEXT

TITLE = re.compile(
    rf"escalat|\bpag(?:e|es|ing)\b|reporting lines|(?:call|contact|notification) (?:tree|chain|order)"
    rf"|{languages.ESCALATION}",
    re.I,
)
LABEL = re.compile(
    r"in\s+(?:this|the following|that)\s+order|escalation\s+(?:path|order|chain|ladder|levels?|tiers?)"
    r"|(?:call|contact|notification|paging) (?:tree|chain|order)",
    re.I,
)
"""Labels, outside of sections about it, of who is called next."""

MAX_TITLE_LENGTH = 60
MAX_SECTIONS = 200
MAX_LEVELS = 200
"""No team calls more people one after the other; what follows is not read."""

ORDERED = re.compile(
    r"escalation\s+(path|polic|order|chain|ladder|level|matrix|procedure|tier|list|contacts?)|^\W*escalation\W*$"
    rf"|{languages.ESCALATION}",
    re.I,
)
WHEN = re.compile(r"when|time|after|trigger|timeline|within|timeframe", re.I)
TRIES = re.compile(rf"\b(?:tries|try|works?|attempts?|looks?)\b[^.;]{{0,20}}?\bfor\s+{SPAN.pattern}", re.I)
"""How long somebody tries before the next is called."""

WHO = re.compile(r"who\b|contact|role|person|team|escalate to|notify|call|page", re.I)
BETWEEN = re.compile(r"[;,\n]|<br\s*/?>|\bthen\b", re.I)


def parse_escalation(nodes: Sequence[Node], severities: Sequence[Node]) -> tuple[EscalationLevel, ...]:
    """The levels of a runbook by elapsed time; without any time, in their order.

    `nodes` are the sections that may be about it, `severities` those that tell of severities.
    """
    about = (part for at, node in enumerate(nodes) for part in _list_about(node, by_form=at < MAX_SECTIONS))
    found = _of_sections(list(islice(about, MAX_SECTIONS)))[:MAX_LEVELS]
    found = found or list(parse_contact_delays(nodes))
    found += islice(chain.from_iterable(map(_of_severities, severities)), MAX_LEVELS)
    found = resolve_tiers(found)
    timed = {(level.text.casefold(), level.severity) for level in found if level.after is not None}
    once = {
        (level.line, level.text, level.severity): level
        for level in found
        if level.after is not None or (level.text.casefold(), level.severity) not in timed
    }
    return tuple(sorted(once.values(), key=lambda level: (level.after or timedelta(0), level.line)))


def _list_about(node: Node, by_form: bool) -> list[Node]:
    """A section about who is called next, or what stands below such a label in another one: bold, or an item's; or
    what is about it `by_form`."""
    if TITLE.search(node.title):
        return [node]
    if not by_form:
        return []
    groups = group_by_label(node.blocks)
    labelled = [
        Node(group.label, group.line, 6, list(group.blocks)) for group in groups if _is_title(group.label)
    ]
    entries = (entry for block in node.blocks if isinstance(block, Listing) for entry in block.entries)
    of_calls = [part for block in node.blocks for part in _select_calls(block)]
    labelled += [Node(node.title, node.line, 6, of_calls)] if of_calls else []
    return labelled + [
        Node(title, entry.line, 6, list(entry.blocks[1:]))
        for entry in entries
        if entry.blocks[1:] and _is_title(title := strip_markdown(format_item(entry)).rstrip(":"))
    ]


def _select_calls(block: Block) -> Iterator[Block]:
    """What of a block is about who is called when by its form, whatever its section is called."""
    if isinstance(block, Listing):
        entries = tuple(entry for entry in block.entries[:MAX_LEVELS] if _calls_in_turn(format_item(entry)))
        yield from (Listing(block.line, entries),) if entries else ()
    elif isinstance(block, MarkdownTable):
        yield from (block,) if is_of_calls(block) else ()
    elif isinstance(block, Paragraph) and (
        _calls_in_turn(join_soft_breaks(block.text)) or any(map(is_labelled_chain, block.text.split("\n")))
    ):
        yield block


def _calls_in_turn(text: str) -> bool:
    """Whether a text calls several people, some of them later."""
    if not mentions_several(text):
        return False
    calls = [call for row in text.split("\n") for call in parse_calls(row)]
    return len(calls) > 1 and any(call.after for call in calls)


def _is_title(label: str) -> bool:
    return len(label) <= MAX_TITLE_LENGTH and LABEL.search(label) is not None


def _of_sections(about: Sequence[Node]) -> list[EscalationLevel]:
    """The levels with a time; where there are none, the headings of levels, else what stands in an order."""
    if tried := [level for node in about for level in _parse_tried_in_turn(node)]:
        return tried
    found = list(chain.from_iterable(map(parse_timed_levels, about)))
    tiers = list(chain.from_iterable(map(_tiers, about)))
    if any(level.after for level in tiers):
        return [*found, *(replace(level, after=level.after or timedelta(0)) for level in tiers)]
    ordered = (parse_ordered_levels(node.blocks) for node in about if _is_ordered(node))
    return found or tiers or list(chain.from_iterable(ordered))


def _is_ordered(node: Node) -> bool:
    """Whether a section lists who is called in turn, by its title or by the labels of its items."""
    if ORDERED.search(node.title) or LABEL.search(node.title):
        return True
    return any(is_tiered(block) for block in node.blocks if isinstance(block, Listing))


def _parse_tried_in_turn(node: Node) -> list[EscalationLevel]:
    """The levels of a numbered list of which only some say how long they try: `1. **On-call** → tries to fix "
    "it (30 min)`."""
    listings = [block for block in node.blocks if isinstance(block, Listing) and len(block.entries) > 1]
    for listing in listings:
        told = [strip_markdown(format_item(entry)) for entry in listing.entries[:MAX_LEVELS]]
        timed = [parse_delay(text) is not None for text in told]
        levels = list(parse_ordered_levels([listing]))
        if any(timed) and not all(timed) and len(levels) > 1 and levels[0].line == listing.entries[0].line:
            return levels
    return []


def parse_tier(title: str) -> str | None:
    """The words of a heading such as `Level 2: Secondary (after 15 minutes)` behind its number; None for others."""
    found = TIER.match(title)
    return title[found.end() :] if found else None


def _tiers(about: Node) -> Iterator[EscalationLevel]:
    """The headings of levels below one, each with what stands below it: whom, when, and how long that one tries."""
    waited = timedelta(0)
    severity = parse_level(about.title)
    for node in about.children:
        words = parse_tier(node.title)
        if words is None:
            continue
        properties = list(_list_properties(node))
        after, who = parse_delay(words), extract_people(words)
        for label, value in properties:
            tried = TRIES.search(value)
            if after is None and (tried or WHEN.search(label) or not label):
                after = waited if tried else parse_delay(value)
            if tried:
                waited += parse_duration(tried[0]) or timedelta(0)
        who = who or _find_tier_people(properties)
        after = waited if after is None and waited else after
        yield EscalationLevel(after, who or node.title, node.line, severity)


def _list_properties(node: Node) -> Iterator[tuple[str, str]]:
    """Labels and values of what stands right below a level's heading, without how soon that one answers."""
    for _, text in list_lines(node.blocks):
        label, value = split_label(text) or ("", strip_markdown(text))
        if not RESPONSE.search(label):
            yield label, value


def _find_tier_people(properties: Sequence[tuple[str, str]]) -> str:
    """Whom the first property that is about it names."""
    named = (extract_people(value) for label, value in properties if WHO.search(label))
    return next(filter(None, named), "")


def _of_severities(node: Node) -> Iterator[EscalationLevel]:
    """`Escalation: after 15 minutes to the DevOps Lead` among the properties of a severity."""
    own = parse_level(node.title)
    if own is not None:
        yield from _parse_labelled(node.blocks, own)
        for block in node.blocks:
            if isinstance(block, MarkdownTable):
                yield from parse_time_table(block, own)
        for child in node.children:
            if TITLE.search(child.title):
                for line, text in list_lines(child.blocks):
                    yield from _split(text, line, own)
        return
    for severity, blocks in list_levels(node):
        yield from _parse_labelled(blocks, severity)
    for block in node.blocks:
        if isinstance(block, MarkdownTable):
            tiers = list(parse_tier_times(block))
            yield from tiers or _rows(transpose_table(block))


def _parse_labelled(blocks: Sequence[Block], severity: str) -> Iterator[EscalationLevel]:
    """What the properties of a severity say of who is called next."""
    for group in group_by_label(blocks):
        under = bool(ESCALATES.search(group.label))
        rows = (
            (number, row)
            for line, text in list_lines(group.blocks)
            for number, row in enumerate(text.split("\n"), line)
        )
        for number, row in rows:
            pair = split_label(row)
            if pair and ESCALATES.search(pair[0]):
                yield from _parse_property(*pair, number, severity)
                under = under or not (pair[1] or parse_delay(pair[0]))
            elif under:
                yield from _split(row, number, severity)
            else:
                yield from _parse_sentence(row, number, severity)


def _parse_property(label: str, value: str, line: int, severity: str) -> Iterator[EscalationLevel]:
    """`Escalation: after 15 minutes to the lead`, `Escalates after 15 minutes: the lead`."""
    if after := parse_delay(label):
        yield EscalationLevel(after, extract_people(value), line, severity)
    else:
        yield from _split(value, line, severity)


def _parse_sentence(row: str, line: int, severity: str) -> Iterator[EscalationLevel]:
    """Whom a line without a label of an escalation calls later."""
    words = strip_markdown(row)
    if calls := [call for call in parse_calls(row) if call.after]:
        yield from (EscalationLevel(call.after, call.who, line, severity) for call in calls)
    elif later := NEXT.match(words):
        yield EscalationLevel(None, extract_people(words[later.end() :]), line, severity)


def _rows(table: MarkdownTable) -> Iterator[EscalationLevel]:
    heads = [strip_markdown(head) for head in table.header]
    columns = [at for at, head in enumerate(heads) if ESCALATES.search(head)]
    for row in table.rows:
        severity = next(
            (found for cell in row.cells[:2] if (found := parse_level(strip_markdown(cell)))), None
        )
        text = " ".join(row.cells[at] for at in columns if at < len(row.cells))
        if severity is not None:
            yield from _split(text, row.line, severity)


def _split(text: str, line: int, severity: str) -> Iterator[EscalationLevel]:
    """One level for each time in a text; what stands without a time belongs to the level before or behind it. Of a
    chain without any time the first is called by the severity's action, the others in turn."""
    if parse_duration(text) is None and len(links := LINK.split(strip_markdown(text))) > 1:
        for words in links[1:]:
            if means_people(words):
                yield EscalationLevel(None, extract_people(words), line, severity)
        return
    waiting = ""
    levels: list[tuple[timedelta, str]] = []
    for part in BETWEEN.split(strip_markdown(text)):
        if parse_duration(part) is None:
            if levels:
                levels[-1] = (levels[-1][0], f"{levels[-1][1]}, {part.strip()}")
            else:
                waiting += f"{part}, "
        elif (after := parse_delay(part)) is not None:
            levels.append((after, waiting + part))
            waiting = ""
    for after, words in levels:
        yield EscalationLevel(after, extract_people(words) or strip_markdown(text), line, severity)
