"""The answers of reviews: part of the `Transaction` port."""

from collections.abc import Sequence
from datetime import timedelta

from bot.adapters.database.row_mappers import Row, build_from_row, build_proposal
from bot.domain.proposal import ReviewProposal
from bot.domain.review import POINTER, ReviewAnswer


class ReviewQueries:
    """See `bot.ports.review_repository`. The statements are run by the class that inherits this one."""

    async def _run(self, name: str, /, **values: object) -> None:
        raise NotImplementedError

    async def one(self, name: str, /, **values: object) -> Row | None:
        raise NotImplementedError

    async def _all(self, name: str, /, **values: object) -> list[Row]:
        raise NotImplementedError

    async def add_review_answer(self, number: int, question: str, person: str, text: str) -> None:
        if question == POINTER.id:
            await self._run("add_review_pointer", incident=number, person=person, text=text)
        else:
            await self._run("add_review_answer", incident=number, question=question, person=person, text=text)

    async def list_review_answers(self, number: int) -> Sequence[ReviewAnswer]:
        return [
            build_from_row(ReviewAnswer, row) for row in await self._all("review_answers", incident=number)
        ]

    async def request_review_proposal(self, number: int) -> None:
        await self._run("request_review_proposal", incident=number)

    async def lock_review_proposal(self, number: int) -> ReviewProposal | None:
        row = await self.one("lock_review_proposal", incident=number)
        return build_proposal(row) if row else None

    async def set_review_proposal(self, number: int, proposal: ReviewProposal) -> None:
        await self._run(
            "set_review_proposal",
            incident=number,
            state=proposal.state.value,
            link=proposal.link,
            why=proposal.why,
            entries=proposal.entries,
        )

    async def list_due_review_proposals(self, limit: int) -> Sequence[int]:
        return [row["number"] for row in await self._all("due_review_proposals", limit=limit)]

    async def postpone_review_proposal(self, number: int, by: timedelta) -> bool:
        row = await self.one("postpone_review_proposal", incident=number, by=by)
        return row is not None and bool(row["has_news"])
