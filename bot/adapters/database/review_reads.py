"""What a review is made of: reads that change nothing, for the bot and for an operator's session."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.adapters.database.action_queries import build_action
from bot.adapters.database.remediations import build_remediation, can_build_remediation
from bot.adapters.database.row_mappers import build_from_row
from bot.domain.earlier_incident import EarlierIncident
from bot.domain.review import ReviewAnswer, ReviewChart, ReviewRecords

MAX_EARLIER, MAX_CHARTS = 3, 12
"""How many earlier incidents, and how many pictures, a review has at most."""


class ReviewReads:
    """See `bot.ports.ReviewReader`. The statements are run by the class that inherits this one."""

    async def _all(self, name: str, /, **values: object) -> list[dict[str, Any]]:
        raise NotImplementedError

    async def find_review_answers(self, number: int) -> Sequence[ReviewAnswer]:
        rows = await self._all("review_answers", incident=number)
        return [build_from_row(ReviewAnswer, row) for row in rows]

    async def list_earlier_incidents(self, number: int, limit: int) -> Sequence[EarlierIncident]:
        rows = await self._all("earlier_incidents", number=number, limit=limit)
        if not rows:
            return []
        found = await self._all("open_actions_of", numbers=[row["number"] for row in rows])
        items = [build_action(row) for row in found]
        return [
            build_from_row(
                EarlierIncident, row, actions=[item for item in items if item.incident == row["number"]]
            )
            for row in rows
        ]

    async def find_review_records(self, number: int) -> ReviewRecords:
        actions = await self._all("actions_of", incident=number)
        remediations = await self._all("remediations_of", incident=number)
        known = [row for row in remediations if can_build_remediation(row)]
        charts = await self._all("review_charts", incident=number, limit=MAX_CHARTS)
        return ReviewRecords(
            await self.find_review_answers(number),
            [build_action(row) for row in actions],
            [build_remediation(row) for row in known],
            await self.list_earlier_incidents(number, MAX_EARLIER),
            [build_from_row(ReviewChart, row) for row in charts],
            len(remediations) - len(known),
        )

    async def chart(self, look: int, place: int) -> bytes | None:
        rows: Sequence[Mapping[str, Any]] = await self._all("chart", look=look, place=place)
        return bytes(rows[0]["chart"]) if rows else None
