"""Blocks to the parts of a playbook's section, everything kept in order."""

from collections.abc import Sequence

from bot.runbook.blocks import Block, Entry, Fence, Heading, Listing, Paragraph, Quote, Row, Table
from bot.runbook.fences import steps_of
from bot.runbook.inline import CHECKBOX, COMMENT, flowing, plain, unnumbered
from bot.runbook.outline import label_before
from bot.runbook.said import addressed
from bot.step import Bullet, Bullets, Label, Part, Prose, Step

LONGEST_TITLE = 80


def parts_of(blocks: Sequence[Block], section: str) -> tuple[Part, ...]:
    """The parts of one section; `section` is the name its steps carry."""
    writer = _Writer(section)
    writer.add(blocks, 0)
    return writer.finish()


def item_text(entry: Entry) -> str:
    """The words of a list item without its checkbox and without what is nested in it."""
    first = entry.blocks[0] if entry.blocks else None
    return CHECKBOX.sub("", flowing(first.text), count=1) if isinstance(first, Paragraph) else ""


def row_text(table: Table, row: Row) -> str:
    """A table's row as one line: its first cell in bold, the others behind their headings."""
    cells = [COMMENT.sub("", cell).strip() for cell in row.cells]
    heads = [plain(head) for head in table.header]
    first = f"**{cells[0]}**" if cells and cells[0] and "*" not in cells[0] else "".join(cells[:1])
    rest = [
        f"{head}: {cell}" if head else cell for head, cell in zip(heads[1:], cells[1:], strict=False) if cell
    ]
    return " · ".join(each for each in (first, *rest) if each)


class _Writer:
    """Collects parts; list items that follow each other become one `Bullets`."""

    def __init__(self, section: str) -> None:
        self._section = section
        self._parts: list[Part] = []
        self._bullets: list[Bullet] = []
        self._intent = ""

    def add(self, blocks: Sequence[Block], depth: int) -> None:
        """Write blocks; those of a list item have the item's depth plus one."""
        for number, block in enumerate(blocks):
            match block:
                case Heading():
                    self._label(block.line, plain(block.text))
                case Paragraph():
                    following = blocks[number + 1] if number + 1 < len(blocks) else None
                    self._paragraph(block, following, depth)
                case Listing():
                    for entry in block.entries:
                        self._entry(entry, depth)
                case Quote():
                    self.add(block.blocks, depth)
                case Table():
                    for row in block.rows:
                        self._bullets.append(Bullet(row.line, row_text(block, row), depth))
                case Fence():
                    self._fence(block)
            if not isinstance(block, Paragraph | Heading):
                self._intent = self._announced() if isinstance(block, Listing) else ""

    def _announced(self) -> str:
        """What the last item of a list announces (`2. Look at the memory:`) although what follows is not indented."""
        words = plain(self._bullets[-1].text.split("\n")[-1]) if self._bullets else ""
        return words.rstrip(":") if words.endswith(":") and len(words) <= LONGEST_TITLE else ""

    def finish(self) -> tuple[Part, ...]:
        self._flush()
        return tuple(self._parts)

    def _fence(self, fence: Fence) -> None:
        self._flush()
        steps = steps_of(fence.text, fence.line, fence.language, self._section, self._intent)
        if fence.said:
            steps = addressed(fence.said, steps, fence.text, fence.line)
        self._parts += steps
        if any(isinstance(step, Step) for step in steps):
            self._intent = ""

    def _label(self, line: int, text: str) -> None:
        self._flush()
        self._parts.append(Label(line, text))
        self._intent = ""

    def _paragraph(self, block: Paragraph, following: Block | None, depth: int) -> None:
        label = label_before(block, following)
        if label is not None and depth == 0:
            self._label(block.line, label)
            return
        text = flowing(block.text)
        if not text:
            return
        words = plain(text.split("\n")[-1])
        told = words.endswith((":", "?")) and len(words) <= LONGEST_TITLE
        self._intent = words.rstrip(":") if told else ""
        if depth and self._bullets:
            last = self._bullets.pop()
            self._bullets.append(Bullet(last.line, f"{last.text}\n{text}", last.depth, last.number))
            return
        self._flush()
        self._parts.append(Prose(block.line, text))

    def _entry(self, entry: Entry, depth: int) -> None:
        text = item_text(entry)
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
            words = unnumbered(plain(item_text(entry))).rstrip(":")
            self._intent = words if len(words) <= LONGEST_TITLE else ""
        self.add(rest, depth + 1)
        self._intent = ""

    def _flush(self) -> None:
        if self._bullets:
            self._parts.append(Bullets(self._bullets[0].line, tuple(self._bullets)))
            self._bullets = []
