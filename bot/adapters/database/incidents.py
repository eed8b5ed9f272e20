"""Incidents, their members and timeline: part of the `Transaction` port."""

from collections.abc import Iterable, Mapping, Sequence

from psycopg import sql
from psycopg.abc import Query
from psycopg.types.json import Jsonb

from bot.adapters.database.row_mappers import Row, build_entry, build_incident
from bot.adapters.database.row_writers import build_entry_row
from bot.domain.incident import EntryKind, Incident, NewIncident, TimelineEntry
from bot.domain.timeline_details import TimelineDetail

NOW = "now"


class IncidentQueries:
    """See `bot.ports.Transaction`. The statements are run by the class that inherits this one."""

    def _add(self, query: Query, values: Mapping[str, object] | None = None) -> None:
        raise NotImplementedError

    async def _run(self, name: str, /, **values: object) -> None:
        raise NotImplementedError

    async def one(self, name: str, /, **values: object) -> Row | None:
        raise NotImplementedError

    async def _all(self, name: str, /, **values: object) -> list[Row]:
        raise NotImplementedError

    async def insert_incident(self, new: NewIncident) -> Incident:
        row = await self.one(
            "insert_incident",
            title=new.title,
            severity=new.severity,
            commander=new.commander,
            edition=new.edition,
            playbook=new.playbook,
            impact=new.impact,
            affected_users=new.affected_users,
            fields=Jsonb(dict(new.fields)),
            private=new.private,
            drill=new.drill,
            cadence=new.cadence,
        )
        assert row is not None
        return build_incident(row)

    async def lock(self, number: int, viewer: str | None = None) -> Incident | None:
        row = await self.one("lock_incident", number=number, viewer=viewer)
        return build_incident(row) if row else None

    async def hold_incident(self, number: int) -> None:
        await self._run("lock_incident", number=number, viewer=None)

    async def lock_for_channel(self, number: int) -> Incident | None:
        row = await self.one("lock_incident_with_key", number=number)
        return build_incident(row) if row else None

    async def incident(self, number: int) -> Incident:
        row = await self.one("incident", number=number)
        assert row is not None
        return build_incident(row)

    async def change(self, number: int, **values: object) -> None:
        if not values:
            return
        pairs = [
            sql.SQL("{} = now()").format(sql.Identifier(name))
            if value is NOW
            else sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name))
            for name, value in values.items()
        ]
        query = sql.SQL("update incident set {} where number = %(number)s").format(sql.SQL(", ").join(pairs))
        written = {name: Jsonb(value) if isinstance(value, dict) else value for name, value in values.items()}
        self._add(query, {**written, "number": number})

    async def add_member(self, number: int, person: str) -> None:
        await self._run("add_member", number=number, person=person)

    async def drop_member(self, number: int, person: str) -> None:
        await self._run("drop_member", number=number, person=person)

    async def list_open_titles(self, viewer: str, limit: int) -> Sequence[tuple[int, str, str | None]]:
        rows = await self._all("open_titles", viewer=viewer, limit=limit)
        return [(row["number"], row["title"], row["playbook"]) for row in rows]

    async def add_entry(self, number: int, actor: str, detail: TimelineDetail) -> None:
        await self._run("add_entry", incident=number, actor=actor, **build_entry_row(detail))

    async def find_last_entry(self, number: int, actor: str, kinds: Iterable[EntryKind]) -> EntryKind | None:
        row = await self.one("last_entry", number=number, actor=actor, kinds=list(kinds))
        return EntryKind(row["kind"]) if row else None

    async def list_notes_of_message(self, source: str) -> Mapping[int, TimelineEntry]:
        return {row.pop("incident"): build_entry(row) for row in await self._all("noted_from", source=source)}
