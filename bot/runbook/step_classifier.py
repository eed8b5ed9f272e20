"""What every step of a runbook means, and the problems that only show when its commands are understood."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from bot.command_parsers import MAX_TEXT_LENGTH, ParseContext, classify_command, classify_instruction
from bot.domain.playbook import Action, Annotation, HttpCall, ParsedStep, Playbook, Step, StepKind
from bot.runbook.annotations import parse_annotations
from bot.runbook.ecs_dimensions import complete_playbook
from bot.runbook.linked_files import resolve_link
from bot.runbook.model import NamedLink, Problem, Runbook, format_place, sort_problems

IsSet = Callable[[str], bool]
"""Whether a variable of the environment has a value."""

Reaches = Callable[[str], str | None]
"""What is wrong with a path beside the main runbook, None when its file is there."""

MAX_COMMANDS = 2_000
MAX_WORK = 4 * 10**8
MAX_SERVICES = 50
"""What is recognised in one runbook: distinct commands, the sum of their lengths squared (which is what a grammar
takes at its worst), and services of AWS, each with a model to read. Further steps are a person's."""

FIXES = re.compile(
    r"\b(?:fix|resol(?:ution|v)|remed(?:y|iat)|mitigat|recover|roll ?back|restor|repair|work ?around|correct)",
    re.I,
)
"""Sections whose steps are there to change something: what is posted there is not only asked."""

HEALTH_CHECK = re.compile(r"/(?:healthz?|ping|ready)/?$", re.I)
"""Addresses that only say how something is, whatever section asks them."""

AWS = re.compile(r"\baws\s+(?:--\S+\s+[^-\s]\S*\s+)*([a-z][a-z0-9-]+)")


def classify_step(step: Step) -> ParsedStep:
    """What a step means, with what its comment adds: it may make a step more careful, never less.

    The clock stands still here: its dates are right when the command is recognised again before it runs.
    """
    if step.meaning is not None:
        return step.meaning
    told = parse_annotations(step)
    if step.command is None:
        meaning = classify_instruction(f"{step.title}\n{step.note}")
    else:
        meaning = classify_command(step.command, step.language, ParseContext(allowed=told.variables))
    if told.never and meaning.kind is StepKind.DIAGNOSTIC:
        meaning = replace(
            meaning, kind=StepKind.PROBE, why="the runbook says: never by itself", harmless=True
        )
    if meaning.kind is StepKind.PROBE and FIXES.search(step.section) and any(map(_acts, meaning.actions)):
        meaning = replace(
            meaning, kind=StepKind.REMEDIATION, why=f"it posts something in {step.section}", harmless=False
        )
    if told.stands_for:
        why = f"the runbook says that it stands for {told.stands_for}"
        meaning = replace(
            meaning,
            kind=StepKind.REMEDIATION,
            why=why,
            stands_for=told.stands_for,
            arguments=told.arguments,
        )
    return replace(meaning, thresholds=told.thresholds) if meaning.actions else meaning


def _acts(action: Action) -> bool:
    """Whether it posts to anything but a health check."""
    call = action.call
    return isinstance(call, HttpCall) and call.method == "POST" and not HEALTH_CHECK.search(call.url)


def classify_steps(runbook: Runbook) -> Runbook:
    """The runbook with the meaning of each step. Equal commands are read once, and so many at most."""
    reader = _StepClassifier()
    playbooks = (complete_playbook(playbook.with_steps(reader.read)) for playbook in runbook.playbooks)
    return replace(runbook, playbooks=tuple(playbooks))


class _StepClassifier:
    """Recognises the steps of one runbook in bounded time, whatever stands in it."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, bool, bool, tuple[Annotation, ...]], ParsedStep] = {}
        self._services: set[str] = set()
        self._work = 0

    def read(self, step: Step) -> Step:
        if step.meaning is not None:
            return step
        text = step.command or f"{step.title}\n{step.note}"
        key = (text, step.language, step.command is None, bool(FIXES.search(step.section)), step.said)
        if key not in self._known:
            self._known[key] = self._within_bounds(step, text)
        return replace(step, meaning=self._known[key])

    def _within_bounds(self, step: Step, text: str) -> ParsedStep:
        if step.command is not None:
            work = len(text) ** 2
            services = self._services | set(AWS.findall(text[:MAX_TEXT_LENGTH]))
            if len(self._known) >= MAX_COMMANDS or len(services) > MAX_SERVICES:
                return ParsedStep(StepKind.MANUAL, "the runbook has more commands than are recognised")
            if len(text) <= MAX_TEXT_LENGTH and self._work + work > MAX_WORK:
                return ParsedStep(
                    StepKind.MANUAL, "the runbook's commands are too long to recognise them all"
                )
            self._services = services
            self._work += work if len(text) <= MAX_TEXT_LENGTH else 0
        return classify_step(step)


def describe_counts(steps: Sequence[Step]) -> str:
    """`21 commands: 18 run by themselves, 1 probe, 2 you run; 4 links, 2 for you`."""
    kinds = Counter(classify_step(step).kind for step in steps)
    commands = sum(1 for step in steps if step.command)
    ran = [
        f"{kinds[StepKind.DIAGNOSTIC]} {'runs by itself' if kinds[StepKind.DIAGNOSTIC] == 1 else 'run by themselves'}",
        f"{kinds[StepKind.PROBE]} {'probe' if kinds[StepKind.PROBE] == 1 else 'probes'}",
        f"{kinds[StepKind.REMEDIATION]} to run yourself",
    ]
    links = f"{kinds[StepKind.LINK]} {'link' if kinds[StepKind.LINK] == 1 else 'links'}"
    total = f"{commands} {'command' if commands == 1 else 'commands'}"
    return f"{total}: {', '.join(ran)}; {links}, {kinds[StepKind.MANUAL]} to do yourself"


def add_problems(runbook: Runbook, is_set: IsSet, reaches: Reaches) -> Runbook:
    """The runbook recognised, and among its problems those of its commands and of its relative links."""
    runbook = classify_steps(runbook)
    found = [problem for playbook in runbook.playbooks for problem in _problems(playbook)]
    found += _unset(runbook, is_set)
    found += [problem for link in runbook.related for problem in _dead(link, reaches)]
    return replace(runbook, problems=sort_problems([*runbook.problems, *found]))


def _dead(link: NamedLink, reaches: Reaches) -> Iterator[Problem]:
    wrong = None if "://" in link.url else reaches(resolve_link(link))
    if wrong:
        message = f"The link “{link.name}” is a broken link: {link.url} {wrong}."
        yield Problem(link.line, "warning", message, link.file)


def _problems(playbook: Playbook) -> Iterator[Problem]:
    for step in playbook.steps():
        meaning = classify_step(step)
        for hint in meaning.hints:
            yield Problem(step.line, "warning", hint, playbook.file)
        told = parse_annotations(step)
        for line, message in told.wrong:
            yield Problem(line, "warning", message, playbook.file)
        if told.thresholds and not meaning.actions:
            message = (
                f"The comment says “{told.thresholds[0]}”, but Tocsin does not run this step: {meaning.why}."
            )
            yield Problem(told.thresholds[0].line, "warning", message, playbook.file)


def _unset(runbook: Runbook, is_set: IsSet) -> Iterator[Problem]:
    """One warning for the variables that are missing at the same lines, at the first of them."""
    places: dict[str, list[tuple[int, str]]] = {}
    for name, line, file in _needs(runbook):
        if not is_set(name[1:]):
            places.setdefault(name, []).append((line, file))
    together: dict[tuple[tuple[int, str], ...], list[str]] = {}
    for name, lines in places.items():
        together.setdefault(tuple(lines), []).append(name)
    for ((line, file), *more), names in together.items():
        others = f" (also at {', '.join(format_place(*other) for other in more[:3])})" if more else ""
        named = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
        verb, them = ("is", "it") if len(names) == 1 else ("are", "them")
        message = (
            f"{named} {verb} not set, and the command here{others} cannot run without {them}."
            f" Set {them} where Tocsin runs."
        )
        yield Problem(line, "warning", message, file)


def _needs(runbook: Runbook) -> Iterator[tuple[str, int, str]]:
    """The variables that a command needs, such as `$CLUSTER`, each with its line and file."""
    for playbook in runbook.playbooks:
        for step in playbook.steps():
            for need in classify_step(step).variables:
                yield need, step.line, playbook.file
