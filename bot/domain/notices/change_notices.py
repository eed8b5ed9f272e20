"""Notices about changes of an incident: its status, severity, title, impact and roles."""

from bot.domain.incident_changes import ImpactChange, SeverityChange
from bot.domain.notices.incident_notice import IncidentNotice
from bot.domain.text_fields import text_record


@text_record
class StatusChangedNotice(IncidentNotice):
    """Somebody set the status."""

    words = "status_changed"
    actor: str
    before: str
    to: str


@text_record
class SeverityChangedNotice(SeverityChange, IncidentNotice):
    """Somebody set the severity."""

    words = "severity_changed"
    actor: str


@text_record
class RenamedNotice(IncidentNotice):
    """Somebody gave it another title."""

    words = "renamed"
    actor: str
    before: str
    to: str


@text_record
class ImpactChangedNotice(ImpactChange, IncidentNotice):
    """Somebody told more of the impact."""

    words = "impact_changed"
    actor: str


@text_record
class CommanderChangedNotice(IncidentNotice):
    """`person` commands now, `before` did until now; `by` offered it, empty where it was taken."""

    words = "commander_changed"
    person: str
    before: str
    by: str


@text_record
class RoleAssignedNotice(IncidentNotice):
    """`person` has a role beside the commander."""

    words = "role_assigned"
    role: str
    person: str


ChangeNotice = (
    StatusChangedNotice
    | SeverityChangedNotice
    | RenamedNotice
    | ImpactChangedNotice
    | CommanderChangedNotice
    | RoleAssignedNotice
)
