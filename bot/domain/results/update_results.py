"""Results of posting a status update, and of a reminder of one."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.results.request_result import RequestResult


@dataclass(frozen=True, kw_only=True)
class UpdatedResult(RequestResult):
    """The update is posted; `next` is when the following one is due, None without a fixed time."""

    did = "updated"
    next: datetime | None
    status: str


@dataclass(frozen=True, kw_only=True)
class UpdatedMeanwhileResult(RequestResult):
    """Somebody posted an update that its author has not seen: a form shows both."""

    did = "updated_meanwhile"


@dataclass(frozen=True, kw_only=True)
class DraftOutdatedResult(RequestResult):
    """Somebody posted an update first, so the draft of the reminder was not posted."""

    did = "draft_outdated"


@dataclass(frozen=True, kw_only=True)
class SnoozedResult(RequestResult):
    """The reminder comes again at `until`; the update stays due at `promise`."""

    did = "snoozed"
    until: datetime
    promise: datetime


@dataclass(frozen=True, kw_only=True)
class SnoozedAlreadyResult(RequestResult):
    """This reminder was snoozed before."""

    did = "snoozed_already"


@dataclass(frozen=True, kw_only=True)
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
