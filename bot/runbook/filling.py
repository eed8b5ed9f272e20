"""A step by its line, and what its command needs from a person before it can be asked."""

from bot.runbook.model import Runbook
from bot.runbook.recognising import meaning_of
from bot.step import Kind, Step


def step_at(runbook: Runbook, file: str, line: int) -> Step | None:
    """The step that stands at this line; `file` is empty for the runbook's own."""
    steps = (step for playbook in runbook.playbooks if playbook.file == file for step in playbook.steps())
    return next((step for step in steps if step.line == line), None)


def gaps_of(step: Step | None) -> tuple[str, ...]:
    """The gaps that only a person can fill, as typed (`<task-arn>`); none where the step does not only read."""
    if step is None or (meaning := meaning_of(step)).kind is not Kind.DIAGNOSTIC:
        return ()
    return tuple(need for need in meaning.needs if not need.startswith("$"))
