"""Which steps Tocsin runs when somebody asks for one, by a click or by words, and what is asked before."""

from bot.domain.playbook import AwsCall, Call, HttpCall, RedisCall, SqlCall, Step, StepKind
from bot.runbook.inferred_checks import find_resource_names, infer_checks
from bot.runbook.model import Runbook
from bot.runbook.step_classifier import classify_step


def can_be_run(runbook: Runbook, step: Step) -> bool:
    """Whether Tocsin reads what the step asks for. What changes something it never does, nor what it cannot read."""
    meaning = classify_step(step)
    if meaning.kind in (StepKind.LINK, StepKind.MANUAL):
        return bool(infer_checks(step, find_resource_names(runbook.playbooks)))
    return meaning.kind in (StepKind.DIAGNOSTIC, StepKind.PROBE)


def describe_probe(step: Step | None) -> str:
    """What somebody is shown before a probe is sent, such as `POST https://...`; empty where nothing is asked."""
    if step is None or (meaning := classify_step(step)).kind is not StepKind.PROBE or meaning.harmless:
        return ""
    return "\n".join(_describe_call(action.call) or step.command or step.title for action in meaning.actions)


def _describe_call(call: Call) -> str:
    match call:
        case HttpCall(method=method, url=url, body=body):
            return f"{method} {url}{' with data' if body else ''}"
        case AwsCall(service=service, operation=operation):
            return f"AWS {service} {operation}"
        case RedisCall(words=words):
            return f"Redis {' '.join(words)}"
        case SqlCall(sql=sql):
            return sql
        case _:
            return ""
