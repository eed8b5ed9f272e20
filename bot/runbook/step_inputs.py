"""A step by its line, and what its command needs from a person before it can be asked."""

from bot.domain.playbook import Step, StepKind
from bot.runbook.model import Runbook
from bot.runbook.step_classifier import classify_step


def find_step(runbook: Runbook, file: str, line: int) -> Step | None:
    """The step that stands at this line; `file` is empty for the runbook's own."""
    steps = (step for playbook in runbook.playbooks if playbook.file == file for step in playbook.steps())
    return next((step for step in steps if step.line == line), None)


def list_gaps(step: Step | None) -> tuple[str, ...]:
    """The gaps that only a person can fill, as typed (`<task-arn>`); none where the step does not only read."""
    if step is None or (meaning := classify_step(step)).kind is not StepKind.DIAGNOSTIC:
        return ()
    return meaning.gaps
