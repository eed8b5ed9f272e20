"""Whom a runbook tells to call in its own words, outside of playbooks and of an escalation: a sentence, a step, a
heading, a table of who hears of it."""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from bot.runbook.contacts import is_of_the_team, means_people
from bot.runbook.durations import is_at_once, parse_duration
from bot.runbook.markdown.block_tree import Block, Listing, MarkdownTable, Paragraph
from bot.runbook.markdown.inline import MAX_TEXT_LENGTH, split_label, strip_markdown, strip_number
from bot.runbook.markdown.outline import Node
from bot.runbook.markdown.sections import format_item
from bot.runbook.model import EscalationLevel
from bot.runbook.severity_names import find_levels

INSTRUCTION = re.compile(
    r"\W*(?:(?:then|first|immediately|also|please)\s+)?"
    r"(?:(?P<called>page|call|wake(?: up)?|alert|ping|contact|reach out to)|(?P<told>notify|inform))"
    r"\s+(?P<who>\S.*)",
    re.I,
)
"""`Page the primary`."""

AT_ONCE_FOR = re.compile(r"\b(?:immediately|at once|right away)\s+(?:for|on|at)\s+(?P<levels>[^.,;]+)", re.I)
"""For which severities somebody hears of it at once: `Notify the owner, immediately for P1`."""

INSTRUCTED = re.compile(r"\b(?:page|call|wake|alert|ping|contact|reach|notify|inform)\b", re.I)
"""The words of which every instruction has one."""

OF_LEVEL = re.compile(r"[^:,]{2,30}[:,]\s+")
"""For which severity an instruction is: `For SEV1, page the incident commander`."""

END = re.compile(
    r"[.;:(\u2013\u2014]|,?\s+(?:via|through|using|over|so|who|to|and\s+(?:open|post|declare|start|create|update|notify|inform|wait)|by"
    r"|listed|within|immediately|at once|right away|in\s+#)\b",
    re.I,
)
"""Where the name of who is called ends."""

CONDITIONAL = re.compile(
    r"\b(?:if|when|unless|once|until|after|in case|as needed|optional\w*|where)\b|\?", re.I
)
RESPONDS = re.compile(
    r"on[- ]?call|\bduty\b|\bengineers?\b|commander|responders?|\b(?:tech|incident|team) leads?\b|\bDRI\b|@",
    re.I,
)
"""Who is called and not only told: `Notify the on-call team`."""

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
AUDIENCE = re.compile(r"audience|stakeholder|\bwho\b|role|party|recipient|team|person", re.I)
NOT_CALLED = re.compile(
    r"customer|\busers?\b|client|public|stakeholder|leadership|executive|all staff|everyone", re.I
)
"""Those who are told of an incident and have nothing to do for it."""


def find_paging_instructions(nodes: Sequence[Node]) -> tuple[EscalationLevel, ...]:
    """Whom the first section calls at once that tells to call anybody; else whom a table of audiences does."""
    about = [node for node in nodes if not OF_ELSE.search(node.title)]
    for node in about:
        if found := tuple(_of_section(node)):
            return found
    return tuple(level for node in about for level in _of_audiences(node))


def _of_section(node: Node) -> Iterator[EscalationLevel]:
    named = (
        list(_parse_sentence(strip_number(node.title), node.line)) if INSTRUCTED.search(node.title) else []
    )
    if named:
        yield from named
    elif ABOUT.search(node.title):
        for line, sentence in _list_sentences(node.blocks):
            yield from _parse_sentence(sentence, line)


def _list_sentences(blocks: Sequence[Block]) -> Iterator[tuple[int, str]]:
    """The sentences of the paragraphs and of the items of lists right below a heading."""
    for block in blocks:
        if isinstance(block, Paragraph):
            texts = list(enumerate(block.text[:MAX_TEXT_LENGTH].split("\n"), block.line))
        elif isinstance(block, Listing):
            texts = [(entry.line, format_item(entry)[:MAX_TEXT_LENGTH]) for entry in block.entries]
        else:
            continue
        for line, text in texts:
            if not INSTRUCTED.search(text):
                continue
            for sentence in re.split(r"(?<=[.;])\s+", strip_markdown(_leave_label(text))):
                yield line, sentence


def _leave_label(text: str) -> str:
    """An item without a label that is no severity: `**Page out**: page the on-call`."""
    pair = split_label(text)
    if not pair or not pair[1] or find_levels(pair[0]) or INSTRUCTION.match(pair[0]):
        return text
    return text if CONDITIONAL.search(pair[0]) or parse_duration(pair[0]) is not None else pair[1]


def _parse_sentence(sentence: str, line: int) -> Iterator[EscalationLevel]:
    graded = OF_LEVEL.match(sentence)
    said = INSTRUCTION.fullmatch(sentence)
    if said is None and graded and find_levels(graded[0]):
        said = INSTRUCTION.fullmatch(sentence, graded.end())
    if said is None or CONDITIONAL.search(sentence) or parse_duration(sentence) is not None:
        return
    who = re.sub(r"^(?:the|an?|our|your)\s+", "", END.split(said["who"])[0].strip(" ,*_`"), flags=re.I)
    at_once = AT_ONCE_FOR.search(sentence)
    if _is_called(who) and (said["called"] or at_once or RESPONDS.search(who)):
        levels = find_levels(at_once["levels"] if at_once else sentence)
        ids: list[str | None] = [found.id for found in levels]
        for level in ids or [None]:
            yield EscalationLevel(timedelta(0), who, line, level)


def _is_called(who: str) -> bool:
    return means_people(who) and not NOT_CALLED.search(who) and is_of_the_team(who)


def _of_audiences(node: Node) -> Iterator[EscalationLevel]:
    """`| Organization owner | Immediately for P1 |`: who hears of a severity at once."""
    for table in (block for block in node.blocks if isinstance(block, MarkdownTable)):
        if not table.header or not AUDIENCE.search(strip_markdown(table.header[0])):
            continue
        for row in table.rows:
            who, *others = map(strip_markdown, row.cells or ("",))
            if not _is_called(who):
                continue
            for cell in others:
                if is_at_once(cell) and parse_duration(cell) is None:
                    for level in find_levels(cell):
                        yield EscalationLevel(timedelta(0), who, row.line, level.id)
