"""The part of the `Transaction` port that counts floods: of declarations by one person, of pages to one person."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.incident_list import RecentDeclaration
from bot.domain.page_attempts import HeldPage, RingingPage


class FloodCounts(Protocol):
    """See `bot.ports.Transaction`."""

    async def list_recent_declarations(
        self, person: str, within: timedelta, drill: bool, words: str
    ) -> Sequence[RecentDeclaration]:
        """What this person declared no longer ago than that, drills or real ones, newest first. Who declares the same
        `words` as the same person elsewhere waits until this transaction has ended."""

    async def find_flood_start(self, person: str, within: timedelta) -> int:
        """The first of the public, real incidents that this person declares without a pause longer than that; or the
        one by which that was told already."""

    async def list_ringing_pages(
        self, number: int, who: Collection[str], within: timedelta
    ) -> Sequence[RingingPage]:
        """What rings these (people in Slack, handles beside it) since no longer than that, for other incidents than
        this one, oldest first. Who calls the same ones elsewhere waits until this transaction has ended."""

    async def hold_page(self, number: int, person: str, joined: int, until: datetime) -> None:
        """The direct message joins the page of the incident `joined`."""

    async def hold_page_attempt(self, way: int, joined: int, until: datetime) -> None: ...

    async def list_held_page_incidents(
        self, limit: int, severities: Sequence[str], within: timedelta, longest: timedelta
    ) -> Sequence[int]:
        """The incidents, the worst first, of which something held is due: `severities` are known ones from the worst to
        the mildest, what rings does so for `within`, and nothing is held for longer than `longest`."""

    async def list_held_pages(self, number: int) -> Sequence[HeldPage]:
        """What is held of an incident."""

    async def release_held_page(self, number: int, person: str) -> None:
        """The direct message is asked for now and held no longer."""

    async def clear_hold(self, number: int, call: HeldPage) -> None:
        """It is held no longer; whether it rings is said elsewhere."""

    async def drop_page(self, number: int, person: str) -> None:
        """A direct message that is held is not called for any more, as if it had never been."""

    async def make_due_now(self, key: str) -> bool:
        """An effect that waits for its time is due now. Whether it had not begun: then it shows what this transaction
        writes."""

    async def postpone_effect(self, key: str, until: datetime) -> None: ...
    async def withdraw_effect(self, key: str) -> None:
        """An effect that was not begun is not to be done any more."""
