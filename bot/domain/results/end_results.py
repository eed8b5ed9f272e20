"""Results of what ends an incident, of its return, and of its checklist."""

from datetime import datetime

from bot.domain.results.request_result import RequestResult
from bot.domain.text_fields import Lines, text_record


class ResolvedResult(RequestResult):
    """The incident is resolved."""

    did = "resolved"


@text_record
class ResolvedAlreadyResult(RequestResult):
    """It was resolved before, by somebody at some time; both may be unknown."""

    did = "resolved_already"
    by: str
    at: datetime | None


class ClosedResult(RequestResult):
    """The incident is closed."""

    did = "closed"


class ClosedAlreadyResult(RequestResult):
    """It was closed before."""

    did = "closed_already"


@text_record
class ItemsOpenResult(RequestResult):
    """It was not closed, because these items of its checklist are open."""

    did = "items_open"
    items: Lines


EndResult = ResolvedResult | ResolvedAlreadyResult | ClosedResult | ClosedAlreadyResult | ItemsOpenResult


class CancelledResult(RequestResult):
    """It was a false alarm."""

    did = "cancelled"


class CancelledAlreadyResult(RequestResult):
    """It was cancelled before."""

    did = "cancelled_already"


@text_record
class ReopenedResult(RequestResult):
    """It is open again, and no longer a part of the incident `into` if it was."""

    did = "reopened"
    into: str


class OpenAlreadyResult(RequestResult):
    """It was open before."""

    did = "open_already"


@text_record
class MergedResult(RequestResult):
    """It was closed into another incident, whose channel may not be open yet."""

    did = "merged"
    into: str
    channel: str


@text_record
class MergedAlreadyResult(RequestResult):
    """It was merged into that incident before."""

    did = "merged_already"
    into: str


ReturnResult = (
    CancelledResult
    | CancelledAlreadyResult
    | ReopenedResult
    | OpenAlreadyResult
    | MergedResult
    | MergedAlreadyResult
)


@text_record
class TickedResult(RequestResult):
    """An item of the checklist is done: the checklist shows it."""

    did = "ticked"
    text: str


@text_record
class UntickedResult(RequestResult):
    """An item is open again: the checklist shows it."""

    did = "unticked"
    text: str


class TickedAlreadyResult(RequestResult):
    """The item was done before."""

    did = "ticked_already"


class UntickedAlreadyResult(RequestResult):
    """The item was open before."""

    did = "unticked_already"


@text_record
class ItemOwnedResult(RequestResult):
    """An item has this owner and due date now."""

    did = "item_owned"
    text: str


class ItemOwnedAlreadyResult(RequestResult):
    """It had them before."""

    did = "item_owned_already"


ChecklistResult = (
    TickedResult
    | UntickedResult
    | TickedAlreadyResult
    | UntickedAlreadyResult
    | ItemOwnedResult
    | ItemOwnedAlreadyResult
)
