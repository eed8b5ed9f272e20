"""Details about the post-mortem meeting."""

from datetime import datetime

from bot.domain.text_fields import People, text_record
from bot.domain.timeline_details.entry_detail import EntryDetail
from bot.domain.timeline_details.entry_kinds import EntryKind


@text_record
class MeetingArrangedDetail(EntryDetail):
    """The actor invited these people to it."""

    kind = EntryKind.MEETING_ARRANGED
    starts_at: datetime
    minutes: int
    people: People


@text_record
class MeetingMovedDetail(EntryDetail):
    """The actor moved it from `before`, or changed who is invited or where it is."""

    kind = EntryKind.MEETING_MOVED
    before: datetime
    starts_at: datetime
    minutes: int
    people: People


@text_record
class MeetingCancelledDetail(EntryDetail):
    """The actor cancelled it, with a reason or without."""

    kind = EntryKind.MEETING_CANCELLED
    starts_at: datetime
    reason: str


MeetingDetail = MeetingArrangedDetail | MeetingMovedDetail | MeetingCancelledDetail
