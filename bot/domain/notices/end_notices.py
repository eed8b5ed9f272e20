"""Notices about the end of an incident, its return, and the incidents that it is merged with."""

from dataclasses import field
from datetime import datetime

from bot.domain.notices.incident_notice import IncidentNotice
from bot.domain.text_fields import kept_as, text_record


@text_record
class ClosedNotice(IncidentNotice):
    """Somebody closed it, with `left` items of the checklist open and a reason for that."""

    words = "closed"
    actor: str
    reason: str
    left: int


@text_record
class CancelledNotice(IncidentNotice):
    """Somebody cancelled it as a false alarm."""

    words = "cancelled"
    actor: str
    reason: str


@text_record
class ReopenedNotice(IncidentNotice):
    """Somebody reopened it; `before` is how it stood, `called` who is paged again, None in the incidents channel;
    `meeting_at` is when the post-mortem meeting is that was arranged."""

    words = "reopened"
    actor: str
    before: str
    called: str | None = None
    meeting_at: datetime | None = None


EndNotice = ClosedNotice | CancelledNotice | ReopenedNotice


@text_record
class MergedNotice(IncidentNotice):
    """Somebody closed it into another incident, which `into`, `title` and `channel` name."""

    words = "merged"
    actor: str
    into: str
    title: str
    channel: str


@text_record
class MergedInNotice(IncidentNotice):
    """Somebody closed another incident (`source`) into this one."""

    words = "merged_in"
    actor: str
    source: str = field(metadata=kept_as("from"))
    title: str
    channel: str


@text_record
class UnmergedNotice(IncidentNotice):
    """Somebody reopened another incident (`source`) that was merged into this one."""

    words = "unmerged"
    actor: str
    source: str = field(metadata=kept_as("from"))
    title: str
    channel: str


MergeNotice = MergedNotice | MergedInNotice | UnmergedNotice
