"""What every step of a runbook means, and the problems that only show when its commands are understood."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from bot.commands import LONGEST, Given, recognise, recognise_words
from bot.runbook.dimensions import completed
from bot.runbook.linked import beside
from bot.runbook.model import Link, Problem, Runbook, in_order, place
from bot.runbook.said import told_of
from bot.step import Kind, Meaning, Playbook, Said, Step

IsSet = Callable[[str], bool]
"""Whether a variable of the environment has a value."""

Reaches = Callable[[str], str | None]
"""What is wrong with a path beside the main runbook, None when its file is there."""

MOST = 2_000
MOST_WORK = 4 * 10**8
MOST_SERVICES = 50
"""What is recognised in one runbook: distinct commands, the sum of their lengths squared (which is what a grammar
takes at its worst), and services of AWS, each with a model to read. Further steps are a person's."""

AWS = re.compile(r"\baws\s+(?:--\S+\s+[^-\s]\S*\s+)*([a-z][a-z0-9-]+)")


def meaning_of(step: Step) -> Meaning:
    """What a step means, with what its comment adds: it may make a step more careful, never less.

    The clock stands still here: its dates are right when the command is recognised again before it runs.
    """
    if step.meaning is not None:
        return step.meaning
    told = told_of(step)
    if step.command is None:
        meaning = recognise_words(f"{step.title}\n{step.note}")
    else:
        meaning = recognise(step.command, step.language, Given(allowed=told.variables))
    if told.never and meaning.kind is Kind.DIAGNOSTIC:
        meaning = replace(meaning, kind=Kind.PROBE, why="the runbook says: never by itself")
    if told.stands_for:
        why = f"the runbook says that it stands for {told.stands_for}"
        meaning = replace(meaning, kind=Kind.REMEDIATION, why=why, stands_for=told.stands_for)
    return replace(meaning, thresholds=told.thresholds) if meaning.actions else meaning


def recognised(runbook: Runbook) -> Runbook:
    """The runbook with the meaning of each step. Equal commands are read once, and so many at most."""
    reader = _Reader()
    playbooks = (completed(playbook.with_steps(reader.read)) for playbook in runbook.playbooks)
    return replace(runbook, playbooks=tuple(playbooks))


class _Reader:
    """Recognises the steps of one runbook in bounded time, whatever stands in it."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, bool, tuple[Said, ...]], Meaning] = {}
        self._services: set[str] = set()
        self._work = 0

    def read(self, step: Step) -> Step:
        if step.meaning is not None:
            return step
        text = step.command or f"{step.title}\n{step.note}"
        key = (text, step.language, step.command is None, step.said)
        if key not in self._known:
            self._known[key] = self._within_bounds(step, text)
        return replace(step, meaning=self._known[key])

    def _within_bounds(self, step: Step, text: str) -> Meaning:
        if step.command is not None:
            work = len(text) ** 2
            services = self._services | set(AWS.findall(text[:LONGEST]))
            if len(self._known) >= MOST or len(services) > MOST_SERVICES:
                return Meaning(Kind.MANUAL, "the runbook has more commands than are recognised")
            if len(text) <= LONGEST and self._work + work > MOST_WORK:
                return Meaning(Kind.MANUAL, "the runbook's commands are too long to recognise them all")
            self._services = services
            self._work += work if len(text) <= LONGEST else 0
        return meaning_of(step)


def tally(steps: Sequence[Step]) -> str:
    """`21 commands: 18 run by themselves, 1 probe, 2 wait for approval; 4 links, 2 for you`."""
    kinds = Counter(meaning_of(step).kind for step in steps)
    commands = sum(1 for step in steps if step.command)
    ran = [
        f"{kinds[Kind.DIAGNOSTIC]} {'runs by itself' if kinds[Kind.DIAGNOSTIC] == 1 else 'run by themselves'}",
        f"{kinds[Kind.PROBE]} {'probe' if kinds[Kind.PROBE] == 1 else 'probes'}",
        f"{kinds[Kind.REMEDIATION]} {'waits' if kinds[Kind.REMEDIATION] == 1 else 'wait'} for approval",
    ]
    links = f"{kinds[Kind.LINK]} {'link' if kinds[Kind.LINK] == 1 else 'links'}"
    total = f"{commands} {'command' if commands == 1 else 'commands'}"
    return f"{total}: {', '.join(ran)}; {links}, {kinds[Kind.MANUAL]} for you"


def with_problems(runbook: Runbook, is_set: IsSet, reaches: Reaches) -> Runbook:
    """The runbook recognised, and among its problems those of its commands and of its relative links."""
    runbook = recognised(runbook)
    found = [each for playbook in runbook.playbooks for each in _problems(playbook)]
    found += _unset(runbook, is_set)
    found += [each for link in runbook.related for each in _dead(link, reaches)]
    return replace(runbook, problems=in_order([*runbook.problems, *found]))


def _dead(link: Link, reaches: Reaches) -> Iterator[Problem]:
    wrong = None if "://" in link.url else reaches(beside(link))
    if wrong:
        message = f"The link “{link.name}” leads nowhere: {link.url} {wrong}."
        yield Problem(link.line, "warning", message, link.file)


def _problems(playbook: Playbook) -> Iterator[Problem]:
    for step in playbook.steps():
        meaning = meaning_of(step)
        for hint in meaning.hints:
            yield Problem(step.line, "warning", hint, playbook.file)
        told = told_of(step)
        for line, message in told.wrong:
            yield Problem(line, "warning", message, playbook.file)
        if told.thresholds and not meaning.actions:
            message = (
                f"The comment says “{told.thresholds[0]}”, but Tocsin does not run this step: {meaning.why}."
            )
            yield Problem(told.thresholds[0].line, "warning", message, playbook.file)


def _unset(runbook: Runbook, is_set: IsSet) -> Iterator[Problem]:
    """One warning for each variable that is missing, at the first line that needs it."""
    needing: dict[str, list[tuple[int, str]]] = {}
    for playbook in runbook.playbooks:
        for step in playbook.steps():
            for need in meaning_of(step).needs:
                if need.startswith("$") and not is_set(need[1:]):
                    needing.setdefault(need, []).append((step.line, playbook.file))
    for name, ((line, file), *more) in needing.items():
        others = f" (also at {', '.join(place(*each) for each in more[:3])})" if more else ""
        message = f"{name} is not set, and the command here{others} cannot run without it. Set it where Tocsin runs."
        yield Problem(line, "warning", message, file)
