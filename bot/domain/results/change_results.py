"""Results of changing an open incident, and of keeping something in its timeline."""

from datetime import datetime

from bot.domain.incident_changes import ImpactChange, SeverityChange
from bot.domain.results.request_result import RequestResult
from bot.domain.text_fields import text_record


@text_record
class StatusChangedResult(RequestResult):
    """The incident has this status now."""

    did = "status_changed"
    status: str


@text_record
class StatusAlreadyResult(RequestResult):
    """It had this status before."""

    did = "status_already"
    status: str


@text_record
class SeverityChangedResult(SeverityChange, RequestResult):
    """The incident has another severity now."""

    did = "severity_changed"


@text_record
class SeverityAlreadyResult(RequestResult):
    """It had this severity before."""

    did = "severity_already"
    severity: str


@text_record
class TimesCorrectedResult(RequestResult):
    """It began at `began`, as somebody says for this reason."""

    did = "times_corrected"
    began: datetime
    reason: str


@text_record
class RenamedResult(RequestResult):
    """It has another title; `cut` is the length of one that was shortened."""

    did = "renamed"
    title: str
    cut: int | None


@text_record
class ImpactChangedResult(ImpactChange, RequestResult):
    """More is known of its impact."""

    did = "impact_changed"


class RenamedAlreadyResult(RequestResult):
    """It had that title before."""

    did = "renamed_already"


class ImpactAlreadyResult(RequestResult):
    """The impact said that before."""

    did = "impact_already"


ChangeResult = (
    StatusChangedResult
    | StatusAlreadyResult
    | SeverityChangedResult
    | SeverityAlreadyResult
    | RenamedResult
    | TimesCorrectedResult
    | RenamedAlreadyResult
    | ImpactChangedResult
    | ImpactAlreadyResult
)


@text_record
class NotedResult(RequestResult):
    """These words are in the timeline."""

    did = "noted"
    text: str


class NotedAlreadyResult(RequestResult):
    """The message was in the timeline before."""

    did = "noted_already"


class PinnedResult(RequestResult):
    """A pinned message is read and kept."""

    did = "pinned"


NoteResult = NotedResult | NotedAlreadyResult | PinnedResult
