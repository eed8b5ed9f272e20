"""What a runbook tells people to do: frozen playbooks, their sections and steps.

Texts keep the runbook's inline Markdown (bold, code, links). Lines count from 1 in the runbook's file.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.domain.section_parts import BulletList, CodeSample, Label, Prose


class StepKind(StrEnum):
    """What may be done with a step, from the least to the most dangerous; a link is opened by a person."""

    LINK = "link"
    DIAGNOSTIC = "diagnostic"
    PROBE = "probe"
    REMEDIATION = "remediation"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class AwsCall:
    """One operation of AWS: `service` and `parameters` as boto3 takes them, `operation` as AWS writes it.

    `query` is JMESPath over the answer. `pages` when the operation is read page by page: `max_items` at most,
    `page_size` at a time, from `starting_token` on. With a `waiter` (`ServicesStable`) the operation is
    repeated until that says so.
    """

    service: str
    operation: str
    parameters: Mapping[str, object]
    query: str | None = None
    region: str | None = None
    profile: str | None = None
    output: str | None = None
    pages: bool = False
    max_items: int | None = None
    page_size: int | None = None
    starting_token: str | None = None
    waiter: str | None = None


@dataclass(frozen=True, slots=True)
class SqlCall:
    """One statement on the monitored database; what is None comes from PGHOST and its like."""

    sql: str
    host: str | None = None
    port: str | None = None
    user: str | None = None
    database: str | None = None


@dataclass(frozen=True, slots=True)
class RedisCall:
    """One command with its arguments. `password` and `user` come from the command line, seldom wanted."""

    words: tuple[str, ...]
    host: str | None = None
    port: int | None = None
    database: int | None = None
    tls: bool = False
    cluster: bool = False
    user: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class HttpCall:
    """One request. `fail` when a status of 400 and above is a failure, `limit` in seconds."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: str | None = field(default=None, repr=False)
    credentials: str | None = field(default=None, repr=False)
    fail: bool = False
    redirects: bool = False
    verify: bool = True
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class GitCall:
    """Commits, workflow runs, releases and the like: `what` is `commits`, `runs`, `releases`, `pulls` ...

    `options` are the words as typed, without dashes and with `True` for a flag; `names` are branches or numbers,
    `paths` what stood behind `--`; `folder` is where `cd` led.
    """

    what: str
    options: Mapping[str, str | bool]
    names: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    folder: str | None = None


@dataclass(frozen=True, slots=True)
class KubernetesCall:
    """A kubectl that reads: its verb (`get`, `rollout status`) and all words as typed.

    `kinds` are those asked for in kubectl's plural (`pods`), `names` each object that is named with its kind, `options`
    the options by their long names, `True` for a flag.
    """

    verb: str
    words: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    options: Mapping[str, str | bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VendorCall:
    """A question at a vendor's programming interface that a link, a symptom or an instruction stands for.

    `what` names it (`sentry.issues`, `razorpay.payments`, `health.check`), `names` are what the runbook says of it:
    `{"organisation": "acme", "project": "acme-mobile"}`.
    """

    what: str
    names: Mapping[str, str] = field(default_factory=dict)


Call = AwsCall | SqlCall | RedisCall | HttpCall | GitCall | KubernetesCall | VendorCall


@dataclass(frozen=True, slots=True)
class Filter:
    """A program of a pipeline that only looks at text (`grep`, `jq`), with its arguments."""

    program: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """One call, the filters its answer goes through, and how often and how long (seconds) it was typed for."""

    runs: str
    call: Call
    filters: tuple[Filter, ...] = ()
    every: float | None = None
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class Threshold:
    """Where a measure stops being well: `metric` `sign` `value` `unit`, such as `p95 latency > 1000 ms`.

    `metric` is in the runbook's words, empty for whatever its step measures. `sign` is one of `>`, `>=`, `<`, `<=`;
    `unit` is `%`, `ms`, `s`, `GB` ... or empty. `verdict` is `warn` or `bad`. `line` counts in the runbook's file.
    """

    verdict: str
    metric: str
    sign: str
    value: float
    unit: str
    line: int

    def __str__(self) -> str:
        return f"{self.metric} {self.sign} {self.value:g}{' ' * self.unit.isalpha()}{self.unit}".strip()


@dataclass(frozen=True, slots=True)
class InnerCommand:
    """A command inside of another one, `$(aws ...)`: it is asked first, and its answer becomes one argument.

    `need` is how it stands among the needs of the outer command, `text` what is typed in the brackets.
    """

    need: str
    text: str
    action: Action


@dataclass(frozen=True, slots=True)
class ParsedStep:
    """What a step was recognised as, and why.

    `actions` are empty unless Tocsin makes the calls itself; their dates are those of the clock it was read with.
    `needs` are known first, as typed: `<task-arn>` from a person, `$PGHOST` from the environment, and each of
    `inner_commands` (in the order in which they are asked) from its system. `hints` are problems of the text.
    `stands_for` is the runbook's remediation for it, `arguments` what follows it. A probe that is not `harmless` is
    asked about once more.
    """

    kind: StepKind
    why: str
    actions: tuple[Action, ...] = ()
    needs: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    stands_for: str | None = None
    arguments: str = ""
    thresholds: tuple[Threshold, ...] = ()
    harmless: bool = False
    inner_commands: tuple[InnerCommand, ...] = ()

    @property
    def runs(self) -> str | None:
        """The remediation it stands for, else the calls by name, each once and in order: `ecs.describe_services`."""
        actions = (*(inner.action for inner in self.inner_commands if self.actions), *self.actions)
        return self.stands_for or ", ".join(dict.fromkeys(action.runs for action in actions)) or None

    @property
    def open_needs(self) -> tuple[str, ...]:
        """The needs that no inner command answers."""
        inner = {command.need for command in self.inner_commands}
        return tuple(need for need in self.needs if need not in inner)

    @property
    def variables(self) -> tuple[str, ...]:
        """The needs that the environment has: `$PGHOST`."""
        return tuple(need for need in self.open_needs if need.startswith("$"))

    @property
    def gaps(self) -> tuple[str, ...]:
        """The needs that only a person can fill: `<task-arn>`."""
        return tuple(need for need in self.needs if not need.startswith("$"))


@dataclass(frozen=True, slots=True)
class Annotation:
    """One part of a comment `<!-- tocsin: ...; ... -->`; `wrong` says why it cannot count, empty when it can."""

    line: int
    text: str
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One command, query or instruction.

    `command` is what the fence holds, line continuations and here-documents included and prompts left out, or
    None when a person is told what to do. `title` is the comment above it without its `number`, else its start;
    `note` holds the comment's further lines. `language` is the fence's own (`bash`, `sql`), maybe empty.
    `said` is what a comment right above the fence adds to it. `meaning` is None until the command was recognised.
    """

    line: int
    section: str
    title: str
    command: str | None
    language: str
    note: str = ""
    said: tuple[Annotation, ...] = ()
    meaning: ParsedStep | None = field(default=None, hash=False)
    number: int | None = None


Part = Prose | Label | BulletList | CodeSample | Step


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
    None when none is given. `symptoms` are also among the sections. `file` is that of a linked runbook, else empty.
    A `general` one helps whatever the incident is, such as the first look at everything.
    """

    id: str
    title: str
    severity: str | None
    line: int
    symptoms: tuple[str, ...]
    sections: tuple[Section, ...]
    file: str = ""
    general: bool = False

    def steps(self) -> Iterator[Step]:
        """All steps in the runbook's order."""
        for section in self.sections:
            for part in section.parts:
                if isinstance(part, Step):
                    yield part

    def with_steps(self, change: Callable[[Step], Step]) -> "Playbook":
        """The playbook with each step changed."""

        def parts(section: Section) -> tuple[Part, ...]:
            return tuple(change(part) if isinstance(part, Step) else part for part in section.parts)

        sections = tuple(replace(section, parts=parts(section)) for section in self.sections)
        return replace(self, sections=sections)
