"""The form that asks for what a step's command needs from a person."""

from bot.domain.playbook import Step
from bot.runbook import list_gaps
from templates import action_ids
from templates.blocks import build_preformatted, build_rich_text, build_section
from templates.escaping import cut
from templates.form_fields import build_text_field
from templates.incident_view import IncidentViewModel
from templates.modals import Modal, build_form

MAX_VALUE_LENGTH = 1000
MAX_COMMAND_LENGTH = 1500
MAX_GAPS = 20
"""Fields of one form; a command with more is typed by hand."""


def build_step_form(view: IncidentViewModel, step: Step, file: str) -> Modal:
    """One field for each gap of the step's command."""
    number = view.incident.number
    said = build_section([("This runs, with what you fill in. It only reads; each field takes one value.",)])
    shown = build_rich_text(
        "fill-command", said, build_preformatted(cut(step.command or "", MAX_COMMAND_LENGTH))
    )
    fields = [
        build_text_field(f"{action_ids.FILL}{place}", gap, longest=MAX_VALUE_LENGTH)
        for place, gap in enumerate(list_gaps(step))
    ]
    carried = {"incident": number, "line": step.line, "file": file}
    return build_form(action_ids.FILL_FORM, cut(step.title, 24), "Run", [shown, *fields], carried)
