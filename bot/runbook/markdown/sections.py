"""Blocks to the parts of a playbook's section, everything kept in order."""

from collections.abc import Sequence

from bot.domain.playbook import Part, Step
from bot.domain.section_parts import Bullet, BulletList, Label, Prose
from bot.runbook.annotations import attach_annotations
from bot.runbook.markdown.block_tree import (
    Block,
    Fence,
    Heading,
    ListEntry,
    Listing,
    MarkdownTable,
    Paragraph,
    Quote,
    Row,
)
from bot.runbook.markdown.command_blocks import build_title
from bot.runbook.markdown.fences import parse_steps
from bot.runbook.markdown.inline import CHECKBOX, COMMENT, join_soft_breaks, strip_markdown, strip_number
from bot.runbook.markdown.inline_commands import find_inline_commands, find_language
from bot.runbook.markdown.outline import parse_label_before

MAX_TITLE_LENGTH = 80


def build_parts(blocks: Sequence[Block], section: str) -> tuple[Part, ...]:
    """The parts of one section; `section` is the name its steps carry."""
    writer = _PartWriter(section)
    writer.add(blocks, 0)
    return writer.finish()


def format_item(entry: ListEntry) -> str:
    """The words of a list item without its checkbox and without what is nested in it."""
    first = entry.blocks[0] if entry.blocks else None
    return CHECKBOX.sub("", join_soft_breaks(first.text), count=1) if isinstance(first, Paragraph) else ""


def format_row(table: MarkdownTable, row: Row) -> str:
    """A table's row as one line: its first cell in bold, the others behind their headings."""
    cells = [COMMENT.sub("", cell).strip() for cell in row.cells]
    heads = [strip_markdown(head) for head in table.header]
    first = f"**{cells[0]}**" if cells and cells[0] and "*" not in cells[0] else "".join(cells[:1])
    rest = [
        f"{head}: {cell}" if head else cell for head, cell in zip(heads[1:], cells[1:], strict=False) if cell
    ]
    return " · ".join(text for text in (first, *rest) if text)


class _PartWriter:
    """Collects parts; list items that follow each other become one `Bullets`."""

    def __init__(self, section: str) -> None:
        self._section = section
        self._parts: list[Part] = []
        self._bullets: list[Bullet] = []
        self._intent = ""

    def add(self, blocks: Sequence[Block], depth: int) -> None:
        """Write blocks; those of a list item have the item's depth plus one."""
        for number, block in enumerate(blocks):
            if isinstance(block, Paragraph):
                following = blocks[number + 1] if number + 1 < len(blocks) else None
                self._paragraph(block, following, depth)
            elif isinstance(block, Heading):
                self._label(block.line, strip_markdown(block.text))
            else:
                self._add_compound(block, depth)
                self._intent = self._find_announcement() if isinstance(block, Listing) else ""

    def _add_compound(self, block: Block, depth: int) -> None:
        """Write a block that has parts of its own."""
        match block:
            case Listing():
                for entry in block.entries:
                    self._entry(entry, depth)
            case Quote():
                self.add(block.blocks, depth)
            case MarkdownTable():
                for row in block.rows:
                    self._bullets.append(Bullet(row.line, format_row(block, row), depth))
                    self._add_inline(" | ".join(row.cells), row.line, "")
            case Fence():
                self._fence(block)

    def _find_announcement(self) -> str:
        """What the last item of a list announces (`2. Flush it`, `- Look at the memory:`) although what follows is not
        indented."""
        last = self._bullets[-1] if self._bullets else None
        words = strip_markdown(last.text.split("\n")[-1]) if last else ""
        told = words.endswith(":") or (last is not None and last.number is not None and not last.depth)
        return words.rstrip(":") if told and len(words) <= MAX_TITLE_LENGTH else ""

    def finish(self) -> tuple[Part, ...]:
        self._flush()
        return tuple(self._parts)

    def _fence(self, fence: Fence) -> None:
        self._flush()
        steps = parse_steps(fence.text, fence.line, fence.language, self._section, self._intent)
        if fence.said:
            steps = attach_annotations(fence.said, steps, fence.text, fence.line)
        self._parts += steps
        if any(isinstance(step, Step) for step in steps):
            self._intent = ""

    def _add_inline(self, text: str, line: int, title: str) -> None:
        """The commands among the words of an item, a cell or a sentence."""
        found = find_inline_commands(text)
        if found:
            self._flush()
        for command in found:
            words = title if title and len(found) == 1 else build_title(command)
            self._parts.append(Step(line, self._section, words, command, find_language(command)))

    def _label(self, line: int, text: str) -> None:
        self._flush()
        self._parts.append(Label(line, text))
        self._intent = ""

    def _paragraph(self, block: Paragraph, following: Block | None, depth: int) -> None:
        label = parse_label_before(block, following)
        if label is not None and depth == 0:
            self._label(block.line, label)
            return
        text = join_soft_breaks(block.text)
        if not text:
            return
        words = strip_markdown(text.split("\n")[-1])
        told = words.endswith((":", "?")) and len(words) <= MAX_TITLE_LENGTH
        self._intent = words.rstrip(":") if told else ""
        if depth and self._bullets:
            last = self._bullets.pop()
            self._bullets.append(Bullet(last.line, f"{last.text}\n{text}", last.depth, last.number))
            self._add_inline(block.text, block.line, "")
            return
        self._flush()
        self._parts.append(Prose(block.line, text))
        self._add_inline(block.text, block.line, "")

    def _entry(self, entry: ListEntry, depth: int) -> None:
        text = format_item(entry)
        box = (
            CHECKBOX.match(entry.blocks[0].text)
            if entry.blocks and isinstance(entry.blocks[0], Paragraph)
            else None
        )
        if box:
            text = ("☑ " if box["tick"].strip() else "☐ ") + text
        rest = entry.blocks
        if isinstance(rest[0] if rest else None, Paragraph):
            rest = rest[1:]
        if text:
            self._bullets.append(Bullet(entry.line, text, depth, entry.number))
            words = strip_number(strip_markdown(format_item(entry))).rstrip(":")
            self._intent = words if len(words) <= MAX_TITLE_LENGTH else ""
            self._add_inline(format_item(entry), entry.line, self._intent)
        self.add(rest, depth + 1)
        self._intent = ""

    def _flush(self) -> None:
        if self._bullets:
            self._parts.append(BulletList(self._bullets[0].line, tuple(self._bullets)))
            self._bullets = []
