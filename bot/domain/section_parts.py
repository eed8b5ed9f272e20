"""What stands in a playbook's section beside its steps: paragraphs, headings, lists and code, with their lines."""

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
class BulletList:
    """List items that follow each other. A table becomes one bullet per row."""

    line: int
    items: tuple[Bullet, ...]


@dataclass(frozen=True, slots=True)
class CodeSample:
    """A fenced block that nobody is meant to run: JSON, YAML, some output. `language` may be empty."""

    line: int
    text: str
    language: str
