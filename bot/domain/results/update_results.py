"""Results of posting a status update, and of a reminder of one."""

from datetime import datetime

from bot.domain.results.request_result import RequestResult
from bot.domain.text_fields import text_record


@text_record
class UpdatedResult(RequestResult):
    """The update is posted; `next` is when the following one is due, None without a fixed time."""

    did = "updated"
    next: datetime | None
    status: str


class UpdatedMeanwhileResult(RequestResult):
    """Somebody posted an update that its author has not seen: a form shows both."""

    did = "updated_meanwhile"


class DraftOutdatedResult(RequestResult):
    """Somebody posted an update first, so the draft of the reminder was not posted."""

    did = "draft_outdated"


@text_record
class SnoozedResult(RequestResult):
    """The reminder comes again at `until`; the update stays due at `promise`."""

    did = "snoozed"
    until: datetime
    promise: datetime


class SnoozedAlreadyResult(RequestResult):
    """This reminder was snoozed before."""

    did = "snoozed_already"


class NothingToSnoozeResult(RequestResult):
    """There is no reminder left."""

    did = "nothing_to_snooze"


UpdateResult = (
    UpdatedResult
    | UpdatedMeanwhileResult
    | DraftOutdatedResult
    | SnoozedResult
    | SnoozedAlreadyResult
    | NothingToSnoozeResult
)
