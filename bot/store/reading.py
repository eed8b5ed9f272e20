"""What the store is asked without changing an incident: one statement each."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict
from datetime import datetime
from typing import Any

from bot.evidence import Look
from bot.incident import Incident, Measured, Outcome
from bot.letterbox import Person
from bot.listed import Listed
from bot.paging import Copy
from bot.ports import Channel
from bot.store.looks import look_of
from bot.store.queries import SQL
from bot.store.rows import incident_of


class Reading(ABC):
    """See `bot.ports.Store`."""

    @abstractmethod
    def _rows(self) -> AbstractAsyncContextManager[Any]:
        """A cursor whose rows are dicts. The driver's errors are raised as StoreAway."""

    async def _all(self, name: str, /, **values: object) -> list[dict[str, Any]]:
        async with self._rows() as cursor:
            await cursor.execute(SQL[name], values)
            return list(await cursor.fetchall()) if cursor.description else []

    async def _one(self, name: str, /, **values: object) -> dict[str, Any] | None:
        rows = await self._all(name, **values)
        return rows[0] if rows else None

    async def answer(self, key: str) -> Outcome:
        row = await self._one("answer_of", key=key)
        return Outcome(**row["answer"]) if row and row["answer"] else Outcome("unanswered")

    async def incident_in(self, channel: str, thread: str | None = None) -> int | None:
        row = await self._one("incident_in_channel", channel=channel, thread=thread)
        return int(row["number"]) if row else None

    async def is_noted(self, source: str) -> bool:
        return bool(await self._all("noted_from", source=source))

    async def seen_inside(self, channel: str, person: str) -> None:
        await self._all("seen_inside", channel=channel, person=person)

    async def may_see(self, number: int, viewer: str) -> bool:
        return bool(await self._all("may_see", number=number, viewer=viewer))

    async def commanded(self, person: str, limit: int, severities: Sequence[str]) -> Sequence[Incident]:
        rows = await self._all("commanded", person=person, limit=limit, severities=list(severities))
        return [incident_of(row) for row in rows]

    async def listed(
        self, viewer: str, severities: Sequence[str], limit: int, drills: int, over: int
    ) -> Listed:
        rows = await self._all(
            "listed",
            viewer=viewer,
            severities=list(severities),
            limit=limit,
            drills=drills,
            over=over,
        )
        parts: dict[str, list[Incident]] = {"open": [], "drills": [], "over": []}
        counts: Mapping[str, int] = {}
        times: dict[int, Measured] = {}
        for row in rows:
            times[row["number"]] = Measured(row.pop("to_acknowledge"), row.pop("to_resolve"))
            counts = row.pop("counts") or {}
            parts[row.pop("part")].append(incident_of(row))
        return Listed(**parts, counts=counts, times=times)

    async def open_incidents_of(self, person: str, limit: int) -> Sequence[int]:
        return [row["number"] for row in await self._all("open_incidents_of", person=person, limit=limit)]

    async def waiting_for(self, person: str, limit: int) -> Sequence[tuple[Incident, int]]:
        rows = await self._all("waiting_for", person=person, limit=limit)
        return [
            (incident_of({k: v for k, v in row.items() if k != "left_open"}), row["left_open"])
            for row in rows
        ]

    async def edition(self, sha: str) -> str | None:
        row = await self._one("edition", sha=sha)
        return row["text"] if row else None

    async def last_edition(self) -> tuple[str, str] | None:
        row = await self._one("last_edition")
        return (row["sha"], row["text"]) if row else None

    async def place(self, name: str) -> str | None:
        row = await self._one("place", name=name)
        return row["channel"] if row else None

    async def person(self, id: str) -> tuple[Person, datetime] | None:
        row = await self._one("person", id=id)
        if row is None:
            return None
        checked_at: datetime = row.pop("checked_at")
        return Person(**row), checked_at

    async def calendar_copy(self, source: str) -> Copy | None:
        row = await self._one("calendar_copy", source=source)
        return Copy(**row) if row else None

    async def look(self, id: int) -> Look:
        row = await self._one("look", look=id)
        assert row is not None
        results = await self._all("results", look=id)
        return look_of(row, results, await self._all("results_before", look=id))

    async def stopped_looks(self, ids: Iterable[int]) -> Sequence[int]:
        return [row["id"] for row in await self._all("stopped_looks", looks=list(ids))]

    async def chart(self, look: int, place: int) -> bytes | None:
        row = await self._one("chart", look=look, place=place)
        return bytes(row["chart"]) if row else None

    async def save_person(self, person: Person) -> None:
        await self._one("save_person", **asdict(person))

    async def see_channel(self, channel: Channel) -> None:
        seen = {"channel": channel.id, "name": channel.name, "creator": channel.creator}
        await self._one("see_channel", **seen, created_at=channel.created_at)

    async def channels_seen(self, name: str) -> Sequence[Channel]:
        rows = await self._all("channels_seen", name=name)
        return [Channel(row["channel"], name, row["creator"], row["created_at"]) for row in rows]
