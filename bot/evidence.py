"""What was found when a playbook's steps were run: frozen looks and results, as the database keeps them.

Everything here was redacted before it was made.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.letters import cut

BAD, WARN, OK, UNKNOWN = "bad", "warn", "ok", "unknown"
"""Verdicts as the database keeps them."""

WHOLE, ONE, ALL = "playbook", "step", "all"
"""What was run: a playbook's steps, one step, or the cheap steps of all playbooks."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts under their heads. `left_out` counts the rows that are not shown."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Detail:
    """The evidence behind a headline. `age` is how many seconds old the newest of what was read was then, None where
    that is not known, or how long ago was what `aged` says; `begin` and `end` are the span that was looked at; `chart`
    says what a picture of it shows, in words, empty when there is none."""

    table: Table | None = None
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
class Result:
    """One step of a look. `playbook` is an id, `line` counts in `file` (empty: the runbook's own).

    `kind` is a Kind's value. `verdict` is None while it is waited for; a step that waits for a click has a `note`,
    which says so. `collected_at` is when it was read, before `seen_at` when it was read for somebody else a moment
    ago. `measure` is the short value (`4/6`), `digest` the SHA-256 of what was seen in hexadecimal.
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
    detail: Detail = field(default_factory=Detail)
    collected_at: datetime | None = None
    seen_at: datetime | None = None

    @property
    def step(self) -> tuple[str, int, str]:
        """What makes it the same step in another look."""
        return self.file, self.line, self.title

    @property
    def is_waited_for(self) -> bool:
        """Whether its verdict is still to come."""
        return self.verdict is None and not self.note


@dataclass(frozen=True, slots=True)
class Look:
    """One run of steps. `number` counts the looks of its incident from 1; `scope` is WHOLE, ONE or ALL and `what` the
    playbook's id or the step's title; `asked_by` is a user's id, empty when it began by itself.

    `before` are the results of the last look before it in which the same steps were run, by `Result.step`.
    """

    id: int
    incident: int
    number: int
    scope: str
    what: str
    asked_by: str
    begun_at: datetime
    ended_at: datetime | None = None
    results: tuple[Result, ...] = ()
    before: Mapping[tuple[str, int, str], Result] = field(default_factory=dict)

    def of(self, verdict: str) -> tuple[Result, ...]:
        """The results with this verdict, in the runbook's order."""
        return tuple(each for each in self.results if each.verdict == verdict)

    @property
    def waited_for(self) -> tuple[Result, ...]:
        """The results that are still to come; none once the look has ended."""
        return () if self.ended_at else tuple(each for each in self.results if each.is_waited_for)


@dataclass(frozen=True, slots=True)
class Asked:
    """A look to be run. `step` is (file, line) of the one step that is meant, None for all of them; `inputs` are what a
    person filled in for its gaps, by the gap as typed; `attempts` counts how often it was begun."""

    id: int
    incident: int
    scope: str
    what: str
    asked_by: str
    step: tuple[str, int] | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    attempts: int = 1


LONGEST_TITLE = 120


def with_inputs(title: str, inputs: Mapping[str, str]) -> str:
    """A step's title with what it was filled in with: with other values it is another question."""
    return cut(f"{title} ({', '.join(inputs.values())})", LONGEST_TITLE) if inputs else title


NOT_CONFIGURED = "not_configured"
"""The cause of what lacks a setting."""

STOPPED = "stopped"
"""The cause of what has no answer because the incident ended first."""


def counted(results: Iterable[Result]) -> dict[str, int]:
    """How many there are of each verdict."""
    return dict(Counter(each.verdict for each in results if each.verdict))


def digest_of(results: Iterable[Result]) -> str:
    """The SHA-256 of all that was seen, in hexadecimal."""
    places = {each.place: each.digest for each in results}
    return hashlib.sha256("".join(f"{place}{places[place]}" for place in sorted(places)).encode()).hexdigest()


def detail_of(kept: Mapping[str, Any]) -> Detail:
    """A detail from its JSON, as `as_json` wrote it."""
    table = kept.get("table")
    made = dict(kept)
    if table is not None:
        rows = tuple(tuple(row) for row in table["rows"])
        made["table"] = Table(tuple(table["heads"]), rows, table["left_out"])
    for name in ("begin", "end"):
        if made.get(name):
            made[name] = datetime.fromisoformat(made[name])
    return Detail(**made)


def as_json(detail: Detail) -> dict[str, Any]:
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


def told_once(results: Iterable[Result]) -> tuple[tuple[Result, ...], ...]:
    """The results, those together that answer the same question of several playbooks with the same words."""
    groups: dict[tuple[object, ...], list[list[Result]]] = {}
    told: list[list[Result]] = []
    for each in results:
        same = groups.setdefault(question_of(each), [])
        group = next((one for one in same if each.playbook not in {other.playbook for other in one}), None)
        if group is None:
            same.append(group := [])
            told.append(group)
        group.append(each)
    return tuple(map(tuple, told))


def question_of(result: Result) -> tuple[object, ...]:
    """What a reader cannot tell apart: the question, and the answer to it."""
    answer = (result.verdict, result.cause, result.headline, result.measure, result.note)
    return (result.title, result.runs, *answer)


@dataclass(frozen=True, slots=True)
class Fit:
    """A playbook that may fit what was found: the higher the `score` the better, and why in one sentence."""

    playbook: str
    title: str
    score: int
    reason: str


WEIGHTS = {BAD: 3, WARN: 1}


def ranked(results: Iterable[Result], titles: Mapping[str, str]) -> tuple[Fit, ...]:
    """The playbooks (`titles` by id) by what their steps found, the best first; those without a problem are left out.

    A finding of a step that many playbooks share tells little about which of them fits: it counts by the share.
    """
    listed = list(results)
    sharing: dict[str, set[str]] = {}
    for each in listed:
        sharing.setdefault(each.digest or each.title, set()).add(each.playbook)
    fits = []
    for playbook, title in titles.items():
        own = [each for each in listed if each.playbook == playbook and each.verdict in WEIGHTS]
        if not own:
            continue
        weighed = {
            each: 60 * WEIGHTS[str(each.verdict)] // len(sharing[each.digest or each.title]) for each in own
        }
        best = max(own, key=lambda each: weighed[each])
        fits.append(Fit(playbook, title, sum(weighed.values()), best.headline))
    return tuple(sorted(fits, key=lambda each: -each.score))
