"""What a runbook tells people to do: frozen playbooks, their sections and steps.

Texts keep the runbook's inline Markdown (bold, code, links). Lines count from 1 in the runbook's file.
"""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Prose:
    """One paragraph; a hard line break is a newline."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Label:
    """A heading inside a section, without its Markdown: `Database Issue?`."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Bullet:
    """One list item. `depth` is 0 outermost; `number` is None in an unnumbered list."""

    line: int
    text: str
    depth: int = 0
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Bullets:
    """List items that follow each other. A table becomes one bullet per row."""

    line: int
    items: tuple[Bullet, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """A fenced block that nobody is meant to run: JSON, YAML, some output. `language` may be empty."""

    line: int
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Step:
    """One command, query or instruction.

    `command` is what the fence holds, line continuations and here-documents included and prompts left out, or
    None when a person is told what to do. `title` is the comment above it without its number, else its start;
    `note` holds the comment's further lines. `language` is the fence's own (`bash`, `sql`), maybe empty.
    """

    line: int
    section: str
    title: str
    command: str | None
    language: str
    note: str = ""


Part = Prose | Label | Bullets | Sample | Step


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a playbook under one heading or bold label; the introduction has an empty title."""

    title: str
    line: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Playbook:
    """One kind of incident and everything the runbook says about it, in the runbook's order.

    `id` is a slug of the title, unique in its runbook. `severity` is the id of a severity of the runbook,
    None when none is given. `symptoms` are also among the sections.
    """

    id: str
    title: str
    severity: str | None
    line: int
    symptoms: tuple[str, ...]
    sections: tuple[Section, ...]

    def steps(self) -> Iterator[Step]:
        """All steps in the runbook's order."""
        for section in self.sections:
            for part in section.parts:
                if isinstance(part, Step):
                    yield part
