"""The three messages that a runbook prescribes: alert, status update, resolution."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.runbook import languages
from bot.runbook.markdown.block_tree import Block, Fence, Listing, Paragraph, Quote
from bot.runbook.markdown.inline import MAX_TEXT_LENGTH, parse_lone_label, parse_plain_label
from bot.runbook.markdown.outline import Node, flatten_blocks, list_lines
from bot.runbook.message_texts import MESSAGE, has_gaps, is_no_message, split_messages, write_fields
from bot.runbook.model import Literal, Problem, Template, TemplateLine
from bot.runbook.template_lines import parse_template_lines
from bot.runbook.unfillable_placeholders import NAMES, find_unfillable

KINDS = (
    (
        "",
        re.compile(
            r"post-?mortem|retrospective|runbook template|incident (?:report|record|log)\b"
            r"|root cause analysis|\brca\b|action item",
            re.I,
        ),
    ),
    (
        "resolution",
        re.compile(
            rf"resol|all[- ]?clear|recovered|restored|\bfixed|incident (closed|over)|{languages.END}", re.I
        ),
    ),
    (
        "alert",
        re.compile(
            rf"\b(initial|first|alert|declar|detected|new incident|kick-?off|opening|start|{languages.BEGIN})",
            re.I,
        ),
    ),
    ("update", re.compile(r"updat|status|progress|ongoing|investigating|identified|monitoring", re.I)),
    ("alert", re.compile(r"notif|announce|incident|internal", re.I)),
)
CUSTOMERS = re.compile(
    r"customer|\bclients?\b|status[ -]?page|\bpublic\b|\bexternal|user[ -]facing|end[ -]users?", re.I
)
INTERNAL = re.compile(r"\binternal|\bnot for\b|\bteam[ -]only\b", re.I)
"""Headings of messages that are read outside, and inside only."""

RESOLVED = re.compile(r"\W*(?:incident\W+)?resolved\b", re.I)
"""How a message begins that can only be the last one, whatever its heading says."""

CHANNEL = re.compile(r"(?<!\w)#[a-z][\w-]*", re.I)
"""Where a message goes, in its label: `Slack #incidents`."""

LETTER = re.compile(r"\W*(?:dear|sehr geehrte|liebe|estimad|prezad|ch(?:er|ère)\b|gentile|уважаем)", re.I)
"""How a letter to somebody begins, with which nobody is alerted."""

ANY_STATE = re.compile(r"investigating\s*[|/,].*\bresolved\b", re.I)
"""A first line with all states to choose from: the message serves from the first on."""

A_MESSAGE = re.compile(
    r"template|notif|announc|messag|communicat|\bcomms?\b|\bpost (?:in|to)\b|status (?:page )?update"
    r"|\bstatus page\b|declaration"
    r"|initial alert|alert (?:message|text)|\ball[- ]clear\b",
    re.I,
)
"""Headings and labels of what is sent."""

OF_A_MESSAGE = re.compile(
    r"\W*(?:\d+[.)]\s*)?(?:(?:initial|first|incident|internal|slack|status|progress|customer|public|external|final"
    r"|outage) )*"
    r"(?:alert|notifications?|announcement|declaration|update|messages?|resolution|resolved|all[- ]clear)\b",
    re.I,
)
"""Headings below which a list of labels is a message."""


def parse_templates(
    nodes: Sequence[Node], problems: list[Problem], is_about_messages: bool = True
) -> dict[str, Template]:
    """The message of each kind, by its id, in the order alert, update, resolution. In sections that are not about
    messages only what its own label or heading calls one is."""
    found: dict[str, _MessageText] = {}
    for node in nodes:
        for message in _texts(node, is_about_messages):
            id = _kind(message.heading, node.title, message.text)
            if not id:
                continue
            if id in found:
                found[id], other = _order_by_preference(id, found[id], message)
                line, why = found[id].build_template(id).line, f"a second {NAMES[id]} (the first is at line "
                if other is not message:
                    readers = "customers" if found[id].is_for_customers else "the team"
                    why = f"no {NAMES[id]} for {readers} (that is at line "
                problems.append(Problem(other.line, "warning", f"This is {why}{line}): it is not used."))
            else:
                found[id] = message
    for id, message in found.items():
        problems += _faults(message.text, message.line)
        problems += find_unfillable(message.build_template(id), message.text.split("\n"), message.line)
    return {id: found[id].build_template(id) for id in NAMES if id in found}


@dataclass(frozen=True, slots=True)
class _MessageText:
    """A text of a runbook that is sent: its heading or label, its section's title, its first line."""

    heading: str
    title: str
    line: int
    text: str

    @property
    def is_for_customers(self) -> bool:
        words = f"{self.heading}\n{self.title}"
        return CUSTOMERS.search(words) is not None and INTERNAL.search(words) is None

    def build_template(self, id: str) -> Template:
        leading = len(self.text) - len(self.text.lstrip("\n"))
        lines, internal = parse_template_lines(self.text), INTERNAL.search(self.heading) is not None
        return Template(id, self.heading, self.line + leading, lines, internal=internal)


def _order_by_preference(
    id: str, first: _MessageText, second: _MessageText
) -> tuple[_MessageText, _MessageText]:
    """The one of two messages that is used, and the other: what customers read is an update, and nobody is alerted
    with it."""
    wanted = {"update": True, "alert": False}.get(id)
    if first.is_for_customers != second.is_for_customers and wanted is not None:
        return (second, first) if second.is_for_customers is wanted else (first, second)
    if has_gaps(second.text) and not has_gaps(first.text):
        return second, first
    return first, second


def _texts(node: Node, is_about_messages: bool) -> Iterator[_MessageText]:
    """Every text of a section that is sent as a message. Where the section is not about messages, only those that their
    own label calls one."""
    is_written_out = any(map(_message_in, flatten_blocks(node.blocks)))
    for label, block in _label_blocks(node):
        text = _message_in(block) or ("" if is_written_out else _list_fields(block, label))
        has_own_label = label is not node.title and A_MESSAGE.search(label) is not None
        is_called_one = isinstance(block, Fence) and A_MESSAGE.search(node.title) is not None
        if text.strip() and not is_no_message(text) and (is_about_messages or has_own_label or is_called_one):
            for offset, heading, part in split_messages(text):
                yield _MessageText(heading or label, node.title, block.line + offset, part)


def _label_blocks(node: Node) -> Iterator[tuple[str, Block]]:
    """Each block of a section but its labels, with the label above it: the section's title where there is none."""
    label = node.title
    for block in flatten_blocks(node.blocks):
        if isinstance(block, Paragraph):
            label = parse_lone_label(block.text) or parse_plain_label(block.text) or label
        else:
            yield label, block


def _message_in(block: Block) -> str:
    """The text of a fence or a quotation that holds a message; empty for what holds none."""
    if isinstance(block, Fence) and block.language in MESSAGE:
        return block.text
    return "\n".join(text for _, text in list_lines(block.blocks)) if isinstance(block, Quote) else ""


def _list_fields(block: Block, heading: str) -> str:
    """The text of a list of labels below the heading of a message."""
    return write_fields(block) if isinstance(block, Listing) and OF_A_MESSAGE.match(heading) else ""


def _kind(heading: str, title: str, text: str) -> str:
    first = next((line for line in text.split("\n") if line.strip()), "")
    if RESOLVED.match(first):
        return "resolution"
    if ANY_STATE.search(first) and _find_kind(heading, but="alert") is None:
        return "alert"
    named = CHANNEL.sub("", heading)
    of_other = "alert" if title is not heading and named == heading else None
    kinds = (_find_kind(named), _find_kind(title, but=of_other), _find_kind(first))
    kind = next((found for found in kinds if found is not None), "")
    return "" if kind == "alert" and _is_letter(text) else kind


def _find_kind(words: str, but: str | None = None) -> str | None:
    """The id of the first kind of message that these words name, empty for what is none; None where they name none."""
    return next((id for id, pattern in KINDS if id != but and pattern.search(words)), None)


def _is_letter(text: str) -> bool:
    """Whether a message is a letter to customers: its first lines address somebody."""
    lines = [line for line in text.split("\n") if line.strip()]
    return any(map(LETTER.match, lines[:2]))


def _has_unbalanced_bracket(line: TemplateLine) -> bool:
    """Whether a bracket of a line has no partner and would be shown to readers as it is."""
    text = "".join(part.text for part in line.parts if isinstance(part, Literal))
    text = re.sub(r"\[[^\[\]]*\]|\{\{[^{}]*\}\}", "", text)
    return any(mark in text for mark in ("[", "]", "{{", "}}"))


def _faults(text: str, line: int) -> Iterator[Problem]:
    for number, row in enumerate(text.split("\n"), line):
        if len(row) > MAX_TEXT_LENGTH:
            yield Problem(
                number,
                "warning",
                f"This template line is cut after {MAX_TEXT_LENGTH:,} characters. Shorten it.",
            )
        elif any(_has_unbalanced_bracket(parsed) for parsed in parse_template_lines(row)):
            message = (
                "A bracket in this template line has no partner: it is no placeholder, and readers would see "
                "it."
            )
            yield Problem(number, "warning", message)
