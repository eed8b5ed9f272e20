"""Results about the post-mortem meeting."""

from datetime import datetime

from bot.domain.results.request_result import RequestResult
from bot.domain.text_fields import text_record


@text_record
class MeetingArrangedResult(RequestResult):
    """It is at that time, with so many people; `is_moved` says that it was arranged before."""

    did = "meeting_arranged"
    starts_at: datetime
    count: int
    is_moved: bool


@text_record
class MeetingCancelledResult(RequestResult):
    """It does not take place; so many people are told."""

    did = "meeting_cancelled"
    count: int


@text_record
class MeetingCancelledAlreadyResult(RequestResult):
    """It was cancelled before."""

    did = "meeting_cancelled_already"


MeetingResult = MeetingArrangedResult | MeetingCancelledResult | MeetingCancelledAlreadyResult
