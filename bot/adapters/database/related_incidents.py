"""Incidents that belong together: part of the `Transaction` port."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.adapters.database.row_mappers import Row


class RelatedIncidentQueries:
    """See `bot.ports.Transaction`. The statements are run by the class that inherits this one."""

    async def _run(self, name: str, /, **values: object) -> None:
        raise NotImplementedError

    async def one(self, name: str, /, **values: object) -> Row | None:
        raise NotImplementedError

    async def _all(self, name: str, /, **values: object) -> list[Row]:
        raise NotImplementedError

    async def add_follower(self, number: int, person: str) -> bool:
        return await self.one("add_follower", number=number, person=person) is not None

    async def drop_follower(self, number: int, person: str) -> bool:
        return await self.one("drop_follower", number=number, person=person) is not None

    async def drop_followers(self, number: int) -> None:
        await self._run("drop_followers", number=number)

    async def followers(self, number: int) -> Sequence[str]:
        return [row["person"] for row in await self._all("followers", number=number)]

    async def merge(self, number: int, into: int, person: str) -> None:
        await self._run("merge", number=number, into=into, person=person)

    async def unmerge(self, number: int) -> None:
        await self._run("unmerge", number=number)

    async def find_merge_target(self, number: int) -> int | None:
        row = await self.one("merged_into", number=number)
        return int(row["into_incident"]) if row else None

    async def list_due_shifts(self, limit: int) -> Sequence[int]:
        return [row["number"] for row in await self._all("due_shifts", limit=limit)]

    async def begin_shift_check(self, number: int, commander: str, again: timedelta) -> int | None:
        row = await self.one("begin_shift_look", number=number, commander=commander, again=again)
        return int(row["look"]) if row else None

    async def schedule_shift_check(self, number: int, commander: str, at: datetime) -> None:
        await self._run("put_shift_look", number=number, commander=commander, at=at)
