"""The three messages that a runbook prescribes: alert, status update, resolution."""

import re
from collections.abc import Iterator, Sequence

from bot.runbook.blocks import Fence, Paragraph, Quote
from bot.runbook.inline import LONGEST, label_alone, plain_label
from bot.runbook.model import Problem, Template
from bot.runbook.outline import Node, flat, lines_of
from bot.runbook.unfilled import NAMES, unfilled
from bot.runbook.wording import template_lines, unbalanced

KINDS = (
    ("", re.compile(r"post-?mortem|retrospective|root cause analysis|\brca\b|action item", re.I)),
    (
        "resolution",
        re.compile(r"resol|all[- ]?clear|recovered|restored|\bfixed|incident (closed|over)", re.I),
    ),
    (
        "alert",
        re.compile(r"\b(initial|first|alert|declar|detected|new incident|kick-?off|opening|start)", re.I),
    ),
    ("update", re.compile(r"updat|status|progress|ongoing|investigating|identified|monitoring", re.I)),
    ("alert", re.compile(r"notif|announce|incident|internal", re.I)),
)
MESSAGE = frozenset(
    {"", "text", "txt", "plaintext", "plain", "markdown", "md", "slack", "mrkdwn", "email", "none"}
)
"""Languages of fences that may hold a message."""


def templates(nodes: Sequence[Node], problems: list[Problem]) -> dict[str, Template]:
    """The first message of each kind, by its id, in the order alert, update, resolution."""
    found: dict[str, Template] = {}
    for node in nodes:
        for heading, line, text in _texts(node):
            id = _kind(heading, node.title, text)
            if not id:
                continue
            if id in found:
                message = (
                    f"This is a second {NAMES[id]} (the first is at line {found[id].line}): it is not used."
                )
                problems.append(Problem(line, "warning", message))
                continue
            leading = len(text) - len(text.lstrip("\n"))
            found[id] = Template(id, heading, line + leading, template_lines(text))
            problems += _faults(text, line)
            problems += unfilled(found[id], text.split("\n"), line)
    return {id: found[id] for id in NAMES if id in found}


def _texts(node: Node) -> Iterator[tuple[str, int, str]]:
    """Heading or label, first line and text of every message in a section."""
    label = node.title
    for block in flat(node.blocks):
        if isinstance(block, Paragraph):
            label = label_alone(block.text) or plain_label(block.text) or label
        elif isinstance(block, Fence) and block.language in MESSAGE and block.text.strip():
            yield label, block.line, block.text
        elif isinstance(block, Quote):
            text = "\n".join(text for _, text in lines_of(block.blocks))
            if text.strip():
                yield label, block.line, text


def _kind(heading: str, title: str, text: str) -> str:
    first = next((line for line in text.split("\n") if line.strip()), "")
    for words in (heading, title, first):
        for id, pattern in KINDS:
            if pattern.search(words) and not (words is title and id == "alert" and words is not heading):
                return id
    return ""


def _faults(text: str, line: int) -> Iterator[Problem]:
    for number, row in enumerate(text.split("\n"), line):
        if len(row) > LONGEST:
            yield Problem(
                number, "warning", f"This template line is cut after {LONGEST:,} characters. Shorten it."
            )
        elif any(unbalanced(each) for each in template_lines(row)):
            message = (
                "A bracket in this template line has no partner: it is no placeholder, and readers would see "
                "it."
            )
            yield Problem(number, "warning", message)
