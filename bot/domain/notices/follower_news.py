"""News for who follows an incident, told by direct message."""

from typing import ClassVar

from bot.domain.incident_changes import ImpactChange, SeverityChange
from bot.domain.text_fields import TextRecord, text_record


@text_record
class IncidentNews(TextRecord):
    """Base of the news. `what` is the name under which an outbox row keeps it."""

    what: ClassVar[str]


class UpdateNews(IncidentNews):
    """A status update was posted: the effect's `change` is its id."""

    what = "update"


@text_record
class SeverityNews(SeverityChange, IncidentNews):
    """Somebody set the severity."""

    what = "severity"
    actor: str


@text_record
class ImpactNews(ImpactChange, IncidentNews):
    """Somebody told more of the impact."""

    what = "impact"
    actor: str


@text_record
class ResolvedNews(IncidentNews):
    """Somebody resolved it."""

    what = "resolved"
    by: str


@text_record
class CancelledNews(IncidentNews):
    """Somebody cancelled it as a false alarm."""

    what = "cancelled"
    reason: str
    by: str


@text_record
class MergedNews(IncidentNews):
    """Somebody merged it into another one, which `reason` names."""

    what = "merged"
    reason: str
    by: str


FollowerNews = UpdateNews | SeverityNews | ImpactNews | ResolvedNews | CancelledNews | MergedNews
