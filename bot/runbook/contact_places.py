"""Where people are listed outside of the sections about contacts: labels, and tables of roles by their form."""

import re
from collections.abc import Iterator
from itertools import compress

from bot.runbook import languages
from bot.runbook.contacts import means_people
from bot.runbook.handles import find_handles
from bot.runbook.markdown.block_tree import Block, ListEntry, Listing, MarkdownTable, Paragraph
from bot.runbook.markdown.inline import MAX_TEXT_LENGTH, split_label, strip_markdown
from bot.runbook.markdown.outline import Node, group_by_label
from bot.runbook.markdown.sections import format_item

CONTACT_LABEL = re.compile(
    r"(?:(?:emergency|key|important|incident|escalation)\s+)?contacts?(?:\s+(?:info\w*|list|details|tree))?"
    r"|on-?call(?:\s+contacts?)?",
    re.I,
)

PERSON = re.compile(
    r"\W*(?:(?:incident|response|decision|team)\s+)?(?:role|team|function|position|person|who)s?\W*", re.I
)
"""The first head of a table of people."""

OF_PERSON = re.compile(
    r"responsib|accountab|contact|\bwho\b|name|person|primary|backup|phone|e-?mail|slack|\bdut(?:y|ies)\b|escalates? to"
    r"|does|owns|assigned",
    re.I,
)
"""Heads of what is told of people."""

ROLES = re.compile(r"\broles?\b|responsibilit|reporting lines|who does what", re.I)
"""Titles of sections about roles."""

PLACE = re.compile(
    r"(?:primary|secondary|backup|current)(?:\s+on-?call)?|on-?call(?:\s+(?:primary|secondary|backup|engineer))?",
    re.I,
)
"""Labels of places in a rota: whoever stands behind is somebody, wherever the list stands."""

ON_DUTY = re.compile(
    r"on[- ]?call|\bon duty\b|\bduty (?:engineer|officer|manager)|^\W*primary\b|first responder"
    rf"|^\W*(?:operador|operator)\b|{languages.ON_CALL}",
    re.I,
)
"""Labels of who is on call, which is somebody wherever it stands where it says how to reach them."""

MAX_LABEL_LENGTH = 40

LABELLED = re.compile(r"[:*]")
"""A sign of a label in an item: a list without any is not looked at."""

MENTION = re.compile(r"(?<![\w.])@[\w-]+")
OPEN = re.compile(r"\[(?:phone|contact|number|name|slack|e-?mail)[^\]]*\]", re.I)
"""A handle by name, and one that is left open."""

MIN_ROLES = 2
"""How many items of a list have to name somebody for it to be one of people."""


def list_contact_groups(node: Node) -> list[Node]:
    """What a section that is not about contacts lists of people, each as a section of its own."""
    labelled = [
        Node(group.label, group.line, node.level + 1, list(group.blocks))
        for group in group_by_label(node.blocks)
        if CONTACT_LABEL.fullmatch(group.label)
    ]
    people: list[Block] = [part for block in node.blocks for part in _select_people(block, node.title)]
    return labelled + ([Node(node.title, node.line, node.level + 1, people)] if people else [])


def _select_people(block: Block, title: str) -> Iterator[Block]:
    """What of a block is a table or a list of people by its form."""
    if isinstance(block, MarkdownTable) and _is_of_people(block):
        yield block
    elif isinstance(block, Listing) and (people := _select_entries(block, title)):
        yield Listing(block.line, people)
    elif isinstance(block, Paragraph):
        rows = enumerate(block.text[:MAX_TEXT_LENGTH].split("\n"), block.line) if ":" in block.text else ()
        yield from (Paragraph(number, row) for number, row in rows if _is_on_duty(*_split(row)))


def _is_of_people(table: MarkdownTable) -> bool:
    """Whether a table's heads are a role or a person first, and then what is told of people."""
    heads = map(strip_markdown, table.header)
    return PERSON.fullmatch(next(heads, "")) is not None and any(map(OF_PERSON.search, heads))


def _select_entries(listing: Listing, title: str) -> tuple[ListEntry, ...]:
    """The items of a list that are somebody, where it is one of people: a rota, or all but one of its items are."""
    texts = [format_item(entry) for entry in listing.entries]
    if not any(map(LABELLED.search, texts)):
        return ()
    pairs = [_split(strip_code_label(text)) for text in texts]
    named = [_is_person(label, value, title) for label, value in pairs]
    is_rota = any(value and PLACE.fullmatch(label) for label, value in pairs)
    if is_rota or sum(named) >= max(MIN_ROLES, len(texts) - 1):
        return tuple(compress(listing.entries, named))
    return tuple(compress(listing.entries, (_is_on_duty(label, value) for label, value in pairs)))


def _split(row: str) -> tuple[str, str]:
    return split_label(row) or ("", "")


def _is_on_duty(label: str, value: str) -> bool:
    """Whether a line says how to reach who is on call, whatever stands around it: `**On-call**: ops@shop.example`."""
    return len(label) <= MAX_LABEL_LENGTH and ON_DUTY.search(label) is not None and _is_reached(value)


def strip_code_label(text: str) -> str:
    """The text without the marks of code around the label that it begins with: `` `Scribe`: writes``."""
    return re.sub(r"^`([^`]+)`(?=\s*:)", r"\1", text)


def _is_person(label: str, value: str, title: str) -> bool:
    """Whether an item of a list is somebody: by a role among roles, by a number or a handle behind a name."""
    if PLACE.fullmatch(label):
        return bool(value)
    return means_people(label) and bool(ROLES.search(title) or _is_reached(value))


def _is_reached(value: str) -> bool:
    """Whether a value has a handle, be it by name or left open."""
    return bool(find_handles(value) or MENTION.search(value) or OPEN.search(value))
