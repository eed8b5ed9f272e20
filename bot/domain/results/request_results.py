"""Results that any request may have."""

from bot.domain.results.request_result import RequestResult
from bot.domain.text_fields import text_record


@text_record
class RefusedResult(RequestResult):
    """A rule says no, in its own sentence. Nothing was changed."""

    did = "refused"
    sentence: str


class UnansweredResult(RequestResult):
    """The request is still under way; the store gives it, and never keeps it."""

    did = "unanswered"


class NoticedResult(RequestResult):
    """The bot saw something by itself and recorded it: nobody asked, so nobody is answered."""

    did = "noticed"


class NothingNewResult(RequestResult):
    """The bot saw something by itself that it knows already."""

    did = "nothing_new"


class OtherVersionResult(RequestResult):
    """Another version kept it, under a name that this one does not know."""

    did = "other_version"


GeneralResult = RefusedResult | UnansweredResult | NoticedResult | NothingNewResult | OtherVersionResult
