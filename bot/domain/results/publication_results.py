"""Results of drafting, publishing and withholding a text for customers."""

from bot.domain.results.request_result import RequestResult
from bot.domain.text_fields import Lines, text_record


class PublicDraftedResult(RequestResult):
    """A text for customers is shown in the channel, for somebody to decide on."""

    did = "public_drafted"


@text_record
class PublicAcceptedResult(RequestResult):
    """It goes out at these pages."""

    did = "public_accepted"
    pages: str


class PublicSecondedResult(RequestResult):
    """One of two persons agreed."""

    did = "public_seconded"


@text_record
class PublicRehearsedResult(RequestResult):
    """A drill: it would have gone out at these pages."""

    did = "public_rehearsed"
    pages: str


class PublicWithheldResult(RequestResult):
    """It stays inside."""

    did = "public_withheld"


@text_record
class PublicHeldBackResult(RequestResult):
    """Words in it hold it back, each with why; nothing was published."""

    did = "public_held_back"
    concerns: Lines


@text_record
class PublicDecidedAlreadyResult(RequestResult):
    """Somebody decided on it before; `state` is how it stands."""

    did = "public_decided_already"
    state: str
    by: str


@text_record
class PublicNotYoursResult(RequestResult):
    """Who asked may not publish; `publishers` may: each what they are, a space in front of their id."""

    did = "public_not_yours"
    publishers: Lines


PublicationResult = (
    PublicDraftedResult
    | PublicAcceptedResult
    | PublicSecondedResult
    | PublicRehearsedResult
    | PublicWithheldResult
    | PublicHeldBackResult
    | PublicDecidedAlreadyResult
    | PublicNotYoursResult
)
