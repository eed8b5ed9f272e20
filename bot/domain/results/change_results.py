"""Results of changing an open incident, and of keeping something in its timeline."""

from dataclasses import dataclass

from bot.domain.incident_changes import ImpactChange, SeverityChange
from bot.domain.results.request_result import RequestResult


@dataclass(frozen=True, kw_only=True)
class StatusChangedResult(RequestResult):
    """The incident has this status now."""

    did = "status_changed"
    status: str


@dataclass(frozen=True, kw_only=True)
class StatusAlreadyResult(RequestResult):
    """It had this status before."""

    did = "status_already"
    status: str


@dataclass(frozen=True, kw_only=True)
class SeverityChangedResult(SeverityChange, RequestResult):
    """The incident has another severity now."""

    did = "severity_changed"


@dataclass(frozen=True, kw_only=True)
class SeverityAlreadyResult(RequestResult):
    """It had this severity before."""

    did = "severity_already"
    severity: str


@dataclass(frozen=True, kw_only=True)
class RenamedResult(RequestResult):
    """It has another title; `cut` is the length of one that was shortened."""

    did = "renamed"
    title: str
    cut: int | None


@dataclass(frozen=True, kw_only=True)
class ImpactChangedResult(ImpactChange, RequestResult):
    """More is known of its impact."""

    did = "impact_changed"


@dataclass(frozen=True, kw_only=True)
class ImpactAlreadyResult(RequestResult):
    """The impact said that before."""

    did = "impact_already"


ChangeResult = (
    StatusChangedResult
    | StatusAlreadyResult
    | SeverityChangedResult
    | SeverityAlreadyResult
    | RenamedResult
    | ImpactChangedResult
    | ImpactAlreadyResult
)


@dataclass(frozen=True, kw_only=True)
class NotedResult(RequestResult):
    """These words are in the timeline."""

    did = "noted"
    text: str


@dataclass(frozen=True, kw_only=True)
class NotedAlreadyResult(RequestResult):
    """The message was in the timeline before."""

    did = "noted_already"


@dataclass(frozen=True, kw_only=True)
class PinnedResult(RequestResult):
    """A pinned message is read and kept."""

    did = "pinned"


NoteResult = NotedResult | NotedAlreadyResult | PinnedResult
