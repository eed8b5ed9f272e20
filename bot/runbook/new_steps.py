"""Steps and playbooks that a runbook lacked, made of the commands that people typed: none of them runs by itself."""

from collections.abc import Iterator, Sequence

from bot.command_parsers import classify_command
from bot.domain.incident import Incident
from bot.domain.runbook_hunk import RunbookHunk
from bot.text.truncation import cut

MAX_REASON = 200


def write_steps(commands: Sequence[str], reference: str, after: int) -> Iterator[RunbookHunk]:
    """A step for each command, behind this line."""
    for command in commands:
        kind, lines = _write_step(command, reference)
        reason = cut(f"Typed in the room of {reference}, in no step yet: {command}", MAX_REASON)
        yield RunbookHunk(reason, after, lines, kind=kind)


def write_playbook(incident: Incident, title: str, commands: Sequence[str], after: int) -> RunbookHunk:
    """A playbook with these commands, for an incident that none fitted."""
    steps = [_write_step(command, incident.reference) for command in commands]
    lines = ["", f"## {incident.severity} INCIDENT: {title.upper()}", "", "### Symptoms", f"- {title}"]
    lines += ["", "### Actions", *(line for _, step in steps for line in step)] if steps else []
    kinds = ", ".join(dict.fromkeys(kind for kind, _ in steps))
    return RunbookHunk(f"No playbook fitted {incident.reference}.", after, tuple(lines), kind=kinds)


def _write_step(command: str, reference: str) -> tuple[str, tuple[str, ...]]:
    """Its kind, and its lines: nothing new ever runs by itself."""
    kind = classify_command(command).kind.value
    lines = (
        "",
        "<!-- tocsin: never by itself -->",
        "```bash",
        f"# From {reference} ({kind})",
        command,
        "```",
    )
    return kind, lines
