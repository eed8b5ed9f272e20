"""The lines of a runbook's file, and where between them something new goes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.runbook_hunk import RunbookHunk, split_lines

FENCE = re.compile(r"^\s{0,3}(```+|~~~+)")
HEADING = re.compile(r"^\s{0,3}(#{1,6})\s")


@dataclass(frozen=True, slots=True)
class RunbookPage:
    """The lines without their ends; they are counted from 1."""

    lines: Sequence[str]

    @classmethod
    def read(cls, text: str) -> "RunbookPage":
        """The page of this text."""
        return cls([line.rstrip("\r\n") for line in split_lines(text)])

    def has(self, hunk: RunbookHunk) -> bool:
        """Whether all of it was written down before."""
        known = {line.strip() for line in self.lines}
        return all(line.strip() in known for line in hunk.added if line.strip())

    def find_end(self, line: int) -> int:
        """Behind which line a note about the command at this line goes: behind its fence, else behind its item."""
        is_open, mark = False, ""
        for number, text in enumerate(self.lines, 1):
            found = FENCE.match(text)
            if found and not is_open:
                is_open, mark = True, found[1]
            elif found and found[1].startswith(mark[0]) and len(found[1]) >= len(mark):
                is_open = False
                if number >= line:
                    return number
            elif number >= line and not is_open:
                return number
        return len(self.lines)

    def find_note(self, after: int, begins: str) -> int | None:
        """The line of the note that begins so, among those that stand behind this line."""
        for number in range(after + 1, len(self.lines) + 1):
            text = self.lines[number - 1].strip()
            if text.startswith(f"> {begins}"):
                return number
            if text and not text.startswith(">"):
                break
        return None

    def find_section_end(self, line: int) -> int:
        """The last line with words below the heading at this line, before the next one of its level."""
        own = HEADING.match(self.lines[line - 1])
        level = len(own[1]) if own else 6
        is_open, last = False, line
        for number in range(line + 1, len(self.lines) + 1):
            text = self.lines[number - 1]
            is_open ^= FENCE.match(text) is not None
            found = HEADING.match(text)
            if found and not is_open and len(found[1]) <= level:
                break
            if text.strip() and not re.fullmatch(r"\s{0,3}(?:-{3,}|\*{3,}|_{3,})\s*", text):
                last = number
        return last
