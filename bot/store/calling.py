"""People who are called, and the ways to them: part of the `Transaction` port."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from bot.calls import Page, Way
from bot.paging import Copy
from bot.store.rows import Row

MARKS = (
    "requested",
    "accepted",
    "delivered",
    "acknowledged",
    "ended",
    "settled",
    "by_hand",
    "refused",
    "past",
)


class Calling:
    """See `bot.ports.Transaction`. The statements are run by the class that inherits this one."""

    async def _run(self, name: str, /, **values: object) -> None:
        raise NotImplementedError

    async def one(self, name: str, /, **values: object) -> Row | None:
        raise NotImplementedError

    async def _all(self, name: str, /, **values: object) -> list[Row]:
        raise NotImplementedError

    async def add_pages(self, number: int, people: Iterable[tuple[str, str]]) -> None:
        listed = list(people)
        contacts, persons = [contact for contact, _ in listed], [person for _, person in listed]
        await self._run("add_pages", incident=number, contacts=contacts, persons=persons)

    async def pages(self, number: int) -> Sequence[Page]:
        return [Page(**row) for row in await self._all("pages", number=number)]

    async def page_accepted(self, number: int, person: str) -> None:
        await self._run("page_accepted", incident=number, person=person)

    async def page_failed(self, number: int, person: str, why: str) -> None:
        await self._run("page_failed", incident=number, person=person, failed=why)

    async def page_acknowledged(self, number: int, person: str) -> None:
        await self._run("page_acknowledged", incident=number, person=person)

    async def add_ways(self, number: int, ways: Iterable[tuple[str, Sequence[str]]]) -> Sequence[Way]:
        listed = [
            (contact, place, handle) for contact, handles in ways for place, handle in enumerate(handles)
        ]
        if not listed:
            return []
        contacts, places, handles = (list(column) for column in zip(*listed, strict=True))
        rows = await self._all("add_ways", incident=number, contacts=contacts, places=places, handles=handles)
        return [Way(**row) for row in rows]

    async def contacts_over(self, number: int) -> Sequence[str]:
        return [row["contact"] for row in await self._all("contacts_over", number=number)]

    async def way(self, id: int) -> Way | None:
        row = await self.one("way", id=id)
        return Way(**row) if row else None

    async def ways(self, number: int) -> Sequence[Way]:
        return [Way(**row) for row in await self._all("ways", number=number)]

    async def change_way(
        self, id: int, *marks: str, failed: str | None = None, later: timedelta | None = None
    ) -> None:
        await self._run(
            "change_way", id=id, failed=failed, later=later, **{each: each in marks for each in MARKS}
        )

    async def answer_ways(self, number: int, contacts: Sequence[str]) -> Sequence[Way]:
        rows = await self._all("answer_ways", incident=number, contacts=list(contacts))
        return [Way(**row) for row in rows]

    async def end_ways(self, number: int, contacts: Sequence[str] | None = None) -> Sequence[Way]:
        listed = None if contacts is None else list(contacts)
        rows = await self._all("end_ways", incident=number, contacts=listed)
        return [Way(**row) for row in rows if row.pop("open")]

    async def incidents_of_due_ways(self, limit: int) -> Sequence[int]:
        return [row["incident"] for row in await self._all("incidents_of_due_ways", limit=limit)]

    async def due_ways(self, number: int) -> Sequence[Way]:
        return [Way(**row) for row in await self._all("due_ways", incident=number)]

    async def postpone(self, number: int, by: timedelta) -> None:
        await self._run("postpone_ways", incident=number, by=by)
        await self._run("postpone_ladder", incident=number, by=by)

    async def last_acts(self, number: int) -> tuple[datetime | None, datetime | None]:
        row = await self.one("last_acts", number=number)
        return (row["act"], row["asked"]) if row else (None, None)

    async def keep_calendar(self, source: str, copy: Copy) -> None:
        await self._run("keep_calendar", source=source, text=copy.text, read_at=copy.read_at)
