"""What is said about pull requests at the code host."""

from typing import assert_never

from bot.domain.notices import NotProposedNotice, ProposalEndedNotice, ProposalNotice, ProposedNotice
from bot.domain.proposal import ReviewProposal
from bot.domain.timeline_details import NotProposedDetail, ProposedDetail
from templates.spans import Bold, Line, WebLink

SAYS_MORE = ("I keep trying.", "The incident log is still kept.")
"""How reasons end that say themselves what follows."""

CALLED = {"review": "The review", "runbook": "The runbook's improvement"}


def describe_proposal_notice(notice: ProposalNotice) -> Line:
    """The line in the incident's channel."""
    what = CALLED.get(notice.what, notice.what)
    match notice:
        case ProposedNotice():
            after = " What is added here comes as a further commit." if notice.what == "review" else ""
            head = Bold(f"{what} is a pull request at {notice.host} now.")
            return (head, f"{after} ", *_link(notice.link, "See it"))
        case NotProposedNotice():
            now = " as it reads now" if notice.what == "review" else ""
            is_tried = notice.what == "review" and not notice.why.endswith(SAYS_MORE)
            later = " It is tried again when something new is recorded." if is_tried else ""
            return (Bold(f"{what} is not at {notice.host}{now}: "), notice.why, later)
        case ProposalEndedNotice():
            was = f"{what} was {notice.state} at {notice.host} by people."
            after = " What is recorded from now on is not in it. "
            return (Bold(was), after, *_link(notice.link, "See it"))
        case _:
            assert_never(notice)


def describe_proposal_entry(detail: ProposedDetail | NotProposedDetail) -> Line:
    """The timeline entry."""
    what = CALLED.get(detail.what, detail.what).lower()
    match detail:
        case ProposedDetail():
            return (f"proposed {what} at {detail.host} ", *_link(detail.link, "(link)"))
        case NotProposedDetail():
            return (f"could not bring {what} to {detail.host}: {detail.why}",)
        case _:
            assert_never(detail)


def describe_proposal(proposal: ReviewProposal | None) -> Line:
    """How the pull request of a review stands; empty while there is none and nothing is in its way."""
    if proposal is None:
        return ()
    if proposal.link:
        return (WebLink(proposal.link, "Pull request"), f" ({proposal.state})")
    return (f"No pull request yet: {proposal.why}",) if proposal.why else ()


def _link(address: str, words: str) -> Line:
    """Nothing without an address, as in a row that another version wrote."""
    return (WebLink(address, words),) if address else ()
