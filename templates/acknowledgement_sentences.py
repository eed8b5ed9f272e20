"""The sentences about acknowledgements, here and at the paging providers."""

from typing import assert_never

from bot.domain.notices import (
    AcknowledgedNotice,
    AcknowledgedThereNotice,
    AcknowledgementNotice,
    AnsweredByNobodyNotice,
    AnsweredTooLateNotice,
    NotToldNotice,
    PageResolvedNotice,
)
from bot.text.durations import format_duration
from templates.incident_view import IncidentViewModel
from templates.page_progress import format_person
from templates.spans import Line, UserMention


def describe_acknowledgement(view: IncidentViewModel, notice: AcknowledgementNotice) -> Line:
    """The line about an acknowledgement, or about one that does not count."""
    match notice:
        case AcknowledgedNotice():
            uncalled = " They weren't paged, but it counts." if notice.uncalled else ""
            after = f" acknowledged after {_describe_time(view, notice.seconds)}.{uncalled}"
            return (*format_person(notice.actor), after)
        case AcknowledgedThereNotice():
            page = f" acknowledged the {notice.contact} page in PagerDuty after "
            return (*_who(notice), f"{page}{_describe_time(view, notice.seconds)}.")
        case AnsweredTooLateNotice():
            return _describe_late(view, notice)
        case PageResolvedNotice():
            what = f" resolved the {notice.contact} page in PagerDuty. "
            stays = f"{view.incident.reference} stays open until somebody resolves it here."
            return (*_who(notice), what, stays)
        case AnsweredByNobodyNotice():
            said = f"The {notice.contact} page was acknowledged in PagerDuty by an automation, "
            return (said, "not a person, so I keep paging.")
        case NotToldNotice():
            done = "closed" if notice.what == "resolve" else "acknowledged"
            failed = f"The page for {notice.contact} could not be {done} at its provider: {notice.why}"
            return (f"{failed} Please do it there.",)
        case _:
            assert_never(notice)


def _describe_time(view: IncidentViewModel, seconds: int) -> str:
    target = f" (target: {view.answered_within})" if view.answered_within else ""
    return f"{format_duration(float(seconds))}{target}"


def _who(notice: AcknowledgedThereNotice | AnsweredTooLateNotice | PageResolvedNotice) -> Line:
    return (UserMention(notice.person),) if notice.person else (notice.who,)


def _describe_late(view: IncidentViewModel, notice: AnsweredTooLateNotice) -> Line:
    reference = view.incident.reference
    stands = f"{reference} was {notice.status}."
    if not notice.status:
        stands = f"{reference} had ended. It is open again; please acknowledge again."
    return (*_who(notice), f" acknowledged the {notice.contact} page in PagerDuty after ", stands)
