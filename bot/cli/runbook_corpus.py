"""How much of a folder of runbooks is understood, beside what a person wrote down as right before it was read.

For each `NAME.md` there may be a `NAME.expected.json`. Its fields, none of which is needed: `severities` (id to
seconds or null), `first_call` (who is paged at once at the top severity), `playbooks` (titles), `reading`, `inline`,
and `changing` (parts of commands), `templates` (kind to words of their first line), `cadence` (seconds), `contacts`
(names), `checklist` (how many items), `facts` (words that a template must never post).
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.adapters.runbook_files import load_runbook_files
from bot.domain.playbook import Step, StepKind
from bot.runbook import (
    Literal,
    Runbook,
    UndecodableFile,
    add_problems,
    classify_step,
    parse_runbook,
    select_first_contacts,
)


@dataclass(frozen=True, slots=True)
class CorpusFigure:
    """What was found of what there is, and how much that there is not; the last two are what it must reach."""

    name: str
    found: int
    there: int
    false: int
    least: float
    most_false: int

    @property
    def share(self) -> float:
        """From 0 to 1; 1 where there is nothing to find."""
        return self.found / self.there if self.there else 1.0

    @property
    def reached(self) -> bool:
        return self.share >= self.least and self.false <= self.most_false


Tally = tuple[int, int, int]
"""Found, there, false."""


def _unset(_: str) -> bool:
    return False


def measure_corpus(folder: Path) -> list[CorpusFigure]:
    """Every figure over the Markdown files of a folder that have an expectation, and over all that they are usable."""
    tallies: defaultdict[str, list[Tally]] = defaultdict(list)
    for path in sorted(folder.glob("*.md")):
        runbook = read_runbook(path)
        usable = runbook is not None and not any(runbook.errors())
        tallies["starts"].append((int(usable), 1, 0))
        beside = path.with_suffix(".expected.json")
        if runbook is None or not beside.exists():
            continue
        expected = json.loads(beside.read_text())
        for name, judge in JUDGES.items():
            if name in expected:
                tallies[name].append(judge(runbook, expected[name], path))
    return [_sum(name, tallies[name]) for name in LIMITS if tallies[name]]


def _sum(name: str, tallies: Sequence[Tally]) -> CorpusFigure:
    found, there, false = (sum(tally[at] for tally in tallies) for at in range(3))
    return CorpusFigure(name, found, there, false, *LIMITS[name])


def read_runbook(path: Path) -> Runbook | None:
    """A file with those that it links to, as `check` reads it; None where it cannot be decoded."""
    try:
        shelf = load_runbook_files(path)
    except (OSError, UndecodableFile):
        return None
    return add_problems(parse_runbook(shelf.text, shelf.problems), _unset, lambda _: None)


def _compare(found: Sequence[object], expected: Sequence[object]) -> Tally:
    shared = [value for value in expected if value in found]
    return len(shared), len(expected), len([value for value in found if value not in expected])


def _severities(runbook: Runbook, expected: Mapping[str, int | None], path: Path) -> Tally:
    own = () if runbook.assumes_severities else runbook.severities
    found = [(level.id, int(level.response.total_seconds()) if level.response else None) for level in own]
    return _compare(found, [*expected.items()])


def _first_call(runbook: Runbook, expected: Sequence[str], path: Path) -> Tally:
    names = [contact.name for contact in runbook.contacts]
    met = select_first_contacts(runbook, runbook.severities[0], names)
    called = [*met.matched, *([] if met.matched else met.unmatched), *(["everyone"] if met.everyone else [])]
    right = sorted(name.casefold() for name in called) == sorted(name.casefold() for name in expected)
    return int(right and bool(expected)), int(bool(expected)), int(bool(called) and not expected)


def _playbooks(runbook: Runbook, expected: Sequence[str], path: Path) -> Tally:
    return _compare([playbook.title for playbook in runbook.playbooks if not playbook.general], expected)


def _steps(runbook: Runbook) -> Iterator[Step]:
    return (step for playbook in runbook.playbooks for step in playbook.steps() if step.command)


def _holds(step: Step, words: str) -> bool:
    command = (step.command or "").replace("\\\n", " ")
    return " ".join(words.split()) in " ".join(command.split())


def _reading(runbook: Runbook, expected: Sequence[str], path: Path) -> Tally:
    native = [step for step in _steps(runbook) if classify_step(step).kind is StepKind.DIAGNOSTIC]
    found = [words for words in expected if any(_holds(step, words) for step in native)]
    return len(found), len(expected), 0


def _changing(runbook: Runbook, expected: Sequence[str], path: Path) -> Tally:
    native = [step for step in _steps(runbook) if classify_step(step).kind is StepKind.DIAGNOSTIC]
    wrong = [words for words in expected if any(_holds(step, words) for step in native)]
    return len(expected) - len(wrong), len(expected), len(wrong)


def _templates(runbook: Runbook, expected: Mapping[str, str], path: Path) -> Tally:
    lines = path.read_text(errors="replace").split("\n")
    right = [
        id
        for id, words in expected.items()
        if id in runbook.templates and words in lines[runbook.templates[id].line - 1]
    ]
    return len(right), len(expected), len(set(runbook.templates) - set(expected))


def _cadence(runbook: Runbook, expected: int, path: Path) -> Tally:
    every = runbook.update_every
    return int(every is not None and int(every.total_seconds()) == expected), 1, 0


def _contacts(runbook: Runbook, expected: Sequence[str], path: Path) -> Tally:
    return _compare([contact.name for contact in runbook.contacts], expected)


def _checklist(runbook: Runbook, expected: int, path: Path) -> Tally:
    items = sum(len(window.items) for window in runbook.windows)
    return min(items, expected), expected, max(0, items - expected)


def _facts(runbook: Runbook, expected: Sequence[str], path: Path) -> Tally:
    posted = "\n".join(
        part.text
        for template in runbook.templates.values()
        for line in template.lines
        for part in line.parts
        if isinstance(part, Literal)
    )
    told = [fact for fact in expected if fact in posted]
    return len(expected) - len(told), len(expected), len(told)


Judge = Callable[[Runbook, Any, Path], Tally]
JUDGES: Mapping[str, Judge] = {
    "reading": _reading,
    "inline": _reading,
    "changing": _changing,
    "playbooks": _playbooks,
    "severities": _severities,
    "first_call": _first_call,
    "templates": _templates,
    "cadence": _cadence,
    "contacts": _contacts,
    "checklist": _checklist,
    "facts": _facts,
}
LIMITS = {
    "starts": (1.0, 0),
    "reading": (0.95, 0),
    "inline": (0.9, 0),
    "changing": (1.0, 0),
    "playbooks": (0.95, 0),
    "severities": (0.98, 0),
    "first_call": (0.98, 0),
    "templates": (0.95, 0),
    "cadence": (0.95, 0),
    "contacts": (0.95, 0),
    "checklist": (0.9, 0),
    "facts": (1.0, 0),
}
"""What each must reach: the share that is found, and how many may be false."""


def report_corpus(folder: Path, say: Callable[[str], None]) -> int:
    """Print a line for each figure. Gives 0 when all are reached, else 1."""
    return say_figures(measure_corpus(folder), say)


def say_figures(figures: Sequence[CorpusFigure], say: Callable[[str], None]) -> int:
    """Print a line for each. Gives 0 when all are reached, else 1."""
    for figure in figures:
        mark = "reached" if figure.reached else "MISSED"
        say(
            f"{figure.name:12} {figure.found:4} of {figure.there:4} ({figure.share:.0%}), {figure.false} false  {mark}"
        )
    return 0 if figures and all(figure.reached for figure in figures) else 1
