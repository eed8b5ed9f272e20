"""Results about action items."""

from bot.domain.results.request_result import RequestResult
from bot.domain.text_fields import People, text_record


@text_record
class ActionAddedResult(RequestResult):
    """The action item A-`action` was added; `due` is ISO 8601, `owner` a user id, both empty for none."""

    did = "action_added"
    action: int
    text: str
    owner: str
    due: str


@text_record
class ActionEndedResult(RequestResult):
    """It is done, or will not be done: `state` says which."""

    did = "action_ended"
    action: int
    text: str
    state: str


@text_record
class ActionEndedAlreadyResult(RequestResult):
    """It was not open any more; `state` is how it stood."""

    did = "action_ended_already"
    action: int
    state: str


@text_record
class ActionReopenedResult(RequestResult):
    """It is open again."""

    did = "action_reopened"
    action: int
    text: str


@text_record
class ActionOpenAlreadyResult(RequestResult):
    """It was open before."""

    did = "action_open_already"
    action: int


@text_record
class NoActionsResult(RequestResult):
    """It is kept why there is no action item."""

    did = "no_actions"
    reason: str


@text_record
class LearningsSharedResult(RequestResult):
    """It is posted in these channels."""

    did = "learnings_shared"
    channels: People


ActionResult = (
    ActionAddedResult
    | ActionEndedResult
    | ActionEndedAlreadyResult
    | ActionReopenedResult
    | ActionOpenAlreadyResult
    | NoActionsResult
    | LearningsSharedResult
)
