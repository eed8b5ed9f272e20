"""Diagnostic runs and their results: frozen values, as the database keeps them.

Everything here was redacted before it was made.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from bot.domain.evidence import EvidenceTable
from bot.text.truncation import cut

BAD, WARN, OK, UNKNOWN = "bad", "warn", "ok", "unknown"
"""Verdicts as the database keeps them."""

WHOLE, ONE, ALL = "playbook", "step", "all"
"""What was run: a playbook's steps, one step, or the cheap steps of all playbooks."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence behind a headline. `age` is how many seconds old the newest of what was read was then, None where
    that is not known, or how long ago was what `aged` says; `begin` and `end` are the span that was looked at; `chart`
    says what a picture of it shows, in words, empty when there is none."""

    table: EvidenceTable | None = None
    text: str = ""
    link: str = ""
    command: str = ""
    begin: datetime | None = None
    end: datetime | None = None
    age: float | None = None
    aged: str = ""
    next_look: str = ""
    chart: str = ""


@dataclass(frozen=True, slots=True)
class Suspect:
    """What a finding points to. `kind` is deployment, connections, lock, vendor, release or memory; `name` is a word of
    people's for it, `why` half a sentence about what it does (`its tasks die of memory`), `at` when it began, aware."""

    kind: str
    name: str
    why: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StepResult:
    """One step's result. `playbook` is an id, `line` counts in `file` (empty: the runbook's own).

    `kind` is a StepKind's value. `verdict` is None while it is awaited; a step that needs a click has a `note`, which
    says so. `collected_at` is when the data was read, before `seen_at` when it was read for another run a moment ago.
    `measure` is the short value (`4/6`), `digest` the SHA-256 of what was seen in hexadecimal.
    """

    place: int
    playbook: str
    line: int
    file: str
    title: str
    kind: str
    runs: str
    note: str = ""
    verdict: str | None = None
    cause: str | None = None
    headline: str = ""
    measure: str = ""
    digest: str = ""
    detail: Evidence = field(default_factory=Evidence)
    suspect: Suspect | None = None
    collected_at: datetime | None = None
    seen_at: datetime | None = None

    @property
    def step(self) -> tuple[str, int, str]:
        """The key of the same step in another run."""
        return self.file, self.line, self.title

    @property
    def is_waited_for(self) -> bool:
        """Whether its verdict is still to come."""
        return self.verdict is None and not self.note


@dataclass(frozen=True, slots=True)
class DiagnosticRun:
    """One run of steps. `number` counts the runs of its incident from 1; `scope` is WHOLE, ONE or ALL and `what` the
    playbook's id or the step's title; `asked_by` is a user's id, empty when it started automatically.

    `before` are the results of the previous run of the same steps, by `StepResult.step`.
    """

    id: int
    incident: int
    number: int
    scope: str
    what: str
    asked_by: str
    begun_at: datetime
    ended_at: datetime | None = None
    results: tuple[StepResult, ...] = ()
    before: Mapping[tuple[str, int, str], StepResult] = field(default_factory=dict)

    def of(self, verdict: str) -> tuple[StepResult, ...]:
        """The results with this verdict, in the runbook's order."""
        return tuple(result for result in self.results if result.verdict == verdict)

    @property
    def waited_for(self) -> tuple[StepResult, ...]:
        """The results that are still awaited; none once the run has ended."""
        return () if self.ended_at else tuple(result for result in self.results if result.is_waited_for)


@dataclass(frozen=True, slots=True)
class DiagnosticRunRequest:
    """A request for a run. `step` is (file, line) of a single step, None for all of them; `inputs` are what a person
    filled in for its gaps, by the gap as typed; `attempts` counts how often it was begun."""

    id: int
    incident: int
    scope: str
    what: str
    asked_by: str
    step: tuple[str, int] | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    attempts: int = 1


MAX_TITLE_LENGTH = 120


def format_title_with_inputs(title: str, inputs: Mapping[str, str]) -> str:
    """A step's title with what it was filled in with: with other values it is another question."""
    return cut(f"{title} ({', '.join(inputs.values())})", MAX_TITLE_LENGTH) if inputs else title


NOT_CONFIGURED = "not_configured"
"""The cause of what lacks a setting."""

STOPPED = "stopped"
"""The cause of what has no answer because the incident ended first."""


def count_verdicts(results: Iterable[StepResult]) -> dict[str, int]:
    """How many there are of each verdict."""
    return dict(Counter(result.verdict for result in results if result.verdict))


def compute_digest(results: Iterable[StepResult]) -> str:
    """The SHA-256 of all that was seen, in hexadecimal."""
    places = {result.place: result.digest for result in results}
    return hashlib.sha256("".join(f"{place}{places[place]}" for place in sorted(places)).encode()).hexdigest()


DETAILS = frozenset(field.name for field in fields(Evidence))


def parse_evidence(kept: Mapping[str, Any]) -> Evidence:
    """A detail from its JSON, as `as_json` wrote it. What a newer version added to it is passed over."""
    table = kept.get("table")
    made = {name: value for name, value in kept.items() if name in DETAILS}
    if table is not None:
        rows = tuple(tuple(row) for row in table["rows"])
        made["table"] = EvidenceTable(tuple(table["heads"]), rows, table.get("left_out", 0))
    for name in ("begin", "end"):
        if made.get(name):
            made[name] = datetime.fromisoformat(made[name])
    return Evidence(**made)


def dump_evidence(detail: Evidence) -> dict[str, Any]:
    """A detail as JSON can hold it."""
    table = detail.table
    return {
        "table": None
        if table is None
        else {
            "heads": list(table.heads),
            "rows": [list(row) for row in table.rows],
            "left_out": table.left_out,
        },
        "text": detail.text,
        "link": detail.link,
        "command": detail.command,
        "begin": detail.begin.isoformat() if detail.begin else None,
        "end": detail.end.isoformat() if detail.end else None,
        "age": detail.age,
        "aged": detail.aged,
        "next_look": detail.next_look,
        "chart": detail.chart,
    }


def parse_suspect(kept: Mapping[str, Any] | None) -> Suspect | None:
    """A suspect from its JSON; what a newer version added is passed over."""
    if not kept:
        return None
    at = kept.get("at")
    began = datetime.fromisoformat(at) if at else None
    return Suspect(kept["kind"], kept["name"], kept.get("why", ""), began)


def dump_suspect(suspect: Suspect | None) -> dict[str, Any] | None:
    """A suspect as JSON can hold it."""
    if suspect is None:
        return None
    at = suspect.at.isoformat() if suspect.at else None
    return {"kind": suspect.kind, "name": suspect.name, "why": suspect.why, "at": at}


def deduplicate_results(results: Iterable[StepResult]) -> tuple[tuple[StepResult, ...], ...]:
    """The results, those together that answer the same question of several playbooks with the same words."""
    groups: dict[tuple[object, ...], list[list[StepResult]]] = {}
    told: list[list[StepResult]] = []
    for result in results:
        same = groups.setdefault(build_result_key(result), [])
        group = next((one for one in same if result.playbook not in {other.playbook for other in one}), None)
        if group is None:
            same.append(group := [])
            told.append(group)
        group.append(result)
    return tuple(map(tuple, told))


def build_result_key(result: StepResult) -> tuple[object, ...]:
    """What a reader cannot tell apart: the question, and the answer to it."""
    answer = (result.verdict, result.cause, result.headline, result.measure, result.note)
    return (result.title, result.runs, *answer)


@dataclass(frozen=True, slots=True)
class PlaybookMatch:
    """A playbook that may fit what was found: the higher the `score` the better, and why in one sentence."""

    playbook: str
    title: str
    score: int
    reason: str


WEIGHTS = {BAD: 3, WARN: 1}


def rank_playbooks(results: Iterable[StepResult], titles: Mapping[str, str]) -> tuple[PlaybookMatch, ...]:
    """The playbooks (`titles` by id) by what their steps found, the best first; those without a problem are left out.

    A finding of a step that many playbooks share tells little about which of them fits: it counts by the share.
    """
    listed = list(results)
    sharing: dict[str, set[str]] = {}
    for result in listed:
        sharing.setdefault(result.digest or result.title, set()).add(result.playbook)
    fits = []
    for playbook, title in titles.items():
        own = [result for result in listed if result.playbook == playbook and result.verdict in WEIGHTS]
        if not own:
            continue
        weighed = {
            result: 60 * WEIGHTS[str(result.verdict)] // len(sharing[result.digest or result.title])
            for result in own
        }
        best = max(own, key=lambda result: weighed[result])
        fits.append(PlaybookMatch(playbook, title, sum(weighed.values()), best.headline))
    return tuple(sorted(fits, key=lambda match: -match.score))
