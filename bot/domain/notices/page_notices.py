"""Notices about paging: what was asked for, what did not work, and what drills would do."""

from dataclasses import field
from datetime import datetime

from bot.domain.incident_changes import EscalatedLevel, ManualPage
from bot.domain.notices.incident_notice import IncidentNotice
from bot.domain.text_fields import People, kept_as, text_record


@text_record
class PageRequestedNotice(ManualPage, IncidentNotice):
    """Somebody paged people by hand. `mentioned` were paged in Slack before: it rings once more."""

    words = "page_requested"
    actor: str
    mentioned: People = field(metadata=kept_as("people"))


@text_record
class EscalatedNotice(EscalatedLevel, IncidentNotice):
    """The next level is paged; `people` are mentioned: they were paged in Slack before."""

    words = "escalated"
    people: People


@text_record
class WouldBeCalledNotice(IncidentNotice):
    """In a drill: who would be paged, who could not be reached, and why everyone would be called."""

    words = "would_be_called"
    names: str
    missing: str
    everyone: str


@text_record
class PageHeldNotice(IncidentNotice):
    """The pages for these contacts wait, until then at the latest."""

    words = "page_held"
    names: str
    until: datetime


@text_record
class PageDroppedNotice(IncidentNotice):
    """The waiting pages for these contacts are not needed any more."""

    words = "page_dropped"
    names: str


@text_record
class StillOnItNotice(IncidentNotice):
    """Somebody is still on it."""

    words = "still_on_it"
    actor: str


@text_record
class BusinessDayNotice(IncidentNotice):
    """The next business day has begun for an incident that could wait."""

    words = "business_day"
    person: str


PageNotice = (
    PageRequestedNotice
    | EscalatedNotice
    | WouldBeCalledNotice
    | PageHeldNotice
    | PageDroppedNotice
    | StillOnItNotice
    | BusinessDayNotice
)


@text_record
class PageFailedNotice(IncidentNotice):
    """A contact could not be paged, or a `person` who stands for it; `others` of the contact were paged."""

    words = "page_failed"
    contact: str
    why: str
    person: str | None = None
    others: People | None = None


@text_record
class NoWayLeftNotice(IncidentNotice):
    """There is no other method to reach a contact; `why` is a sentence."""

    words = "no_way_left"
    contact: str
    why: str


@text_record
class NobodyThereNotice(IncidentNotice):
    """Nobody is in the incidents channel, so paging everyone reached nobody."""

    words = "nobody_there"
    channel: str


@text_record
class PageLostNotice(IncidentNotice):
    """PagerDuty accepted a page and has no incident for it."""

    words = "page_lost"
    contact: str


@text_record
class OnCallProblemNotice(IncidentNotice):
    """Something is wrong with the source of who is on call."""

    words = "on_call_problem"
    contact: str
    why: str


PageProblemNotice = (
    PageFailedNotice | NoWayLeftNotice | NobodyThereNotice | PageLostNotice | OnCallProblemNotice
)
