"""What MkDocs and Docusaurus add to Markdown, taken off line by line: every line stays where it is."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bot.runbook.model import Problem

OPENING = re.compile(
    r"(?P<before>\s*)(?:!!!|\?\?\?\+?|===[+!]?)\s+(?:[\w-]+(?:\s+[\w-]+)*\s*)?(?:\"(?P<title>[^\"]*)\")?\s*"
)
"""`!!! note "Look first"`, `??? tip`, `=== "AWS"`."""

CONTAINER = re.compile(r"\s*:{3,}(?:\s*\{?[\w-]+\}?(?:\[(?P<label>[^\[\]]*)\])?\s*(?P<title>.*))?")
"""`:::note Look first`, `:::`."""

FENCE = re.compile(r"\s*(?P<mark>`{3,}|~{3,})")
ESCAPED = re.compile(r"\s*(?:\\`){3}")
WIDTH = 4


@dataclass(slots=True)
class _LineReader:
    """The lines so far: how far those of the open admonitions are indented, and the fence that is open."""

    lines: Sequence[str]
    indents: list[int] = field(default_factory=list)
    mark: str = ""

    def read(self, number: int) -> str:
        """The line without what it is indented by for an admonition; the words of one that begins."""
        line = self.lines[number].replace("\t", " " * WIDTH) if self.indents else self.lines[number]
        if not self.mark:
            self._leave(line)
        line = _dedent(line, self.indents[-1] if self.indents else 0)
        fence = FENCE.match(line)
        if self.mark:
            if fence and fence["mark"].startswith(self.mark) and not line.strip(" " + self.mark[0]):
                self.mark = ""
            return line
        if fence:
            self.mark = fence["mark"]
            return line
        return self._unwrap(line, number)

    def _leave(self, line: str) -> None:
        while self.indents and line.strip() and _indent(line) < self.indents[-1]:
            self.indents.pop()

    def _unwrap(self, line: str, number: int) -> str:
        if container := CONTAINER.fullmatch(line):
            return container["label"] or container["title"] or ""
        opening = OPENING.fullmatch(line)
        if opening is None:
            return line
        inner = (self.indents[-1] if self.indents else 0) + len(opening["before"]) + WIDTH
        if not self._is_indented(number + 1, inner):
            return line
        self.indents.append(inner)
        return opening["before"] + (opening["title"] or "")

    def _is_indented(self, number: int, inner: int) -> bool:
        """Whether the next line with anything in it stands that far inside."""
        following = next((line for line in self.lines[number : number + 3] if line.strip()), "")
        return _indent(following.replace("\t", " " * WIDTH)) >= inner


def unwrap_admonitions(lines: Sequence[str]) -> list[str]:
    """The lines of a document with the contents of admonitions and tabs as plain Markdown."""
    reader = _LineReader(lines)
    return [reader.read(number) for number in range(len(lines))]


def find_escaped_fences(lines: Sequence[str]) -> Iterator[Problem]:
    """A problem for the first line of each block whose fence is escaped, so that nothing in it is a command."""
    opened = False
    for number, line in enumerate(lines, 1):
        if ESCAPED.match(line):
            opened = not opened
            if opened:
                message = (
                    "This fence is escaped (\\`\\`\\`), so what stands in it is no command and nobody can run it. "
                    "Write ``` without backslashes."
                )
                yield Problem(number, "warning", message)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _dedent(line: str, width: int) -> str:
    return line[min(width, _indent(line)) :]
