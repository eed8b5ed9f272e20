"""Response times that stand in a sentence or a table of their own: `Acknowledge within 15 minutes for Sev1.`"""

import re
from collections.abc import Iterator

from bot.runbook.durations import has_no_deadline, parse_duration
from bot.runbook.markdown.block_tree import MarkdownTable
from bot.runbook.markdown.inline import MAX_TEXT_LENGTH, strip_markdown
from bot.runbook.markdown.outline import Node, list_lines
from bot.runbook.section_kinds import RESPONSE
from bot.runbook.severity_names import find_level, find_levels

SENTENCE = re.compile(
    r"\b(?:acknowledg\w*|ack|respon[ds]\w*)\b[^.;\n]{0,40}?\b(?:within|in)\s+(?P<span>\d{1,3}\s*[^\W\d]{1,8})\b"
    r"[^.;\n]{0,20}?\b(?:for|on)\s+(?P<levels>[^.;\n]{2,60})",
    re.I,
)
ANSWER = re.compile(
    r"\W*(?:\d+[.)]\s*)?(?:acknowledg\w*|ack|respond)\b[^.;\n]{0,40}?\b(?:within|in)\s+(?:under\s+|less than\s+)?"
    r"(?P<span>\d{1,3}\s*[^\W\d]{1,8})\b",
    re.I,
)
"""How a line begins below the heading of a level, that tells how soon it is answered: `Acknowledge in 5 minutes`."""

OF_ITEM = re.compile(r"\W*(?P<span>\d{1,3}\s*[^\W\d]{1,8})\W+(?:for|on)\s+(?P<levels>[^.;\n]{2,60})", re.I)
ANSWERED = re.compile(r"\b(?:respond|acknowledg\w*|answer)\b.{0,30}:\s*$", re.I)
"""`- 15 minutes for SEV1` below `Engineers respond within:`."""

BETWEEN = re.compile(r"[,/&]|\band\b|\bor\b", re.I)


def find_response_sentences(root: Node) -> dict[str, str]:
    """By the id of a severity its response time in the runbook's words; the first sentence of each counts."""
    found: dict[str, str] = {}
    for id, span in (*_list_sentences(root), *_list_cells(root), *_list_answers(root)):
        found.setdefault(id, span)
    return found


def _list_answers(root: Node) -> Iterator[tuple[str, str]]:
    """What stands below the heading of one level (`P1 response`)."""
    for node in root.walk():
        levels = find_levels(node.title)
        if len(levels) == 1:
            for _, text in list_lines(node.blocks):
                if said := ANSWER.match(strip_markdown(text[:MAX_TEXT_LENGTH])):
                    yield levels[0].id, said["span"]


def _list_cells(root: Node) -> Iterator[tuple[str, str]]:
    """The cells of tables that have a row for each severity and a column of response times."""
    for table in (block for node in root.walk() for block in node.blocks if isinstance(block, MarkdownTable)):
        heads = [strip_markdown(head) for head in table.header]
        column = next((at for at, head in enumerate(heads) if at and RESPONSE.search(head)), None)
        if column is not None:
            yield from _list_times(table, column)


def _list_times(table: MarkdownTable, column: int) -> Iterator[tuple[str, str]]:
    for row in table.rows:
        if column >= len(row.cells):
            continue
        level, cell = find_level(strip_markdown(row.cells[0])), strip_markdown(row.cells[column])
        if level and (parse_duration(cell) or has_no_deadline(cell)):
            yield level.id, cell


def _list_sentences(root: Node) -> Iterator[tuple[str, str]]:
    for node in root.walk():
        before = ""
        for _, text in list_lines(node.blocks):
            words = strip_markdown(text[:MAX_TEXT_LENGTH])
            below = ANSWERED.search(before) is not None
            before = words if not OF_ITEM.match(words) else before
            item = OF_ITEM.match(words) if below else None
            for sentence in (*SENTENCE.finditer(words), *([item] if item else [])):
                for words in BETWEEN.split(sentence["levels"]):
                    if level := find_level(words):
                        yield level.id, sentence["span"]
