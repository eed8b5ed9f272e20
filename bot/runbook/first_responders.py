"""Who answers first where nothing says whom to call: told of somebody in a sentence, or by a table of weeks."""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from bot.runbook.contacts import is_of_the_team, means_people
from bot.runbook.markdown.block_tree import MarkdownTable
from bot.runbook.markdown.inline import strip_markdown
from bot.runbook.markdown.outline import Node, list_lines
from bot.runbook.model import EscalationLevel

FIRST = re.compile(
    r"\W*(?:the\s+)?(?P<who>[\w][\w /-]{1,50}?)(?:\s+\([^()]*\))?\s+"
    r"(?:(?:is|are|acts? as|serves? as)\s+(?:the\s+|our\s+)?"
    r"(?:(?:first|initial|primary|sole|only)\s+(?:point of contact|responder|contact|to respond)"
    r"|(?:always\s+|permanently\s+)?(?:(?:the\s+)?(?:first|primary|only|sole)\s+)?(?:on[- ]?call|on duty)"
    r"(?!\s+for\s+the\b))"
    r"|(?:holds|carries|has)\s+the\s+pager"
    r"|owns\s+(?:all|every|sev|P[0-2])\w*"
    r"|(?:acknowledges?|acks?|answers|receives?|gets)\s+(?:all\s+|the\s+|a\s+|every\s+)?(?:pages?|alerts?|alarms?)"
    r"|(?:responds?|reacts?|answers?)\s+(?:first|to\s+(?:all|every|any|each))"
    r"|(?:is|are|gets?)\s+(?:paged|called|alerted)\s+(?:first|immediately|at once))\b",
    re.I,
)
CLAUSE = re.compile(r"(?<=[.;])\s+|,\s+(?=(?:the|an?|our)\s)")
"""What stands between what is told of somebody and what else: `Until we are more, the founder is on call`."""

"""`The on-call engineer is the first point of contact`, `Primary acknowledges a page`."""

AFTERWARDS = re.compile(r"post-?|after|review|template|drill|resol|lessons", re.I)

SPAN = re.compile(
    r"\W*(?:week(?: of)?|dates?|from|to|until|start|end|days?|month|shift|rotation|sprint|period)\W*", re.I
)
"""Heads of a rota's columns that say when."""

PLACE = re.compile(r"\W*(?:primary|on-?call|first)(?:\s+(?:on-?call|engineer|responder|person))?\W*", re.I)
"""The head of a rota's column of who is called first."""

BEGINNING = re.compile(r"triage|respon[ds]|detect|acknowledg|declare|initial|first", re.I)
SHARE = re.compile(r"\W*[RACI](?:\s*[/,&]?\s*[RACI])*\W*|\W*")
"""What is done first, and the letters of who does it: responsible, accountable, consulted, informed."""

OPEN = re.compile(
    r"\W*|_.*_|.*[\[\]<>].*|.*__.*|tb[ad]|to ?do|name|fill.*|best[- ]effort.*|(?:n/?a|none|nobody|no)\b.*",
    re.I,
)
"""A cell of a rota that nobody has filled."""


def find_first_responders(nodes: Sequence[Node]) -> tuple[EscalationLevel, ...]:
    """Whoever answers first by the first sentence that says so, else by the first rota."""
    own = [node for node in nodes if not AFTERWARDS.search(node.title)]
    told = (level for node in own for level in _of_sentences(node))
    shared = (level for node in own for level in _of_responsibilities(node))
    planned = (level for node in own for level in _of_rota(node))
    found = next(told, None) or next(shared, None) or next(planned, None)
    return (found,) if found else ()


def _of_sentences(node: Node) -> Iterator[EscalationLevel]:
    for line, text in list_lines(node.blocks):
        sentences = CLAUSE.split(strip_markdown(text))
        for said in filter(None, map(FIRST.match, sentences)):
            if not (means_people(said["who"]) and is_of_the_team(said["who"])):
                continue
            yield EscalationLevel(timedelta(0), said["who"], line)


def _of_responsibilities(node: Node) -> Iterator[EscalationLevel]:
    """`| Activity | On-call | Manager |`, `| Triage | R/A | I |`: who does what is done first."""
    for table in (block for block in node.blocks if isinstance(block, MarkdownTable)):
        for row in table.rows:
            shares = [strip_markdown(cell) for cell in row.cells[1:]]
            if (
                BEGINNING.search(strip_markdown(row.cells[0]))
                and len(shares) > 1
                and all(map(SHARE.fullmatch, shares))
            ):
                does = [head for head, share in zip(table.header[1:], shares, strict=False) if "R" in share]
                yield from (
                    EscalationLevel(timedelta(0), strip_markdown(head), row.line) for head in does[:1]
                )


def _of_rota(node: Node) -> Iterator[EscalationLevel]:
    """`| Week of | Primary | Backup |`: by name where only one week is planned, else by the place in the rota."""
    for table in (block for block in node.blocks if isinstance(block, MarkdownTable)):
        heads = [strip_markdown(head) for head in table.header]
        at = next((at for at, head in enumerate(heads) if at and PLACE.fullmatch(head)), 0)
        if not at or not SPAN.fullmatch(heads[0]):
            continue
        cells = [strip_markdown(row.cells[at]) for row in table.rows if at < len(row.cells)]
        filled = [cell for cell in cells if not OPEN.fullmatch(cell)]
        yield EscalationLevel(timedelta(0), filled[0] if len(filled) == 1 else heads[at], table.line)
