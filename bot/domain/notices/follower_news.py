"""News for who follows an incident, told by direct message."""

from dataclasses import dataclass
from typing import ClassVar

from bot.domain.incident_changes import ImpactChange, SeverityChange


@dataclass(frozen=True, kw_only=True)
class IncidentNews:
    """Base of the news. `what` is the name under which an outbox row keeps it."""

    what: ClassVar[str]


@dataclass(frozen=True, kw_only=True)
class UpdateNews(IncidentNews):
    """A status update was posted: the effect's `change` is its id."""

    what = "update"


@dataclass(frozen=True, kw_only=True)
class SeverityNews(SeverityChange, IncidentNews):
    """Somebody set the severity."""

    what = "severity"
    actor: str


@dataclass(frozen=True, kw_only=True)
class ImpactNews(ImpactChange, IncidentNews):
    """Somebody told more of the impact."""

    what = "impact"
    actor: str


@dataclass(frozen=True, kw_only=True)
class ResolvedNews(IncidentNews):
    """Somebody resolved it."""

    what = "resolved"
    by: str


@dataclass(frozen=True, kw_only=True)
class CancelledNews(IncidentNews):
    """Somebody cancelled it as a false alarm."""

    what = "cancelled"
    reason: str
    by: str


@dataclass(frozen=True, kw_only=True)
class MergedNews(IncidentNews):
    """Somebody merged it into another one, which `reason` names."""

    what = "merged"
    reason: str
    by: str


FollowerNews = UpdateNews | SeverityNews | ImpactNews | ResolvedNews | CancelledNews | MergedNews
