"""The levels of a runbook, from headings, tables, lists or bold labels."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from bot.runbook.call_clauses import UNANSWERED
from bot.runbook.contacts import means_people
from bot.runbook.durations import has_no_deadline, is_at_once, parse_duration
from bot.runbook.escalation_words import is_time
from bot.runbook.markdown.block_tree import Block, Fence, ListEntry, Listing, MarkdownTable, Paragraph
from bot.runbook.markdown.inline import parse_lone_label, split_label, strip_markdown
from bot.runbook.markdown.outline import Node, group_by_label, list_lines
from bot.runbook.markdown.pipe_tables import transpose_table
from bot.runbook.model import Problem, Severity
from bot.runbook.section_kinds import RESPONSE
from bot.runbook.severity_drafts import (
    LEVELS,
    SeverityDraft,
    parse_heading,
    parse_label,
    parse_line,
)
from bot.runbook.severity_names import find_level, rank_level
from bot.runbook.severity_tables import parse_severity_rows

MOST_WORDS = 6
"""Words of a response time without a figure."""

ASSUMED = timedelta(minutes=5)
"""What `Immediate` without a figure is taken to mean."""

FURTHER = re.compile(r";\s")
"""What stands between a response time and what else is done: `Page at once; the 72 h of the law begin`."""

AT_ONCE = re.compile(
    r"^\W*(?:response(?: time)?\W+immediate(?:ly)?|immediate response(?: required)?)(?:\W+24/7)?\W*$", re.I
)
"""`Response Time: Immediate` and `Immediate response required` as all that stands behind a level."""


def parse_severities(
    nodes: Sequence[Node], problems: list[Problem], told: Mapping[str, str] | None = None
) -> tuple[Severity, ...]:
    """The levels in the sections that speak of them, the worst first. Each level counts once. `told` are response times
    that stand elsewhere, by the level's id."""
    found: dict[str, SeverityDraft] = {}
    for node in nodes:
        for draft in (level for written in _drafts(node) for level in written.split()):
            if draft.id in found:
                found[draft.id].complete(draft)
            else:
                found[draft.id] = draft
    for draft in found.values():
        draft.response = draft.response or (told or {}).get(draft.id, "")
    ordered = sorted(found.values(), key=lambda draft: rank_level(draft.id))
    return tuple(_build_severity(draft, rank, problems) for rank, draft in enumerate(ordered))


def parse_level(title: str) -> str | None:
    """The id of the severity that a heading, a cell or a label names."""
    found = parse_heading(title, 0)
    return found.id if found else None


def list_levels(node: Node) -> Iterator[tuple[str, Sequence[Block]]]:
    """The severities that a section's lists and bold labels tell of, each with what is below it."""
    for block in node.blocks:
        if isinstance(block, Listing):
            for entry in block.entries:
                if draft := parse_label(_first_words(entry), entry.line):
                    yield draft.id, entry.blocks[1:]
    for group in group_by_label(node.blocks):
        if group.label and (found := parse_level(group.label)):
            yield found, group.blocks


def _drafts(node: Node) -> Iterator[SeverityDraft]:
    own = parse_heading(node.title, node.line)
    if own:
        _read_properties(own, node.blocks)
        for child in node.children:
            if parse_heading(child.title, child.line) is None:
                for _, text in list_lines(child.blocks):
                    own.learn(child.title, text)
        yield own
        return
    for block in node.blocks:
        yield from _of_block(block, node.title)
    if not LEVELS.search(node.title):
        yield from _list_sentences(node)
    for group in group_by_label(node.blocks):
        labelled_draft = parse_heading(group.label, group.line) if group.label else None
        if labelled_draft:
            _read_properties(labelled_draft, group.blocks)
            yield labelled_draft


def _list_sentences(node: Node) -> list[SeverityDraft]:
    """`Severity 1: all is down.`, `Severity 2: …`: the levels of a section whose title does not speak of them, where
    its paragraphs begin with several."""
    rows = [
        (number, line)
        for block in node.blocks
        if isinstance(block, Paragraph)
        for number, line in enumerate(block.text.split("\n"), block.line)
    ]
    graded = [(number, line) for number, line in rows if (pair := split_label(line)) and _is_level(pair[0])]
    found = [draft for number, line in graded if (draft := parse_line(line, number, node.title))]
    return found if len({draft.id for draft in found}) > 1 else []


def _is_level(label: str) -> bool:
    """Whether a label is a level and nothing else."""
    level = find_level(label)
    return level is not None and not re.search(r"\w", label[: level.start] + label[level.end :])


def _of_block(block: Block, about: str) -> Iterator[SeverityDraft]:
    """The levels that a table, a list or the lines of a paragraph tell of."""
    if isinstance(block, MarkdownTable):
        yield from parse_severity_rows(transpose_table(block))
    elif isinstance(block, Listing):
        yield from _listing(block, about)
    elif isinstance(block, Paragraph | Fence) and LEVELS.search(about):
        for number, line in enumerate(block.text.split("\n"), block.line):
            draft = parse_line(line, number, about)
            if draft and draft.summary:  # a label alone has its own blocks
                yield draft


def _read_properties(draft: SeverityDraft, blocks: Sequence[Block]) -> None:
    label = ""
    for block in blocks:
        if isinstance(block, Listing):
            for entry in block.entries:
                _read_entry(draft, entry.blocks, label)
        elif isinstance(block, MarkdownTable):
            for row in block.rows:
                draft.learn(strip_markdown(row.cells[0]) if row.cells else "", " ".join(row.cells[1:]))
        elif isinstance(block, Paragraph):
            label = _read_lines(draft, block)


def _read_lines(draft: SeverityDraft, paragraph: Paragraph) -> str:
    """The properties of a paragraph's lines, and the label that is about what follows."""
    label = ""
    for line in paragraph.text.split("\n"):
        pair = split_label(line)
        if pair and pair[1]:
            draft.learn(*pair)
        elif strip_markdown(line).endswith(":") or parse_lone_label(line):
            label = strip_markdown(line).rstrip(":")
        elif pair:
            label = pair[0]
        else:
            draft.unlabelled.append(strip_markdown(line))
    return label


def _read_entry(draft: SeverityDraft, blocks: Sequence[Block], label: str) -> None:
    first = blocks[0] if blocks else None
    if not isinstance(first, Paragraph):
        return
    pair = split_label(first.text)
    nested = [text for _, text in list_lines(blocks[1:])]
    if pair or strip_markdown(first.text).endswith(":"):
        name, value = pair or (strip_markdown(first.text).rstrip(":"), "")
        for text in ([value] if value else []) + nested:
            draft.learn(name, text)
    elif label:
        draft.learn(label, first.text)
    else:
        draft.learn_line(strip_markdown(first.text))


def _listing(listing: Listing, about: str) -> Iterator[SeverityDraft]:
    for entry in listing.entries:
        draft = parse_line(_first_words(entry), entry.line, about)
        if draft:
            _read_properties(draft, entry.blocks[1:])
            yield draft
            continue
        inner = [block for block in entry.blocks[1:] if isinstance(block, Listing)]
        if inner and LEVELS.search(strip_markdown(_first_words(entry))):
            graded = [level for block in inner for level in _listing(block, _first_words(entry))]
            yield from graded if len(graded) > 1 else ()


def _first_words(entry: ListEntry) -> str:
    first = entry.blocks[0] if entry.blocks else None
    return first.text if isinstance(first, Paragraph) else ""


def _build_severity(draft: SeverityDraft, rank: int, problems: list[Problem]) -> Severity:
    text = draft.response = _choose_response(draft)
    timed = FURTHER.split(text)[0]
    timed = timed if parse_duration(timed) or is_at_once(timed) else text
    has_no_clock = has_no_deadline(timed) and not is_at_once(timed)
    response = None if has_no_clock else parse_duration(timed)
    if response is None and (message := _response_problem(draft)):
        problems.append(Problem(draft.line, "warning", message))
    if response is None and _answers_at_once(timed):
        response = ASSUMED
    return Severity(
        draft.id,
        draft.name or draft.id,
        draft.summary or next(iter(draft.unlabelled), ""),
        draft.line,
        response,
        text,
        tuple(draft.examples),
        draft.action,
        rank,
        role=draft.role,
    )


def _choose_response(draft: SeverityDraft) -> str:
    """The response time by label, but one with a figure in the level's name before words without any, which tell who
    answers: `P1 (Response time: 15 minutes)` with `Response: all hands` below it."""
    told = _find_response(draft)
    own = draft.response
    if not own or not told or parse_duration(own) or has_no_deadline(own) or parse_duration(told) is None:
        return own or told
    draft.action = "; ".join(filter(None, (draft.action, own if means_people(own) else "")))
    return told


def _find_response(draft: SeverityDraft) -> str:
    """The response time among the words of a level that has none by label: `P0 - Critical (5 min response)`."""
    told = (draft.summary, draft.name, *draft.unlabelled, *FURTHER.split(draft.action))
    timed = (
        words
        for words in told
        if is_time(words)
        or (RESPONSE.search(words) and parse_duration(words) and not UNANSWERED.search(words))
    )
    at_once = (AT_ONCE.search(words) for words in told)
    return next(timed, "") or next(("Immediate" for found in at_once if found), "")


def _answers_at_once(text: str) -> bool:
    """Whether a response time is `Immediate`; in a whole sentence the word says how something else is done."""
    return is_at_once(text) and len(text.split()) <= MOST_WORDS


def _response_problem(draft: SeverityDraft) -> str:
    """What to do about a response time without a figure; empty where it is meant so."""
    text = draft.response
    if _answers_at_once(text):
        return f"{draft.id} answers “{text}” without a figure: 5 minutes are assumed. Write “< 5 minutes”."
    if not text:
        add = "Add “Response Time: 15 minutes” below it."
        return f"{draft.id} has no response time, so nobody is reminded. {add}"
    if has_no_deadline(text):
        return ""
    return f"The response time of {draft.id}, “{text}”, is not understood. Write it as “15 minutes”."
