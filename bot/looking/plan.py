"""Which steps a look runs, and what each of them asks: the runbook's commands, read again with the clock of now."""

import logging
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.commands import Given, recognise
from bot.evidence import ALL, ONE, UNKNOWN, Asked, Result, with_inputs
from bot.looking.standing import Names, behind, behind_symptoms, names_in
from bot.runbook import Runbook, meaning_of, thresholds, told_of
from bot.step import Action, AwsCall, Call, Kind, Playbook, Step
from diagnostics.question import Question
from diagnostics.systems import Later

log = logging.getLogger(__name__)

ValueOf = Callable[[str], str | None]
"""The value of a variable that names a monitored system; None when it is not set."""

DEAR = frozenset({"logs.start_query", "postgres.preview", "crashlytics.pattern", "ecs.utilisation"})
"""What takes longer or is billed: not run where it is only asked which playbook fits."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One step of a look: as it is shown, and what it asks; None where it waits for somebody or lacks something."""

    result: Result
    question: Question | None = None


@dataclass(frozen=True, slots=True)
class _Step:
    """A step, or a symptom in its place, with one of the things it asks."""

    playbook: Playbook
    line: int
    title: str
    kind: Kind
    action: Action
    step: Step | None = None


def plan(
    asked: Asked, runbook: Runbook, systems: Later, value_of: ValueOf, now: datetime, began: datetime
) -> list[Planned]:
    """The steps in the runbook's order. Reading commands takes milliseconds each: not for the event loop."""
    names = names_in(runbook.playbooks)
    steps = [each for playbook in _playbooks(asked, runbook) for each in _steps(playbook, names)]
    if asked.step is not None:
        steps = [each for each in steps if (each.playbook.file, each.line) == asked.step]
    if asked.scope == ALL:
        steps = [each for each in steps if each.kind is not Kind.PROBE and each.action.runs not in DEAR]
    clicked = asked.scope == ONE and bool(asked.asked_by)
    inputs = asked.inputs if asked.step is not None else {}
    planned = []
    for place, each in enumerate(steps):
        result = _result(place, each, inputs)
        try:
            planned.append(_planned(result, each, clicked, systems, value_of, now, began, inputs))
        except Exception:  # noqa: BLE001 - a fault of ours in one step must not lose the others; it is logged
            planned.append(Planned(failed(result)))
    return planned


def _playbooks(asked: Asked, runbook: Runbook) -> Sequence[Playbook]:
    if asked.scope == ALL or asked.step is not None:
        return runbook.playbooks
    found = runbook.playbook(asked.what)
    return [found] if found else []


def _steps(playbook: Playbook, names: Names) -> Iterator[_Step]:
    for title, line, action in behind_symptoms(playbook):
        yield _Step(playbook, line, title, Kind.DIAGNOSTIC, action)
    for step in playbook.steps():
        meaning = meaning_of(step)
        runs_itself = meaning.kind in (Kind.DIAGNOSTIC, Kind.PROBE)
        actions = meaning.actions if runs_itself else behind(step, names)
        for number, action in enumerate(actions):
            title = step.title if not number else f"{step.title} ({number + 1})"
            kind = meaning.kind if runs_itself else Kind.DIAGNOSTIC
            yield _Step(playbook, step.line, title, kind, action, step)


def _result(place: int, each: _Step, inputs: Mapping[str, str]) -> Result:
    return Result(
        place,
        each.playbook.id,
        each.line,
        each.playbook.file,
        with_inputs(each.title, inputs),
        each.kind.value,
        each.action.runs,
    )


def failed(result: Result) -> Result:
    """The result of a step that could not be planned by a fault of ours; for where that was caught."""
    error_id = uuid.uuid4().hex[:8]
    log.exception("%s could not be planned, error %s", result.title, error_id)
    said = f"{result.title}: a fault of mine. The log has it as error {error_id}."
    return replace(result, verdict=UNKNOWN, cause="bug", headline=said)


def _planned(
    result: Result,
    each: _Step,
    clicked: bool,
    systems: Later,
    value_of: ValueOf,
    now: datetime,
    began: datetime,
    inputs: Mapping[str, str],
) -> Planned:
    if each.kind is Kind.PROBE and not clicked:
        return Planned(replace(result, note="waits for your click: the other side notices it"))
    meaning = meaning_of(each.step) if each.step else None
    needs = meaning.needs if meaning else ()
    if typed := [need for need in needs if not need.startswith("$") and need not in inputs]:
        return Planned(replace(result, note=f"needs {', '.join(typed)} from you"))
    if missing := [need[1:] for need in needs if need not in inputs and not value_of(need[1:])]:
        names = " and ".join(missing)
        verb = "is" if len(missing) == 1 else "are"
        return Planned(_not_configured(result, f"Not asked: {names} {verb} not set where Tocsin runs."))
    if lacking := systems.lacks(each.action):
        return Planned(_not_configured(result, lacking))
    action = _read_now(each, now, value_of, inputs)
    if action is None:
        said = "Not asked: with the values of now the command means something else. Run it yourself."
        return Planned(_not_configured(result, said))
    told = (meaning.thresholds if meaning else ()) + thresholds(each.playbook)
    # What a preview only looks at must not be offered for typing: it would do it.
    is_remediation = meaning is not None and meaning.kind is Kind.REMEDIATION
    command = (each.step.command or "") if each.step and not is_remediation else ""
    comment = "--" if each.step and each.step.language.endswith("sql") else "#"
    command += "".join(f"\n{comment} {gap} is {text}" for gap, text in inputs.items())
    return Planned(result, Question(each.title, action, now, told, began, command))


def _not_configured(result: Result, said: str) -> Result:
    return replace(result, verdict=UNKNOWN, cause="not_configured", headline=said)


def _read_now(each: _Step, now: datetime, value_of: ValueOf, inputs: Mapping[str, str]) -> Action | None:
    """The step's action with the dates and the variables of now; None when it would be another kind of step then."""
    step = each.step
    if step is None or step.command is None or not meaning_of(step).actions:
        return each.action
    before = meaning_of(step)
    if not before.needs and not _moves_on(step.command, each.action):
        return each.action
    values = {need[1:]: value for need in before.needs if (value := value_of(need[1:]))}
    read = recognise(step.command, step.language, Given(now, values, inputs, told_of(step).variables))
    place = before.actions.index(each.action) if each.action in before.actions else -1
    if each.action.runs == "postgres.preview":
        preview = [action for action in read.actions if action.call is not None]
        return Action("postgres.preview", preview[0].call) if preview else None
    if read.needs or len(read.actions) != len(before.actions) or place < 0:
        return None
    dangerous = read.kind is Kind.REMEDIATION or (read.kind is Kind.PROBE and before.kind is Kind.DIAGNOSTIC)
    found = read.actions[place]
    if dangerous or (inputs and read.kind is not Kind.DIAGNOSTIC) or found.runs != each.action.runs:
        return None
    # What the reading of the whole runbook added (a dimension that another step names) stays.
    return replace(found, call=_completed(found.call, each.action.call))


def _moves_on(command: str, action: Action) -> bool:
    """Whether a command means something else at another time: `$(date ...)`, `--since 10m`."""
    of_logs = isinstance(action.call, AwsCall) and action.call.service == "logs"
    return of_logs or "$" in command or "`" in command


def _completed(read: Call, before: Call) -> Call:
    if not isinstance(read, AwsCall) or not isinstance(before, AwsCall):
        return read
    now, then = read.parameters.get("Dimensions"), before.parameters.get("Dimensions")
    if not isinstance(now, list) or not isinstance(then, list) or len(then) <= len(now):
        return read
    named = [each.get("Name") for each in now]
    added = [each for each in then if each.get("Name") not in named]
    return replace(read, parameters={**read.parameters, "Dimensions": [*added, *now]})
