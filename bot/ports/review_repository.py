"""The answers of a review, as the database keeps them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from bot.domain.proposal import ReviewProposal
from bot.domain.review import ReviewAnswer, ReviewRecords


class ReviewRepository(Protocol):
    """What a transaction knows of a review. Its incident is locked by it."""

    async def add_review_answer(self, number: int, question: str, person: str, text: str) -> None: ...
    async def list_review_answers(self, number: int) -> Sequence[ReviewAnswer]: ...
    async def request_review_proposal(self, number: int) -> None:
        """From now on its review belongs at the code host, in one pull request."""

    async def lock_review_proposal(self, number: int) -> ReviewProposal | None:
        """As it stands, held until this transaction ends; None when it was never asked for."""

    async def set_review_proposal(self, number: int, proposal: ReviewProposal) -> None: ...
    async def list_due_review_proposals(self, limit: int) -> Sequence[int]: ...
    async def postpone_review_proposal(self, number: int, by: timedelta) -> bool:
        """Whether it was due and the timeline tells more than its last commit; asked again after so long."""


class ReviewReader(Protocol):
    """What the store knows of a review without changing it."""

    async def find_review_answers(self, number: int) -> Sequence[ReviewAnswer]:
        """All of an incident, in the order in which they were written."""

    async def find_review_records(self, number: int) -> ReviewRecords:
        """All that its review is made of beside the situation."""
