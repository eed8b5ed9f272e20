"""What is said about texts for customers: answers, notices and timeline entries."""

from collections.abc import Mapping
from typing import assert_never

from bot.domain.notices import NotPublishedNotice, PublicationNotice, PublicOverdueNotice, PublishedNotice
from bot.domain.public_update import CONFIRMATION, PublicState
from bot.domain.results import PublicationResult
from bot.domain.results.publication_results import (
    PublicAcceptedResult,
    PublicDecidedAlreadyResult,
    PublicDraftedResult,
    PublicHeldBackResult,
    PublicNotYoursResult,
    PublicRehearsedResult,
    PublicSecondedResult,
    PublicWithheldResult,
)
from bot.domain.timeline_details import (
    NotPublishedDetail,
    PublicAcceptedDetail,
    PublicationDetail,
    PublicOverdueDetail,
    PublicWithheldDetail,
    PublishedDetail,
)
from bot.text.truncation import join_lines
from templates.spans import Bold, Code, Line, Span, Timestamp, UserMention, WebLink

HELD_BACK = "Not published: words in it hold it back."


def describe_publication(result: PublicationResult, reference: str) -> list[Line]:
    """What who drafted, published or withheld a text is told."""
    match result:
        case PublicDraftedResult():
            drafted = Bold(f"The draft for customers is in the channel of {reference}.")
            return [(drafted, " Nothing is public until somebody clicks “Publish”.")]
        case PublicAcceptedResult():
            return [(Bold(f"It goes out now: {result.pages}."), " The channel gets the link.")]
        case PublicSecondedResult():
            second = " A second person has to publish it: commander, deputy or communications lead ("
            return [
                (Bold("You agreed."), second, Code("/incident assign"), "). Nothing is public yet."),
            ]
        case PublicRehearsedResult():
            return [
                (Bold("A drill: nothing was published."), f" It would have gone out now: {result.pages}.")
            ]
        case PublicWithheldResult():
            return [("It stays inside. Nothing was published.",)]
        case PublicHeldBackResult():
            how = (
                "Click “Edit” to change it, or type ",
                Code(CONFIRMATION),
                " there to publish it as it is.",
            )
            return [(Bold(HELD_BACK),), *((f"• {concern}",) for concern in result.concerns), how]
        case PublicDecidedAlreadyResult():
            by: Line = (" by ", UserMention(result.by)) if result.by else ()
            return [
                (f"This draft is {DECIDED.get(result.state, result.state)}", *by, ". Nothing was changed.")
            ]
        case PublicNotYoursResult():
            who = list_publishers(result.publishers)
            assign: Line = (
                " Ask them, or take a role: ",
                Code("/incident assign"),
                ". Nothing was published.",
            )
            return [("This may be published by ", *who, ".", *assign)]
        case _:
            assert_never(result)


DECIDED: Mapping[str, str] = {
    PublicState.ACCEPTED: "published already",
    PublicState.WITHHELD: "kept inside",
    PublicState.OUTDATED: "overtaken by what came later",
}


def list_publishers(publishers: tuple[str, ...]) -> Line:
    """Who may publish, from texts of a role and an id: `@ana (commander)`."""
    spans: list[Span] = []
    for place, text in enumerate(publishers):
        what, _, person = text.rpartition(" ")
        spans += [", " if place else "", UserMention(person), f" ({what})"]
    return tuple(spans)


def describe_publication_notice(notice: PublicationNotice) -> Line:
    """The line in the incident's channel."""
    match notice:
        case PublishedNotice():
            link: Line = (" ", WebLink(notice.link, "See it")) if notice.link else ()
            by: Line = (", published by ", UserMention(notice.by)) if notice.by else ()
            public = Bold(f"Public on {notice.page}: {notice.status}")
            return (public, *by, ".", *_restored(notice), *_next(notice), *link)
        case NotPublishedNotice():
            return (Bold(f"Not published on {notice.page}: "), notice.why)
        case PublicOverdueNotice():
            late = f" is {notice.minutes} min late." if notice.minutes else " is due."
            promised = ("the public update promised for ", Timestamp(notice.promised), late)
            return (
                UserMention(notice.person),
                " ",
                *promised,
                " Customers wait: ",
                Code("/incident publish"),
            )
        case _:
            assert_never(notice)


def _restored(notice: PublishedNotice) -> Line:
    return (f" Back to operational: {', '.join(notice.restored)}.",) if notice.restored else ()


def _next(notice: PublishedNotice) -> Line:
    return (" Next one promised for ", Timestamp(notice.promised), ".") if notice.promised else ()


def describe_public_entry(detail: PublicationDetail) -> Line:
    """The timeline entry."""
    match detail:
        case PublicAcceptedDetail():
            others: Line = ()
            for person in detail.others:
                others = (*others, " with ", UserMention(person))
            confirmed = f" (confirmed: {detail.confirmed})" if detail.confirmed else ""
            text = f" for customers, {detail.status}{confirmed}: {join_lines(detail.text)}"
            return ("published an update", *others, text)
        case PublicWithheldDetail():
            return (f"kept an update for customers inside ({detail.status})",)
        case PublishedDetail():
            link: Line = (" ", WebLink(detail.link, "(link)")) if detail.link else ()
            return (f"put it on {detail.page}, {detail.status}", *link)
        case NotPublishedDetail():
            return (f"could not publish on {detail.page}: {detail.why}",)
        case PublicOverdueDetail():
            return (f"told the channel that the public update is {detail.minutes} min late",)
        case _:
            assert_never(detail)
