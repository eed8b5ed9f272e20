"""Where people are listed outside of the sections about contacts: labels, and tables of roles by their form."""

import re

from bot.runbook.contacts import means_people
from bot.runbook.handles import find_handles
from bot.runbook.markdown.block_tree import Block, Listing, MarkdownTable
from bot.runbook.markdown.inline import split_label, strip_markdown
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

MIN_ROLES = 2
"""How many items of a list have to name somebody for it to be one of people."""


def list_contact_groups(node: Node) -> list[Node]:
    """What a section that is not about contacts lists of people, each as a section of its own."""
    labelled = [
        Node(group.label, group.line, node.level + 1, list(group.blocks))
        for group in group_by_label(node.blocks)
        if CONTACT_LABEL.fullmatch(group.label)
    ]
    people: list[Block] = [block for block in node.blocks if _is_of_people(block, node.title)]
    return labelled + ([Node(node.title, node.line, node.level + 1, people)] if people else [])


def _is_of_people(block: Block, title: str) -> bool:
    """Whether a block is a table or a list of roles by its form."""
    if isinstance(block, MarkdownTable):
        heads = [strip_markdown(head) for head in block.header]
        return (
            bool(heads) and PERSON.fullmatch(heads[0]) is not None and any(map(OF_PERSON.search, heads[1:]))
        )
    if not isinstance(block, Listing):
        return False
    pairs = [pair for entry in block.entries if (pair := split_label(format_item(entry)))]
    named = [
        pair for pair in pairs if means_people(pair[0]) and (ROLES.search(title) or find_handles(pair[1]))
    ]
    return len(named) >= max(MIN_ROLES, len(block.entries) - 1)
