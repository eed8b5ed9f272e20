"""Commands that stand in no playbook, so that nobody is offered them."""

from collections.abc import Iterator, Sequence

from bot.domain.playbook import Step
from bot.runbook.markdown.fences import parse_steps
from bot.runbook.markdown.outline import Node
from bot.runbook.model import LeftOutCommand, Problem
from bot.runbook.playbook_form import list_command_fences

MAX_SHOWN = 12


def find_left_out(nodes: Sequence[Node]) -> Iterator[LeftOutCommand]:
    """The commands in the blocks of these sections, each with its line and why it is in no playbook."""
    for node in nodes:
        where = f"the section “{node.title}”" if node.title else "what stands above the first heading"
        for fence in list_command_fences(node.blocks):
            for step in parse_steps(fence.text, fence.line, fence.language, node.title):
                if isinstance(step, Step) and step.command:
                    yield LeftOutCommand(step.line, step.command, f"{where} is no playbook", node.title)


def describe_left_out(found: Sequence[LeftOutCommand]) -> Iterator[Problem]:
    """One problem for all commands of a file that stand in no playbook."""
    if not found:
        return
    sections = len({command.section for command in found})
    lines = ", ".join(str(command.line) for command in found[:MAX_SHOWN])
    more = f" and {len(found) - MAX_SHOWN} more" if len(found) > MAX_SHOWN else ""
    message = (
        f"{len(found)} command{'s' * (len(found) > 1)} in {sections} section{'s' * (sections > 1)} "
        f"stand{'s' * (len(found) == 1)} in no playbook: line{'s' * (len(found) > 1)} {lines}{more}. Give the "
        f"section a "
        "heading such as “## Incident: API is slow”, or “### Symptoms” below it."
    )
    yield Problem(found[0].line, "warning", message)
