"""Results of paging by hand."""

from bot.domain.incident_changes import ManualPage
from bot.domain.results.request_result import RequestResult
from bot.domain.text_fields import text_record


@text_record
class PagedResult(ManualPage, RequestResult):
    """They are paged. `remarks` say in sentences who of those that were typed is not; `empty` is the incidents
    channel's name when everyone was meant and nobody is in it."""

    did = "paged"
    remarks: str
    empty: str


@text_record
class PagedAlreadyResult(RequestResult):
    """They were all paged before, and there is no other way to reach them."""

    did = "paged_already"
    to: str
    remarks: str
    empty: str


@text_record
class NobodyThereResult(RequestResult):
    """Everyone was meant, and nobody is in the incidents channel."""

    did = "nobody_there"
    channel: str
    remarks: str


@text_record
class EscalatedResult(RequestResult):
    """The next people are paged."""

    did = "escalated"
    step: int


PageResult = PagedResult | PagedAlreadyResult | NobodyThereResult | EscalatedResult
