"""After a restore from a backup: part of the `Transaction` port."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from psycopg.types.json import Jsonb

from bot.adapters.database.replica_lock import FAMILY
from bot.adapters.database.row_mappers import Row

PAGES = ["PageContact", "PageResponder", "CallEveryone", "FindOnCall", "FindResponders"]
"""The kinds of effects that call people, or find out whom to call."""


class RestoreQueries:
    """See `bot.ports.Transaction`. The statements are run by the class that inherits this one."""

    async def _run(self, name: str, /, **values: object) -> None:
        raise NotImplementedError

    async def one(self, name: str, /, **values: object) -> Row | None:
        raise NotImplementedError

    async def _all(self, name: str, /, **values: object) -> list[Row]:
        raise NotImplementedError

    async def find_last_number(self) -> int:
        row = await self.one("last_number")
        assert row is not None
        return int(row["number"])

    async def find_restore_age(self) -> timedelta | None:
        row = await self.one("restore_of_tables")
        return row["since"] if row else None

    async def hold_pages(self, older: timedelta) -> Sequence[tuple[int, str]]:
        rows = await self._all("hold_pages", kinds=PAGES, older=older)
        return [(row["incident"], row["contact"]) for row in rows]

    async def hold_escalations(self, older: timedelta) -> Sequence[int]:
        return [row["number"] for row in await self._all("hold_ladders", older=older)]

    async def mark_all_uncertain(self) -> None:
        await self._run("uncertain_all", family=FAMILY)

    async def list_open_numbers(self) -> Sequence[int]:
        return [row["number"] for row in await self._all("open_numbers")]

    async def note_restore(self, number: int, held: Mapping[int, Sequence[str]]) -> None:
        listed = [{"incident": incident, "who": list(names)} for incident, names in held.items()]
        await self._run("note_restore", number=number, held=Jsonb(listed))
        await self._run("set_last_number", number=number)  # the last: it stays where the rest is taken back
