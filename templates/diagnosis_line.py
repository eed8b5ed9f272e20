"""What the findings of a look point to, in one line."""

from collections.abc import Sequence

from bot.domain.diagnosis import find_remedy, find_suspect, format_distance
from bot.domain.diagnostic_run import WHOLE, DiagnosticRun, StepResult
from bot.domain.playbook import Playbook
from templates.escaping import cut
from templates.incident_view import IncidentViewModel
from templates.spans import Bold, Line

POINTS = "👉"
DEPLOYED = {"deployment": "deployed", "release": "released"}
LONGEST, LONGEST_REMEDY = 300, 90
"""Letters of what is suspected, and of what the playbook says to do."""


def render_diagnosis(view: IncidentViewModel, look: DiagnosticRun) -> list[Line]:
    """What the findings agree on, and what the playbook says to do about it; nothing while some are still to come."""
    if look.waited_for:
        return []
    return render_agreement(
        view, look.results, view.runbook.playbook(look.what) if look.scope == WHOLE else None
    )


def render_agreement(
    view: IncidentViewModel, results: Sequence[StepResult], playbook: Playbook | None
) -> list[Line]:
    """What these findings agree on, and what this playbook says to do about it; nothing where they do not agree."""
    if (suspect := find_suspect(results)) is None:
        return []
    began = format_distance(suspect, view.incident.declared_at)
    parts = [suspect.name, f"{DEPLOYED.get(suspect.kind, 'since')} {began}" if began else ""]
    said = ", ".join(filter(None, parts)) + (f"; {suspect.why}" if suspect.why else "")
    remedy = find_remedy(suspect, playbook, results)
    then: Line = ()
    if remedy is not None:
        where = f"step {remedy.step}, " if remedy.step else ""
        then = (" The playbook's next: ", Bold(f"{where}{cut(remedy.text, LONGEST_REMEDY)}"))
    return [(f"{POINTS} ", Bold("Points to: "), cut(f"{said}.", LONGEST), *then)]
