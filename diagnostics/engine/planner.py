"""Plans a diagnostic run: which steps it runs, and the request of each, read again with the current time."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.command_parsers import ParseContext, classify_command
from bot.domain.check_request import CheckRequest, UnfinishedCommand
from bot.domain.diagnostic_run import (
    ALL,
    ONE,
    UNKNOWN,
    DiagnosticRunRequest,
    StepResult,
    format_title_with_inputs,
)
from bot.domain.playbook import Action, AwsCall, Call, ParsedStep, Playbook, Step, StepKind
from bot.ports.diagnostics import PlannedCheck, build_planning_failure
from bot.runbook import Runbook, classify_step, parse_annotations, parse_thresholds
from bot.runbook.inferred_checks import (
    ResourceNames,
    find_resource_names,
    infer_checks,
    infer_symptom_checks,
)
from diagnostics.engine.router import LazyDiagnostics

log = logging.getLogger(__name__)

ValueOf = Callable[[str], str | None]
"""The value of a variable that names a monitored system; None when it is not set."""

PREVIEW = "postgres.preview"
EXPENSIVE = frozenset({"logs.start_query", PREVIEW, "crashlytics.pattern", "ecs.utilisation"})
"""Checks that are slow or billed. Triage, which runs the checks of all playbooks, skips them."""


@dataclass(frozen=True, slots=True)
class _PlannedAction:
    """One action of a step, or of a symptom, which has no step."""

    playbook: Playbook
    line: int
    title: str
    kind: StepKind
    action: Action
    step: Step | None = None

    @property
    def meaning(self) -> ParsedStep | None:
        return classify_step(self.step) if self.step else None


@dataclass(frozen=True, slots=True)
class _PlanContext:
    """What all steps of a run share. `clicked` when somebody asked for this one step."""

    systems: LazyDiagnostics
    value_of: ValueOf
    now: datetime
    began: datetime
    clicked: bool
    inputs: Mapping[str, str]


def plan_checks(
    request: DiagnosticRunRequest,
    runbook: Runbook,
    systems: LazyDiagnostics,
    value_of: ValueOf,
    now: datetime,
    began: datetime,
) -> list[PlannedCheck]:
    """The steps in the runbook's order. Parsing takes milliseconds per command: keep it out of the event loop."""
    clicked = request.scope == ONE and bool(request.asked_by)
    inputs = request.inputs if request.step is not None else {}
    ctx = _PlanContext(systems, value_of, now, began, clicked, inputs)
    planned = [_plan_safely(place, item, ctx) for place, item in enumerate(_select_actions(request, runbook))]
    return [_bypass_cache(check) for check in planned] if request.asked_by else planned


def _plan_safely(place: int, item: _PlannedAction, ctx: _PlanContext) -> PlannedCheck:
    result = _start_result(place, item, ctx.inputs)
    try:
        return _plan_check(result, item, ctx)
    except Exception:  # noqa: BLE001 - a fault of ours in one step must not lose the others; it is logged
        return PlannedCheck(build_planning_failure(result))


def _bypass_cache(planned: PlannedCheck) -> PlannedCheck:
    """A person who clicks wants the state of now, not a cached answer."""
    return (
        planned
        if planned.question is None
        else replace(planned, question=replace(planned.question, anew=True))
    )


def _select_actions(request: DiagnosticRunRequest, runbook: Runbook) -> list[_PlannedAction]:
    names = find_resource_names(runbook.playbooks)
    items = [item for playbook in _playbooks(request, runbook) for item in _list_actions(playbook, names)]
    if request.step is not None:
        items = [item for item in items if (item.playbook.file, item.line) == request.step]
    if request.scope == ALL:
        items = [
            item for item in items if item.kind is not StepKind.PROBE and item.action.runs not in EXPENSIVE
        ]
    return items


def _playbooks(request: DiagnosticRunRequest, runbook: Runbook) -> Sequence[Playbook]:
    if request.scope == ALL or request.step is not None:
        return runbook.playbooks
    playbook = runbook.playbook(request.what)
    return [playbook] if playbook else []


def _list_actions(playbook: Playbook, names: ResourceNames) -> Iterator[_PlannedAction]:
    for title, line, action in infer_symptom_checks(playbook):
        yield _PlannedAction(playbook, line, title, StepKind.DIAGNOSTIC, action)
    for step in playbook.steps():
        meaning = classify_step(step)
        runs_itself = meaning.kind in (StepKind.DIAGNOSTIC, StepKind.PROBE)
        actions = meaning.actions if runs_itself else infer_checks(step, names)
        for number, action in enumerate(actions):
            title = step.title if not number else f"{step.title} ({number + 1})"
            kind = meaning.kind if runs_itself else StepKind.DIAGNOSTIC
            yield _PlannedAction(playbook, step.line, title, kind, action, step)


def _start_result(place: int, item: _PlannedAction, inputs: Mapping[str, str]) -> StepResult:
    return StepResult(
        place,
        item.playbook.id,
        item.line,
        item.playbook.file,
        format_title_with_inputs(item.title, inputs),
        item.kind.value,
        item.action.runs,
    )


def _plan_check(result: StepResult, item: _PlannedAction, ctx: _PlanContext) -> PlannedCheck:
    for find_obstacle in OBSTACLES:
        if stopped := find_obstacle(result, item, ctx):
            return PlannedCheck(stopped)
    unfinished = _find_unfinished(item, ctx)
    action = item.action if unfinished else _read_again(item, ctx)
    if action is None:
        return PlannedCheck(
            _not_configured(
                result, "Skipped: with the current values the command means something else. Run it yourself."
            )
        )
    meaning = item.meaning
    thresholds = (meaning.thresholds if meaning else ()) + parse_thresholds(item.playbook)
    request = CheckRequest(
        *(item.title, action, ctx.now, thresholds, ctx.began, _build_shown_command(item, ctx.inputs)),
        unfinished=unfinished,
    )
    return PlannedCheck(result, request)


def _await_click(result: StepResult, item: _PlannedAction, ctx: _PlanContext) -> StepResult | None:
    if item.kind is not StepKind.PROBE or ctx.clicked:
        return None
    return replace(result, note="needs your click: this sends a request to the other system")


def _await_inputs(result: StepResult, item: _PlannedAction, ctx: _PlanContext) -> StepResult | None:
    gaps = item.meaning.gaps if item.meaning else ()
    open_gaps = [gap for gap in gaps if gap not in ctx.inputs]
    return replace(result, note=f"needs {', '.join(open_gaps)} from you") if open_gaps else None


def _require_variables(result: StepResult, item: _PlannedAction, ctx: _PlanContext) -> StepResult | None:
    variables = item.meaning.variables if item.meaning else ()
    missing = [need[1:] for need in variables if need not in ctx.inputs and not ctx.value_of(need[1:])]
    if not missing:
        return None
    verb = "is" if len(missing) == 1 else "are"
    return _not_configured(result, f"Skipped: {' and '.join(missing)} {verb} not set for Tocsin.")


def _require_configuration(result: StepResult, item: _PlannedAction, ctx: _PlanContext) -> StepResult | None:
    missing = ctx.systems.describe_missing(item.action)
    return _not_configured(result, missing) if missing else None


OBSTACLES = (_await_click, _await_inputs, _require_variables, _require_configuration)
"""Reasons not to run a step now. The first that applies gives the step's result."""


def _not_configured(result: StepResult, sentence: str) -> StepResult:
    return replace(result, verdict=UNKNOWN, cause="not_configured", headline=sentence)


def _build_shown_command(item: _PlannedAction, inputs: Mapping[str, str]) -> str:
    """The command beside the finding. A remediation's is left out: a preview only reads, the command would act."""
    step, meaning = item.step, item.meaning
    is_remediation = meaning is not None and meaning.kind is StepKind.REMEDIATION
    command = step.command if step and step.command and not is_remediation else ""
    comment = "--" if step and step.language.endswith("sql") else "#"
    return command + "".join(f"\n{comment} {gap} is {text}" for gap, text in inputs.items())


def _find_unfinished(item: _PlannedAction, ctx: _PlanContext) -> UnfinishedCommand | None:
    """The command of a step that others inside of it complete."""
    if item.step is None or item.meaning is None or not item.meaning.inner_commands:
        return None
    return UnfinishedCommand(item.step, ctx.inputs)


def _read_again(item: _PlannedAction, ctx: _PlanContext) -> Action | None:
    """The step's action with the dates and variables of now; None when it would be another kind of step then."""
    step, before = item.step, item.meaning
    if step is None or before is None or step.command is None or not before.actions:
        return item.action
    if not before.needs and not _depends_on_time(step.command, item.action):
        return item.action
    now = parse_now(step, before.needs, ctx.value_of, ctx.now, ctx.inputs)
    if item.action.runs == PREVIEW:
        calls = [action.call for action in now.actions if action.call is not None]
        return Action(PREVIEW, calls[0]) if calls else None
    return match_action(item.action, before, now, bool(ctx.inputs))


def parse_now(
    step: Step, needs: Sequence[str], value_of: ValueOf, now: datetime, inputs: Mapping[str, str]
) -> ParsedStep:
    """A step's command with the clock, the variables and the inputs of now."""
    values = {need[1:]: value for need in needs if (value := value_of(need[1:]))}
    variables = parse_annotations(step).variables
    return classify_command(step.command or "", step.language, ParseContext(now, values, inputs, variables))


def match_action(action: Action, before: ParsedStep, now: ParsedStep, has_inputs: bool) -> Action | None:
    """The action of `now` that stands where `action` stood before; None unless it is the same and as harmless."""
    if now.needs or len(now.actions) != len(before.actions) or action not in before.actions:
        return None
    same = now.actions[before.actions.index(action)]
    if same.runs != action.runs or not _is_as_harmless(before.kind, now.kind, has_inputs):
        return None
    # Dimensions that the whole runbook added (another step names them) stay.
    return replace(same, call=_complete_call(same.call, action.call))


def _is_as_harmless(before: StepKind, now: StepKind, has_inputs: bool) -> bool:
    """What a person filled in must not turn a diagnostic into anything else."""
    if has_inputs:
        return now is StepKind.DIAGNOSTIC
    becomes_probe = now is StepKind.PROBE and before is StepKind.DIAGNOSTIC
    return now is not StepKind.REMEDIATION and not becomes_probe


def _depends_on_time(command: str, action: Action) -> bool:
    """Whether a command means something else at another time: `$(date ...)`, `--since 10m`."""
    of_logs = isinstance(action.call, AwsCall) and action.call.service == "logs"
    return of_logs or "$" in command or "`" in command


def _complete_call(now: Call, before: Call) -> Call:
    """`now` with the dimensions that only `before` has."""
    if not isinstance(now, AwsCall) or not isinstance(before, AwsCall):
        return now
    present, complete = now.parameters.get("Dimensions"), before.parameters.get("Dimensions")
    if not isinstance(present, list) or not isinstance(complete, list) or len(complete) <= len(present):
        return now
    names = [dimension.get("Name") for dimension in present]
    added = [dimension for dimension in complete if dimension.get("Name") not in names]
    return replace(now, parameters={**now.parameters, "Dimensions": [*added, *present]})
