"""Details about the post-incident review."""

from bot.domain.text_fields import Lines, text_record
from bot.domain.timeline_details.entry_detail import EntryDetail
from bot.domain.timeline_details.entry_kinds import EntryKind
from bot.domain.timeline_details.meeting_details import MeetingDetail


@text_record
class ReviewAnsweredDetail(EntryDetail):
    """The actor added to these sections of the review."""

    kind = EntryKind.REVIEW_ANSWERED
    sections: Lines


@text_record
class ProposedDetail(EntryDetail):
    """A pull request with `what` is at `host`, with its link."""

    kind = EntryKind.PROPOSED
    what: str
    host: str
    link: str


@text_record
class NotProposedDetail(EntryDetail):
    """`what` could not be brought to `host`, and why."""

    kind = EntryKind.NOT_PROPOSED
    what: str
    host: str
    why: str


@text_record
class ReviewFiledDetail(EntryDetail):
    """The actor had the review posted as a file, with its id in Slack."""

    kind = EntryKind.REVIEW_FILED
    file: str


ReviewDetail = ReviewAnsweredDetail | ProposedDetail | NotProposedDetail | ReviewFiledDetail | MeetingDetail
