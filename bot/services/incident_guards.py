"""Guards: what an incident must be for a change; each says in a sentence why not."""

from datetime import datetime

from bot.domain.incident import Incident, Status
from bot.domain.policy import REOPEN_WINDOW
from bot.errors import RuleViolation


def build_not_found(number: int) -> RuleViolation:
    """The same words for an incident that there is not and for one that somebody may not see."""
    return RuleViolation(f"INC-{number} doesn't exist. See `/incident list`. Nothing was changed.")


def must_be_real(incident: Incident) -> None:
    """Raises RuleViolation when the incident is a drill, for what would wake somebody."""
    if incident.drill:
        raise RuleViolation(f"{incident.reference} is a drill: nobody is paged for it. Nobody was paged.")


def must_be_recent(incident: Incident, now: datetime) -> None:
    """Raises RuleViolation when the incident was ended so long ago that it stays so."""
    ended = incident.closed_at or incident.resolved_at
    is_over = incident.status in (Status.CLOSED, Status.CANCELLED)
    if is_over and ended is not None and now - ended > REOPEN_WINDOW:
        raise RuleViolation(
            f"{incident.reference} has been {incident.status} for more than {REOPEN_WINDOW.days} days. "
            "Declare a new incident and name this one in it. Nothing was changed."
        )


def must_be_open(incident: Incident) -> None:
    """Raises RuleViolation when the incident is over."""
    if not incident.status.is_open:
        raise RuleViolation(f"{incident.reference} is already {incident.status}. Nothing was changed.")
