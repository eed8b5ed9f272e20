"""Form fields for the placeholders of a runbook's messages that only people can fill."""

from collections.abc import Mapping

from bot.ports import Block
from bot.runbook import Placeholder, Runbook
from templates import action_ids
from templates.form_fields import build_text_field
from templates.incident_view import IncidentViewModel

ASKED_ANYWAY = frozenset({"feature"})
"""Placeholders whose meaning is understood and that still only a person can fill."""

ASKED_BY_ITSELF = frozenset({action_ids.PLAYBOOK})
"""Placeholders that the declare form has a field for, whatever the templates ask."""


def list_asked_placeholders(runbook: Runbook) -> list[tuple[str, str]]:
    """(name, label) of every placeholder that the bot cannot know and that is asked when an incident is declared."""
    found = {gap.name: gap.label for gap in _unknown(runbook, "alert") if gap.name not in ASKED_BY_ITSELF}
    for template in runbook.templates.values():
        for gap in template.placeholders():
            if gap.name in ASKED_ANYWAY:
                found.setdefault(gap.name, gap.label)
    return list(found.items())


def _unknown(runbook: Runbook, template: str) -> list[Placeholder]:
    known = runbook.templates.get(template)
    return [gap for gap in known.placeholders() if not gap.known] if known else []


def placeholder_fields(
    view: IncidentViewModel, template: str, typed: Mapping[str, str] | None = None
) -> list[Block]:
    """Fields for what only people know of a message, with what was said before in them."""
    said = {**view.incident.fields, **(typed or {})}
    return [
        build_text_field(action_ids.GAP + gap.name, gap.label, initial=said.get(gap.name, ""), optional=True)
        for gap in _unknown(view.runbook, template)
    ]
