"""Results that any request may have."""

from dataclasses import dataclass

from bot.domain.results.request_result import RequestResult


@dataclass(frozen=True, kw_only=True)
class RefusedResult(RequestResult):
    """A rule says no, in its own sentence. Nothing was changed."""

    did = "refused"
    sentence: str


@dataclass(frozen=True, kw_only=True)
class UnansweredResult(RequestResult):
    """The request is still under way; the store gives it, and never keeps it."""

    did = "unanswered"


@dataclass(frozen=True, kw_only=True)
class NoticedResult(RequestResult):
    """The bot saw something by itself and recorded it: nobody asked, so nobody is answered."""

    did = "noticed"


@dataclass(frozen=True, kw_only=True)
class NothingNewResult(RequestResult):
    """The bot saw something by itself that it knows already."""

    did = "nothing_new"


@dataclass(frozen=True, kw_only=True)
class OtherVersionResult(RequestResult):
    """Another version kept it, under a name that this one does not know."""

    did = "other_version"


GeneralResult = RefusedResult | UnansweredResult | NoticedResult | NothingNewResult | OtherVersionResult
