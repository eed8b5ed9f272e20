"""The buttons below what a run of diagnostics found: a playbook that fits, a step that needs a click, once more."""

from collections.abc import Iterable, Sequence

from slackblocks import Button

from bot.domain.diagnostic_run import ALL, WHOLE, DiagnosticRun, PlaybookMatch, StepResult
from bot.ports import Block
from bot.runbook import describe_probe, find_step, list_gaps
from templates import action_ids
from templates.blocks import build_button, build_button_row
from templates.escaping import cut
from templates.incident_view import IncidentViewModel
from templates.remediation_buttons import build_suggested_buttons
from templates.runnable_steps import build_confirmation
from templates.spans import Code, Line

MOST_CLICKS, MOST_OFFERED = 10, 12
"""Steps to run, and playbooks to choose from where none fits."""

FEW_CLICKS = 3
"""As many buttons of steps stand in the row with the others; more of them have one of their own."""

MAX_TITLES_LENGTH = 300


def describe_clicks(view: IncidentViewModel, look: DiagnosticRun) -> list[Line]:
    """What needs a click, together where the reason is the same, and how to run what has no room for its button."""
    noted: dict[str, list[str]] = {}
    for result in look.results:
        if result.note:
            noted.setdefault(result.note, []).append(result.title)
    lines: list[Line] = [
        ("✋ ", cut("; ".join(titles), MAX_TITLES_LENGTH), f": {note}") for note, titles in noted.items()
    ]
    left = _list_clickable(view, look)[MOST_CLICKS:] if look.ended_at else []
    if left:
        named = cut("; ".join(result.title for result in left), MAX_TITLES_LENGTH)
        lines.append(("Without a button: ", named, ". Type ", Code("/incident run TITLE"), "."))
    return lines


def build_run_buttons(
    view: IncidentViewModel, look: DiagnosticRun, fits: Sequence[PlaybookMatch]
) -> list[Block]:
    """A row of buttons, and one more where many steps wait for a click; none while the run goes on."""
    proposed = build_suggested_buttons(view, look.results)
    if look.ended_at is None:
        return []
    label = "Run again" if look.scope in (WHOLE, ALL) else "Run diagnostics"
    again = build_button(label, action_ids.RUN_DIAGNOSTICS, action_ids.join_value(look.incident))
    steps = _offer_steps(view, look)
    many = [build_button_row("evidence-clicks", *steps)] if len(steps) > FEW_CLICKS else []
    buttons = (*_offer_playbooks(view, look, fits), *([] if many else steps), *proposed, again)
    return [*many, build_button_row("evidence-buttons", *buttons)]


def _offer_playbooks(
    view: IncidentViewModel, look: DiagnosticRun, fits: Iterable[PlaybookMatch]
) -> list[Button]:
    """Those that fit, the first of them most; of a triage in which none does, the runbook's; none once it is over."""
    if not view.incident.status.is_open:
        return []
    fitting = [(fit.playbook, fit.title) for fit in fits]
    others = view.runbook.playbooks[:MOST_OFFERED] if look.scope == ALL else ()
    return [
        build_button(
            f"Use {title}",
            f"{action_ids.USE_PLAYBOOK}:{place}",
            action_ids.join_value(look.incident, playbook),
            primary=bool(fitting) and place == 0,
        )
        for place, (playbook, title) in enumerate(fitting or [(other.id, other.title) for other in others])
    ]


def _offer_steps(view: IncidentViewModel, look: DiagnosticRun) -> list[Button]:
    return [
        build_button(
            f"Run {click.title}",
            f"{action_ids.RUN_STEP}:{click.place}",
            action_ids.join_value(look.incident, click.line, click.file),
            confirm=build_confirmation(describe_probe(find_step(view.runbook, click.file, click.line))),
        )
        for click in _list_clickable(view, look)[:MOST_CLICKS]
    ]


def _list_clickable(view: IncidentViewModel, look: DiagnosticRun) -> list[StepResult]:
    """The steps that wait for a click and are run by one."""
    return [result for result in look.results if result.note and _has_button(view, result)]


def _has_button(view: IncidentViewModel, result: StepResult) -> bool:
    """Whether a click runs it: one that is noticed elsewhere, or one that asks for what it needs."""
    return result.kind == "probe" or bool(list_gaps(find_step(view.runbook, result.file, result.line)))
