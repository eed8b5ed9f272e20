"""Records what came of proposing a review at the code host, and asks for it anew when there is more to tell."""

from datetime import timedelta

from bot.domain.effects import Effect, PostNotice, ProposeReview, RefreshChecklist, RefreshReview
from bot.domain.incident import Incident, Status
from bot.domain.notices import NotProposedNotice, ProposalEndedNotice, ProposedNotice
from bot.domain.proposal import ProposalState, ReviewProposal
from bot.domain.timeline_details import NotProposedDetail, ProposedDetail
from bot.ports import Transaction
from bot.ports.code_host import PullRequest
from bot.services.context import ServiceContext
from bot.services.unit_of_work import process_each_due

REVIEW = "review"
LOOK_EVERY = timedelta(minutes=1)
"""How often it is asked whether the timeline tells more than the last commit."""


async def request_proposal(desk: ServiceContext, tx: Transaction, incident: Incident, change: str) -> None:
    """The review of this incident, locked by the transaction, belongs at the code host from now on."""
    if desk.proposes.may_propose(incident.private, incident.drill):
        await tx.request_review_proposal(incident.number)
        await tx.enqueue([ProposeReview(incident=incident.number, change=change)])


async def propose_changed_reviews(desk: ServiceContext) -> int:
    """Ask for a new commit for each review whose timeline tells more. Gives how many were looked at."""
    return await process_each_due(
        desk,
        "reviews at the code host",
        lambda tx, limit: tx.list_due_review_proposals(limit),
        _propose_if_changed,
    )


async def _propose_if_changed(desk: ServiceContext, tx: Transaction, incident: Incident) -> None:
    now = await tx.now()
    if await tx.postpone_review_proposal(incident.number, LOOK_EVERY):
        await tx.enqueue(
            [ProposeReview(incident=incident.number, change=f"due:{int(now.timestamp() * 1000)}")]
        )


async def record_proposed(
    desk: ServiceContext, tx: Transaction, number: int, pull: PullRequest | None, why: str, entries: int
) -> None:
    """It is there as it read with so many timeline entries; `why` is what was left out. Said when that is new."""
    incident = await tx.lock(number)
    before = await tx.lock_review_proposal(number)
    assert incident is not None
    if before is None:  # a restore put back a backup from before it was asked for
        await tx.request_review_proposal(number)
        before = ReviewProposal(ProposalState.WAITING)
    state = ProposalState(pull.state) if pull else ProposalState.WAITING
    link = pull.link if pull else ""
    await tx.set_review_proposal(number, ReviewProposal(state, link, why, entries))
    host, told = desk.proposes.host, list[Effect]()
    if link and before.link != link:
        await tx.add_entry(number, "", ProposedDetail(what=REVIEW, host=host, link=link))
        told.append(PostNotice.say(number, ProposedNotice(what=REVIEW, host=host, link=link), REVIEW))
        told += _refresh(incident, "proposed")
    if state in (ProposalState.MERGED, ProposalState.CLOSED):
        ended = ProposalEndedNotice(what=REVIEW, host=host, link=link, state=state.value)
        told += [PostNotice.say(number, ended, REVIEW), *_refresh(incident, state.value)]
    if why and why != before.why:
        notice = NotProposedNotice(what=REVIEW, host=host, why=why)
        told.append(PostNotice.say(number, notice, f"{REVIEW}:{entries}"))
    await tx.enqueue(told)


async def record_refused(desk: ServiceContext, tx: Transaction, number: int, why: str, entries: int) -> None:
    """It is not there, or not as it reads now: said once for each reason, and tried again with the next news."""
    incident = await tx.lock(number)
    before = await tx.lock_review_proposal(number) or ReviewProposal(ProposalState.WAITING)
    assert incident is not None
    if why != before.why:
        host = desk.proposes.host
        await tx.add_entry(number, "", NotProposedDetail(what=REVIEW, host=host, why=why))
        entries += 1
        notice = NotProposedNotice(what=REVIEW, host=host, why=why)
        await tx.enqueue(
            [PostNotice.say(number, notice, f"{REVIEW}:{entries}"), *_refresh(incident, str(entries))]
        )
    await tx.set_review_proposal(number, ReviewProposal(before.state, before.link, why, entries))


async def record_away(desk: ServiceContext, tx: Transaction, number: int, why: str) -> None:
    """The host is away: said once until it answers."""
    await tx.lock(number)
    notice = NotProposedNotice(what=REVIEW, host=desk.proposes.host, why=why)
    before = await tx.lock_review_proposal(number)
    change = f"{REVIEW}:away:{before.entries if before else 0}"
    await tx.enqueue([PostNotice.say(number, notice, change)])


def _refresh(incident: Incident, change: str) -> list[Effect]:
    """The messages that show it; later their channel may be archived."""
    if incident.status is not Status.RESOLVED:
        return []
    name = f"proposal:{change}"
    return [
        RefreshReview(incident=incident.number, change=name),
        RefreshChecklist(incident=incident.number, count=incident.resolutions, change=name),
    ]


async def handle_dead_proposal(
    desk: ServiceContext, tx: Transaction, effect: ProposeReview, why: str
) -> None:
    """It can never be brought there: said in the room."""
    situation = await tx.situation(effect.incident)
    await record_refused(desk, tx, effect.incident, f"{why}.", len(situation.entries) if situation else 0)
