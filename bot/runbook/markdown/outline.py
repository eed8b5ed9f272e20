"""Blocks under their headings: the document as a tree of sections."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bot.runbook.durations import parse_duration
from bot.runbook.markdown.block_tree import Block, Heading, Listing, MarkdownTable, Paragraph, Quote
from bot.runbook.markdown.inline import (
    MAX_TEXT_LENGTH,
    parse_lone_label,
    parse_plain_label,
    strip_markdown,
)

BY_WHEN = re.compile(r"(?:within|in|during|after|first|next|the first)\b[^.,;]{1,30}", re.I)
"""A label that needs no colon: `Within 24 hours`."""


PLAIN_PART = re.compile(
    r"symptoms?|(?:quick |first |initial )?checks?|(?:immediate |first |post[- ]?|post-incident )?actions?|mitigation"
    r"|resolution|diagnosis|investigation|triage|verification|escalation|recovery|rollback",
    re.I,
)
"""Names of a playbook's parts that stand above a list as a line of their own, without bold, colon or heading."""


@dataclass(slots=True)
class Node:
    """A heading, the blocks right under it, and the headings below it. The root has level 0 and no title."""

    title: str
    line: int
    level: int
    blocks: list[Block] = field(default_factory=list)
    children: list["Node"] = field(default_factory=list)

    def walk(self) -> Iterator["Node"]:
        """This node and all below it, in the order of the document."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(slots=True)
class LabelledGroup:
    """Blocks under a bold label (`**Symptoms:**`) or, before a list, a plain one (`Within 24 hours:`)."""

    label: str
    line: int
    bold: bool = True
    blocks: list[Block] = field(default_factory=list)


def build_outline(blocks: Sequence[Block]) -> Node:
    """The tree of a document's headings."""
    root = Node("", 1, 0)
    path = [root]
    for block in blocks:
        if isinstance(block, Heading):
            node = Node(strip_markdown(block.text).rstrip(": "), block.line, block.level)
            while path[-1].level >= block.level:
                path.pop()
            path[-1].children.append(node)
            path.append(node)
        else:
            path[-1].blocks.append(block)
    return root


def group_by_label(blocks: Sequence[Block]) -> list[LabelledGroup]:
    """The blocks grouped by the labels among them; what stands under no label has an empty one.

    A bold label holds until the next one, a plain one holds its list only.
    """
    groups = [LabelledGroup("", blocks[0].line if blocks else 1)]
    for number, block in enumerate(blocks):
        following = blocks[number + 1] if number + 1 < len(blocks) else None
        opened = _open_group(block, following)
        if opened:
            groups.append(opened)
            continue
        last = groups[-1]
        if not last.bold and last.blocks and not isinstance(block, Listing):
            groups.append(LabelledGroup("", block.line))
        groups[-1].blocks.append(block)
    return [group for group in groups if group.label or group.blocks]


def _open_group(block: Block, following: Block | None) -> LabelledGroup | None:
    """The group that a block begins: a label alone, or a bold one with the text of its paragraph below it."""
    if not isinstance(block, Paragraph):
        return None
    first, _, rest = block.text.partition("\n")
    bold = parse_lone_label(first)
    if bold is not None:
        return LabelledGroup(bold, block.line, blocks=[Paragraph(block.line + 1, rest)] if rest else [])
    label = parse_label_before(block, following)
    return None if label is None else LabelledGroup(label, block.line, bold=False)


def parse_label_before(block: Block, following: Block | None) -> str | None:
    """The label that a block is for what follows it, None when it is none."""
    if not isinstance(block, Paragraph):
        return None
    label = parse_lone_label(block.text)
    if label is None and isinstance(following, Listing):
        words = strip_markdown(block.text).rstrip(": ")
        is_named = (BY_WHEN.fullmatch(words) and parse_duration(words)) or PLAIN_PART.fullmatch(words)
        label = words if is_named else parse_plain_label(block.text)
    return label


def flatten_blocks(blocks: Sequence[Block]) -> Iterator[Block]:
    """All blocks including those inside lists and quotes, in the order of the document."""
    for block in blocks:
        yield block
        if isinstance(block, Listing):
            for entry in block.entries:
                yield from flatten_blocks(entry.blocks)
        elif isinstance(block, Quote):
            yield from flatten_blocks(block.blocks)


def list_lines(blocks: Sequence[Block]) -> Iterator[tuple[int, str]]:
    """The beginning of every paragraph, list item and table row as (line, inline Markdown)."""
    for block in flatten_blocks(blocks):
        if isinstance(block, Paragraph | Heading):
            yield block.line, block.text[:MAX_TEXT_LENGTH]
        elif isinstance(block, MarkdownTable):
            for row in block.rows:
                yield row.line, " | ".join(row.cells)[:MAX_TEXT_LENGTH]
