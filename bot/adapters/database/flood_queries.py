"""Counts of many declarations by one person, and of many pages to one person: part of the `Transaction` port."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from bot.adapters.database.row_mappers import Row
from bot.domain.incident_list import RecentDeclaration
from bot.domain.page_attempts import HeldPage, RingingPage


class FloodCountQueries:
    """See `bot.ports.Transaction`. The statements are run by the class that inherits this one."""

    async def _run(self, name: str, /, **values: object) -> None:
        raise NotImplementedError

    async def one(self, name: str, /, **values: object) -> Row | None:
        raise NotImplementedError

    async def _all(self, name: str, /, **values: object) -> list[Row]:
        raise NotImplementedError

    async def list_recent_declarations(
        self, person: str, within: timedelta, drill: bool, words: str
    ) -> Sequence[RecentDeclaration]:
        await self._run("lock_words", person=person, words=words)
        rows = await self._all("declared_lately", person=person, within=within, drill=drill)
        return [RecentDeclaration(**row) for row in rows]

    async def find_flood_start(self, person: str, within: timedelta) -> int:
        row = await self.one("first_of_run", person=person, within=within)
        assert row is not None
        return int(row["number"])

    async def list_ringing_pages(
        self, number: int, who: Collection[str], within: timedelta
    ) -> Sequence[RingingPage]:
        listed = sorted(set(who))
        if not listed:
            return []
        await self._run("lock_called", who=listed)
        rows = await self._all("ringing", number=number, who=listed, within=within)
        return [RingingPage(**row) for row in rows]

    async def hold_page(self, number: int, person: str, joined: int, until: datetime) -> None:
        await self._run("hold_page", incident=number, person=person, joined=joined, until=until)

    async def hold_page_attempt(self, way: int, joined: int, until: datetime) -> None:
        await self._run("hold_way", way=way, joined=joined, until=until)

    async def list_held_page_incidents(
        self, limit: int, severities: Sequence[str], within: timedelta, longest: timedelta
    ) -> Sequence[int]:
        rows = await self._all(
            "incidents_of_held", limit=limit, severities=list(severities), within=within, longest=longest
        )
        return [row["incident"] for row in rows]

    async def list_held_pages(self, number: int) -> Sequence[HeldPage]:
        return [HeldPage(**row) for row in await self._all("held_of", number=number)]

    async def release_held_page(self, number: int, person: str) -> None:
        await self._run("ring_page", incident=number, person=person)

    async def clear_hold(self, number: int, call: HeldPage) -> None:
        if call.is_direct:
            await self._run("let_page_go", incident=number, person=call.person)
        else:
            await self._run("let_way_go", way=call.way)

    async def drop_page(self, number: int, person: str) -> None:
        await self._run("drop_page", incident=number, person=person)

    async def make_due_now(self, key: str) -> bool:
        row = await self.one("bring_forward", key=key)
        return row is not None and bool(row["is_new"])

    async def postpone_effect(self, key: str, until: datetime) -> None:
        await self._run("put_further_off", key=key, until=until)

    async def withdraw_effect(self, key: str) -> None:
        await self._run("take_back", key=key)
