"""The text for customers: drafted from the runbook's template, never from what the team writes to each other."""

import re
from datetime import datetime

from bot.domain.incident import Status, StatusUpdate
from templates.incident_view import UNKNOWN, IncidentViewModel
from templates.update_messages import format_customer_copy

MAX_PUBLIC_LENGTH = 3000


def draft_public_text(view: IncidentViewModel, status: Status, now: datetime) -> str:
    """The runbook's update template for customers, true to the status and with the rhythm that is promised; times in
    UTC. A runbook that writes it for the team only gives a sentence of ours."""
    template = view.runbook.templates.get("update")
    if template is not None and template.internal:
        return PLAIN[status]
    cadence = view.incident.cadence if status.is_open else None
    said = StatusUpdate(0, now, "", status, "", now + cadence if cadence else None)
    lines = format_customer_copy(view, said).splitlines()
    if status is Status.RESOLVED:  # what never became known is nothing to tell at the end
        lines = [line for line in lines if not line.endswith(UNKNOWN)]
    return BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()[:MAX_PUBLIC_LENGTH]


BLANK_LINES = re.compile(r"\n{3,}")


PLAIN = {
    Status.INVESTIGATING: "We are investigating an issue and will keep you informed here.",
    Status.IDENTIFIED: "We have found the cause of the issue and are working on it.",
    Status.MONITORING: "A fix is in place and we are watching it.",
    Status.RESOLVED: "This is resolved.",
}
