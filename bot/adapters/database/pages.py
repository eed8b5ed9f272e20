"""Pages in Slack and page attempts beside it: part of the `Transaction` port."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from bot.adapters.database.row_mappers import Row, build_page_attempt
from bot.domain.page_attempts import PageAttempt, SlackPage
from bot.domain.page_provider import CachedCalendar

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


class PageQueries:
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

    async def pages(self, number: int) -> Sequence[SlackPage]:
        return [SlackPage(**row) for row in await self._all("pages", number=number)]

    async def mark_page_accepted(self, number: int, person: str) -> None:
        await self._run("page_accepted", incident=number, person=person)

    async def mark_page_failed(self, number: int, person: str, why: str) -> None:
        await self._run("page_failed", incident=number, person=person, failed=why)

    async def mark_page_acknowledged(self, number: int, person: str) -> None:
        await self._run("page_acknowledged", incident=number, person=person)

    async def end_pages(self, number: int, people: Iterable[str]) -> None:
        await self._run("end_pages", incident=number, people=list(people))

    async def renew_pages(self, number: int, people: Iterable[str]) -> Sequence[str]:
        rows = await self._all("renew_pages", incident=number, people=list(people))
        return [row["person"] for row in rows]

    async def add_page_attempts(
        self, number: int, ways: Iterable[tuple[str, Sequence[str]]]
    ) -> Sequence[PageAttempt]:
        listed = [
            (contact, place, handle) for contact, handles in ways for place, handle in enumerate(handles)
        ]
        if not listed:
            return []
        contacts, places, handles = (list(column) for column in zip(*listed, strict=True))
        rows = await self._all("add_ways", incident=number, contacts=contacts, places=places, handles=handles)
        return [build_page_attempt(row) for row in rows]

    async def list_finished_contacts(self, number: int) -> Sequence[str]:
        return [row["contact"] for row in await self._all("contacts_over", number=number)]

    async def way(self, id: int) -> PageAttempt | None:
        row = await self.one("way", id=id)
        return build_page_attempt(row) if row else None

    async def ways(self, number: int) -> Sequence[PageAttempt]:
        return [build_page_attempt(row) for row in await self._all("ways", number=number)]

    async def update_page_attempt(
        self, id: int, *marks: str, failed: str | None = None, later: timedelta | None = None
    ) -> None:
        await self._run(
            "change_way", id=id, failed=failed, later=later, **{mark: mark in marks for mark in MARKS}
        )

    async def acknowledge_attempts(self, number: int, contacts: Sequence[str]) -> Sequence[PageAttempt]:
        rows = await self._all("answer_ways", incident=number, contacts=list(contacts))
        return [build_page_attempt(row) for row in rows]

    async def end_page_attempts(
        self, number: int, contacts: Sequence[str] | None = None
    ) -> Sequence[PageAttempt]:
        listed = None if contacts is None else list(contacts)
        rows = await self._all("end_ways", incident=number, contacts=listed)
        return [build_page_attempt(row) for row in rows if row["open"]]

    async def list_due_attempt_incidents(self, limit: int) -> Sequence[int]:
        return [row["incident"] for row in await self._all("incidents_of_due_ways", limit=limit)]

    async def list_due_attempts(self, number: int) -> Sequence[PageAttempt]:
        return [build_page_attempt(row) for row in await self._all("due_ways", incident=number)]

    async def postpone(self, number: int, by: timedelta) -> None:
        await self._run("postpone_ways", incident=number, by=by)
        await self._run("postpone_ladder", incident=number, by=by)
        await self._run("postpone_actions", incident=number, by=by)
        await self._run("postpone_public_promise", incident=number, by=by)

    async def find_last_activity(self, number: int) -> tuple[datetime | None, datetime | None]:
        row = await self.one("last_acts", number=number)
        return (row["act"], row["asked"]) if row else (None, None)

    async def cache_calendar(self, source: str, copy: CachedCalendar) -> None:
        await self._run("keep_calendar", source=source, text=copy.text, read_at=copy.read_at)
