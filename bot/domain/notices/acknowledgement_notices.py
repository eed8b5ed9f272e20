"""Notices about acknowledgements, here and at the paging providers."""

from bot.domain.notices.incident_notice import IncidentNotice
from bot.domain.text_fields import text_record


@text_record
class AcknowledgedNotice(IncidentNotice):
    """`actor` acknowledged `seconds` after the declaration; `uncalled` when nobody had paged them."""

    words = "acknowledged"
    actor: str
    seconds: int
    target_seconds: int | None
    channel: str
    uncalled: bool


@text_record
class AcknowledgedThereNotice(IncidentNotice):
    """Somebody (`who`, in Slack `person`) acknowledged the page of a contact in PagerDuty."""

    words = "acknowledged_there"
    who: str
    contact: str
    person: str
    seconds: int


@text_record
class AnsweredTooLateNotice(IncidentNotice):
    """The same, when the incident had ended; `status` is how it stands, empty when it is open again."""

    words = "answered_too_late"
    who: str
    contact: str
    person: str
    status: str


@text_record
class PageResolvedNotice(IncidentNotice):
    """Somebody resolved the page in PagerDuty, which does not resolve the incident."""

    words = "page_resolved"
    who: str
    contact: str
    person: str


@text_record
class AnsweredByNobodyNotice(IncidentNotice):
    """An automation acknowledged the page, and no person."""

    words = "answered_by_nobody"
    contact: str


@text_record
class NotToldNotice(IncidentNotice):
    """The provider could not be told that a page was acknowledged, or (`what` is `resolve`) that it is over."""

    words = "not_told"
    contact: str
    what: str
    why: str


AcknowledgementNotice = (
    AcknowledgedNotice
    | AcknowledgedThereNotice
    | AnsweredTooLateNotice
    | PageResolvedNotice
    | AnsweredByNobodyNotice
    | NotToldNotice
)
