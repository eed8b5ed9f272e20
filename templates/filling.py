"""The form that asks for what a step's command needs from a person."""

from bot.runbook import gaps_of
from bot.step import Step
from templates import actions
from templates.kit import preformatted, rich, section
from templates.letters import cut
from templates.modals import Modal, form, words_field
from templates.view import View

LONGEST_VALUE = 1000
MOST_COMMAND = 1500
MOST_GAPS = 20
"""Fields of one form; a command with more is typed by hand."""


def fill_step(view: View, step: Step, file: str) -> Modal:
    """One field for each gap of the step's command."""
    number = view.incident.number
    said = section([("This runs, with what you fill in. It only reads; each field takes one value.",)])
    shown = rich("fill-command", said, preformatted(cut(step.command or "", MOST_COMMAND)))
    fields = [
        words_field(f"{actions.FILL}{place}", gap, longest=LONGEST_VALUE)
        for place, gap in enumerate(gaps_of(step))
    ]
    carried = {"incident": number, "line": step.line, "file": file}
    return form(actions.FILL_FORM, cut(step.title, 24), "Run", [shown, *fields], carried)
