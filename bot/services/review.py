"""Collects what people write for the post-incident review."""

from collections.abc import Mapping

from bot.domain.effects import Effect, PostReview, RefreshReview
from bot.domain.incident import Incident, Status
from bot.domain.results import CommandResult, ReviewAnsweredResult
from bot.domain.review import QUESTIONS
from bot.domain.timeline_details import ReviewAnsweredDetail
from bot.errors import RuleViolation
from bot.ports import Transaction
from bot.services.context import ServiceContext, UserRequest
from bot.services.review_proposal import request_proposal
from bot.services.unit_of_work import get_for_update, run_idempotent
from bot.text.truncation import cut, is_blank

MAX_ANSWER_LENGTH = 3000
"""Characters of one answer."""


def ensure_over(incident: Incident) -> None:
    """A review is written when the incident is over. Raises RuleViolation."""
    if incident.status not in (Status.RESOLVED, Status.CLOSED):
        raise RuleViolation(
            f"{incident.reference} is {incident.status}: the review is written when it is resolved. "
            "Nothing was changed."
        )


async def add_review_answers(
    desk: ServiceContext, request: UserRequest, number: int, answers: Mapping[str, str]
) -> CommandResult:
    """Add what one person wrote, by the ids of the questions; nothing of others is replaced. `review_answered` or
    `refused`."""

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        ensure_over(incident)
        given = [question for question in QUESTIONS if not is_blank(answers.get(question.id, ""))]
        if not given:
            raise RuleViolation("Nothing was written, so nothing was added.")
        for question in given:
            words = cut(answers[question.id].strip(), MAX_ANSWER_LENGTH)
            await tx.add_review_answer(number, question.id, request.actor, words)
        sections = tuple(question.section for question in given)
        await tx.add_entry(number, request.actor, ReviewAnsweredDetail(sections=sections))
        if incident.status is Status.RESOLVED:  # later its channel may be archived
            shown: list[Effect] = [
                PostReview(incident=number),
                RefreshReview(incident=number, change=request.change),
            ]
            await tx.enqueue(shown)
        await request_proposal(desk, tx, incident, request.change)
        return ReviewAnsweredResult(number, sections=sections)

    return await run_idempotent(desk, request, change)
