"""Notices about what customers are told."""

from datetime import datetime

from bot.domain.notices.incident_notice import IncidentNotice
from bot.domain.text_fields import Lines, text_record


@text_record
class PublishedNotice(IncidentNotice):
    """A text is public at this page; `restored` are the components that it sets working again."""

    words = "published"
    page: str
    link: str
    status: str
    by: str
    promised: datetime | None
    restored: Lines


@text_record
class NotPublishedNotice(IncidentNotice):
    """A text could not be published at this page, and why."""

    words = "not_published"
    page: str
    why: str


@text_record
class PublicOverdueNotice(IncidentNotice):
    """The next public update was promised for `promised`, and `person` is asked for it; late by so many minutes."""

    words = "public_overdue"
    promised: datetime
    minutes: int
    person: str


PublicationNotice = PublishedNotice | NotPublishedNotice | PublicOverdueNotice
