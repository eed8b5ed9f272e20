"""A runbook as values: what the reader makes of the text.

Lines count from 1 in the runbook's file, or in `file` where that is not empty: a runbook that the main one links to,
by its path beside it (`DATABASE_INCIDENTS.md`).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal as OneOf
from typing import Protocol

from bot.domain.playbook import Playbook
from bot.runbook.severity_names import is_same_level

KNOWN = frozenset(
    {
        "severity",
        "reference",
        "timestamp",
        "ended",
        "status",
        "impact",
        "started",
        "affected_users",
        "actions",
        "next_update",
        "war_room",
        "commander",
        "feature",
        "cadence",
        "title",
        "duration",
        "root_cause",
        "resolution",
        "postmortem_date",
    }
)
"""Names of the placeholders whose meaning is understood; every other name is a field to ask for."""


def format_place(line: int, file: str = "") -> str:
    """Where something stands, for people: `line 12`, or `DATABASE_INCIDENTS.md:12`."""
    return f"{file}:{line}" if file else f"line {line}"


class SourceLocation(Protocol):
    """What stands at a line of a file."""

    @property
    def line(self) -> int: ...
    @property
    def file(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to mend in the runbook: what is wrong and what to do."""

    line: int
    level: OneOf["error", "warning"]
    message: str
    file: str = ""

    @property
    def place(self) -> str:
        """`line 12`, or `DATABASE_INCIDENTS.md:12`."""
        return format_place(self.line, self.file)


def sort_problems(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each problem once, by file (the main one first) and line."""
    return tuple(
        sorted(dict.fromkeys(problems), key=lambda problem: (problem.file, problem.line, problem.level))
    )


@dataclass(frozen=True, slots=True)
class Severity:
    """One level. `rank` is 0 for the worst.

    `response` is None when no clock runs ("Next business day") or
    when none is given: then `response_text` is empty.
    `action` says in the runbook's words who is called, `role` who answers for it where a line of its own names that;
    `update_every` is its own rhythm of updates, None where it has that of the runbook.
    """

    id: str
    name: str
    summary: str
    line: int
    response: timedelta | None
    response_text: str
    examples: tuple[str, ...]
    action: str
    rank: int
    file: str = ""
    role: str = ""
    update_every: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Literal:
    """Text of a template that stays as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A gap in a template: `name` says what belongs there, `label` names it for people, `raw` is what the
    runbook has in its place (brackets included)."""

    name: str
    label: str
    raw: str

    @property
    def known(self) -> bool:
        """Whether the name is one of `KNOWN`; otherwise it has to be asked for."""
        return self.name in KNOWN

    @property
    def upper(self) -> bool:
        """Whether the runbook writes the value in capitals, as in `Status: INVESTIGATING`."""
        return self.raw.isupper()


@dataclass(frozen=True, slots=True)
class TemplateLine:
    """One line. When it `repeats`, it stands once for each value of its placeholder."""

    parts: tuple[Literal | Placeholder, ...]
    repeats: bool = False

    @property
    def placeholders(self) -> tuple[Placeholder, ...]:
        return tuple(part for part in self.parts if isinstance(part, Placeholder))


@dataclass(frozen=True, slots=True)
class Template:
    """A prescribed message. `id` is `alert`, `update` or `resolution`, `line` that of its first line. `internal` is one
    that is never for customers, by its heading."""

    id: str
    heading: str
    line: int
    lines: tuple[TemplateLine, ...]
    file: str = ""
    internal: bool = False

    def placeholders(self) -> tuple[Placeholder, ...]:
        """Every placeholder once by name, in the order of the text."""
        found: dict[str, Placeholder] = {}
        for line in self.lines:
            for placeholder in line.placeholders:
                found.setdefault(placeholder.name, placeholder)
        return tuple(found.values())


@dataclass(frozen=True, slots=True)
class ChecklistTask:
    """One thing to do after an incident."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class ChecklistWindow:
    """Checklist items that are due within the same time after the incident's end."""

    within: timedelta
    label: str
    line: int
    items: tuple[ChecklistTask, ...]
    file: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to call. `text` is what the runbook says; `handles` what can be used of it: `slack:U012ABCDE`,
    `slack:S012ABCDE` (a user group), `slack:name@example.com`, `tel:+911234567890`."""

    name: str
    line: int
    text: str
    handles: tuple[str, ...]
    file: str = ""


@dataclass(frozen=True, slots=True)
class EscalationLevel:
    """Who is called next: `text` in the runbook's words, `after` counted from the start, None where only the order is
    given; `severity` is None where it holds for all."""

    after: timedelta | None
    text: str
    line: int
    severity: str | None = None
    file: str = ""


@dataclass(frozen=True, slots=True)
class NamedLink:
    """A named address, absolute or relative to the runbook. `line` is 0 where a setting gives it by its `name`."""

    name: str
    url: str
    line: int
    file: str = ""

    @property
    def place(self) -> str:
        """`line 12`, or the setting's name."""
        return format_place(self.line, self.file) if self.line else self.name


@dataclass(frozen=True, slots=True)
class LeftOutCommand:
    """A command that stands in no playbook: why, and in which section."""

    line: int
    command: str
    why: str
    section: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class Runbook:
    """Everything that was understood. `severities` are ordered from the worst, `call` is where people join to talk.
    `assumes_severities` where the runbook has none of its own."""

    title: str
    severities: tuple[Severity, ...] = ()
    playbooks: tuple[Playbook, ...] = ()
    templates: Mapping[str, Template] = field(default_factory=dict)
    windows: tuple[ChecklistWindow, ...] = ()
    contacts: tuple[Contact, ...] = ()
    escalation: tuple[EscalationLevel, ...] = ()
    links: tuple[NamedLink, ...] = ()
    related: tuple[NamedLink, ...] = ()
    update_every: timedelta | None = None
    war_room: str | None = None
    call: NamedLink | None = None
    problems: tuple[Problem, ...] = ()
    left_out: tuple[LeftOutCommand, ...] = ()
    assumes_severities: bool = False

    def severity(self, words: str) -> Severity | None:
        """The severity that somebody typed, in any spelling: `p0`, `P-0`, `sev 1`, `critical`."""
        for severity in self.severities:
            if is_same_level(words, severity.id) or words.strip().casefold() == severity.name.casefold():
                return severity
        return None

    def playbook(self, id: str) -> Playbook | None:
        """The playbook with this id."""
        return next((playbook for playbook in self.playbooks if playbook.id == id), None)

    def playbooks_for(self, severity_id: str | None) -> tuple[Playbook, ...]:
        """All playbooks, those of the severity first, otherwise in the runbook's order."""
        return tuple(sorted(self.playbooks, key=lambda playbook: playbook.severity != severity_id))

    def errors(self) -> Iterator[Problem]:
        """The problems that make the runbook unusable."""
        return (problem for problem in self.problems if problem.level == "error")
