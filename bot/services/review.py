"""Collects what people write for the post-incident review."""

from collections.abc import Mapping

from bot.domain.effects import Effect, PostReview, RefreshChecklist, RefreshReview
from bot.domain.incident import Incident, Status
from bot.domain.results import CommandResult, ReviewAnsweredResult
from bot.domain.review import (
    NO_FINDING,
    POINTER,
    QUESTIONS,
    build_finding_key,
    describe_finding,
    list_findings,
)
from bot.domain.timeline_details import ReviewAnsweredDetail
from bot.errors import RuleViolation
from bot.ports import Transaction
from bot.services.context import ServiceContext, UserRequest
from bot.services.review_proposal import request_proposal
from bot.services.unit_of_work import get_for_update, run_idempotent
from bot.text.truncation import cut, is_blank

MAX_ANSWER_LENGTH = 3000
"""Characters of one answer."""


def ensure_over(incident: Incident, what: str = "the review is written") -> None:
    """A review, and `what` else, comes when the incident is over. Raises RuleViolation."""
    if incident.status not in (Status.RESOLVED, Status.CLOSED):
        raise RuleViolation(
            f"{incident.reference} is {incident.status}: {what} when it is resolved. Nothing was changed."
        )


async def add_review_answers(
    desk: ServiceContext, request: UserRequest, number: int, answers: Mapping[str, str]
) -> CommandResult:
    """Add what one person wrote, by the ids of the questions (for POINTER the key of a
    finding); nothing of others is replaced. `review_answered` or
    `refused`."""

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        ensure_over(incident)
        known = dict(answers)
        if chosen := known.pop(POINTER.id, ""):
            known[POINTER.id] = await _describe_chosen(tx, number, chosen)
        asked = (*QUESTIONS, POINTER)
        given = [question for question in asked if not is_blank(known.get(question.id, ""))]
        if not given:
            raise RuleViolation("Nothing was written, so nothing was added.")
        for question in given:
            words = cut(known[question.id].strip(), MAX_ANSWER_LENGTH)
            await tx.add_review_answer(number, question.id, request.actor, words)
        sections = tuple(dict.fromkeys(question.section for question in given))
        await tx.add_entry(number, request.actor, ReviewAnsweredDetail(sections=sections))
        if incident.status is Status.RESOLVED:  # later its channel may be archived
            shown: list[Effect] = [
                PostReview(incident=number),
                RefreshReview(incident=number, change=request.change),
                RefreshChecklist(incident=number, count=incident.resolutions, change=request.change),
            ]
            await tx.enqueue(shown)
        await request_proposal(desk, tx, incident, request.change)
        return ReviewAnsweredResult(number, sections=sections)

    return await run_idempotent(desk, request, change)


async def _describe_chosen(tx: Transaction, number: int, chosen: str) -> str:
    """The words of the finding that was chosen. Raises RuleViolation when it is not there any more."""
    if chosen == NO_FINDING:
        return NO_FINDING
    situation = await tx.situation(number)
    assert situation is not None
    for result in list_findings(situation):
        if build_finding_key(result) == chosen:
            return describe_finding(result)
    raise RuleViolation("That finding is not there any more: choose again. Nothing was added.")
