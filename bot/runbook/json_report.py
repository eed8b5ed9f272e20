"""What was understood of a runbook as JSON, for programs."""

from typing import Any

from bot.domain.playbook import Playbook, Step
from bot.runbook.contacts import match_contacts
from bot.runbook.escalation import select_first_contacts
from bot.runbook.model import EscalationLevel, NamedLink, Runbook, Severity, SourceLocation
from bot.runbook.step_classifier import classify_step, classify_steps


def build_json(runbook: Runbook) -> dict[str, Any]:
    """The runbook as plain values, ready for `json.dumps`. Spans are in seconds, lines count from 1.

    What comes from a linked runbook has its `file` besides.
    """
    runbook = classify_steps(runbook)
    return {
        "title": runbook.title,
        "update_every_seconds": int(runbook.update_every.total_seconds()) if runbook.update_every else None,
        "severities": [_severity(runbook, severity) for severity in runbook.severities],
        "playbooks": [_playbook(playbook) for playbook in runbook.playbooks],
        "templates": [
            {
                "id": template.id,
                "line": template.line,
                "placeholders": [gap.name for gap in template.placeholders()],
                **_of(template),
            }
            for template in runbook.templates.values()
        ],
        "checklist": [
            {
                "within_seconds": int(window.within.total_seconds()),
                "line": window.line,
                "items": [{"text": item.text, "line": item.line} for item in window.items],
                **_of(window),
            }
            for window in runbook.windows
        ],
        "contacts": [
            {"name": contact.name, "line": contact.line, "handles": list(contact.handles), **_of(contact)}
            for contact in runbook.contacts
        ],
        "links": [_link(link) for link in runbook.links],
        "call": {**_link(runbook.call), **_of(runbook.call)} if runbook.call else None,
        "war_room": runbook.war_room,
        "escalation": [_level(runbook, level) for level in runbook.escalation],
        "left_out": [
            {"line": command.line, "command": command.command, "why": command.why, **_of(command)}
            for command in runbook.left_out
        ],
        "problems": [
            {"line": problem.line, "level": problem.level, "message": problem.message, **_of(problem)}
            for problem in runbook.problems
        ],
    }


def _of(found: SourceLocation) -> dict[str, str]:
    """The linked runbook that the lines of something count in; nothing where it is the main one."""
    return {"file": found.file} if found.file else {}


def _link(link: NamedLink) -> dict[str, Any]:
    return {"name": link.name, "url": link.url, "line": link.line}


def _level(runbook: Runbook, level: EscalationLevel) -> dict[str, Any]:
    met = match_contacts(level.text, [contact.name for contact in runbook.contacts])
    return {
        "after_seconds": int(level.after.total_seconds()) if level.after is not None else None,
        "who": list(met.matched) or list(met.unmatched) or [level.text],
        "severity": level.severity,
        **_of(level),
    }


def _severity(runbook: Runbook, severity: Severity) -> dict[str, Any]:
    match = select_first_contacts(runbook, severity, [contact.name for contact in runbook.contacts])
    return {
        "id": severity.id,
        "name": severity.name,
        "line": severity.line,
        "response_seconds": None if severity.response is None else int(severity.response.total_seconds()),
        "examples": list(severity.examples),
        "action": severity.action,
        "page": list(match.matched or (() if runbook.contacts else match.unmatched)),
        "page_everyone": match.everyone,
        **_of(severity),
    }


def _playbook(playbook: Playbook) -> dict[str, Any]:
    return {
        "id": playbook.id,
        "title": playbook.title,
        "severity": playbook.severity,
        "line": playbook.line,
        "symptoms": list(playbook.symptoms),
        "steps": [_step(step) for step in playbook.steps()],
        **_of(playbook),
    }


def _step(step: Step) -> dict[str, Any]:
    meaning = classify_step(step)
    return {
        "line": step.line,
        "section": step.section,
        "title": step.title,
        "command": step.command,
        "kind": meaning.kind.value,
        "runs": meaning.runs,
        "needs": list(meaning.open_needs),
        "why": meaning.why,
    }
