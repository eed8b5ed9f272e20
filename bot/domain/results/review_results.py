"""Results about the post-incident review."""

from bot.domain.results.meeting_results import MeetingResult
from bot.domain.results.request_result import RequestResult
from bot.domain.text_fields import Lines, text_record


@text_record
class ReviewAnsweredResult(RequestResult):
    """Answers were added to the review; `sections` are their headings."""

    did = "review_answered"
    sections: Lines


class RunbookAskedResult(RequestResult):
    """What the runbook could learn is drafted; the channel gets it."""

    did = "runbook_asked"


@text_record
class RunbookChosenResult(RequestResult):
    """So many changes of the runbook become a pull request."""

    did = "runbook_chosen"
    count: int


class ReviewFileAskedResult(RequestResult):
    """The review comes as a file."""

    did = "review_file_asked"


ReviewResult = (
    ReviewAnsweredResult | ReviewFileAskedResult | RunbookAskedResult | RunbookChosenResult | MeetingResult
)
