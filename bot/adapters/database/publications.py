"""Public updates: part of the `Transaction` port."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg import sql
from psycopg.abc import Query
from psycopg.types.json import Jsonb

from bot.adapters.database.row_mappers import Row, build_from_row
from bot.domain.incident import Status
from bot.domain.public_page import PublicEntry, PublicIncident
from bot.domain.public_standing import PublicStanding
from bot.domain.public_update import PageImpact, PublicPost, PublicState, PublicUpdate
from bot.ports.publication_repository import PublicPromise

NOW = "now"
MOST_NAMES = 5000


class PublicationQueries:
    """See `bot.ports.publication_repository`. The statements are run by the class that inherits this one."""

    async def _run(self, name: str, /, **values: object) -> None:
        raise NotImplementedError

    def _add(self, query: Query, values: Mapping[str, object] | None = None) -> None:
        raise NotImplementedError

    async def one(self, name: str, /, **values: object) -> Row | None:
        raise NotImplementedError

    async def _all(self, name: str, /, **values: object) -> list[Row]:
        raise NotImplementedError

    async def add_public_update(
        self,
        number: int,
        opening: int,
        status: Status,
        title: str,
        text: str,
        impact: PageImpact,
        components: Mapping[str, str],
        drafted_by: str,
    ) -> PublicUpdate:
        row = await self.one(
            "add_public_update",
            incident=number,
            opening=opening,
            status=status.value,
            title=title,
            text=text,
            impact=impact.value,
            components=Jsonb(dict(components)),
            drafted_by=drafted_by,
        )
        assert row is not None
        return build_public_update(row)

    async def lock_public_update(self, id: int) -> PublicUpdate | None:
        row = await self.one("lock_public_update", id=id)
        return build_public_update(row) if row else None

    async def change_public_update(self, id: int, **values: object) -> None:
        pairs = [
            sql.SQL("{} = now()").format(sql.Identifier(name))
            if value == NOW
            else sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name))
            for name, value in values.items()
        ]
        query = sql.SQL("update public_update set {} where id = %(id)s").format(sql.SQL(", ").join(pairs))
        self._add(query, {**{name: _dump(value) for name, value in values.items()}, "id": id})

    async def list_public_updates(self, number: int) -> Sequence[PublicUpdate]:
        return [build_public_update(row) for row in await self._all("public_updates_of", incident=number)]

    async def outdate_public_updates(self, number: int, id: int) -> Sequence[int]:
        rows = await self._all("outdate_public_updates", incident=number, id=id)
        return [row["id"] for row in rows]

    async def find_last_components(self, playbook: str) -> Mapping[str, str]:
        row = await self.one("last_components_of_playbook", playbook=playbook)
        return row["components"] if row else {}

    async def set_page_incident(
        self, number: int, page: str, opening: int, provider_id: str, link: str
    ) -> None:
        where = {"incident": number, "page": page, "opening": opening}
        await self._run("set_page_incident", **where, provider_id=provider_id, link=link)

    async def close_page_incident(
        self, number: int, page: str, opening: int, provider_id: str, why: str
    ) -> None:
        where = {"incident": number, "page": page, "opening": opening}
        await self._run("close_page_incident", **where, provider_id=provider_id, closed_there=why)

    async def add_public_post(
        self, update: int, page: str, provider_id: str = "", link: str = "", why: str = ""
    ) -> None:
        await self._run(
            "add_public_post", update=update, page=page, provider_id=provider_id, link=link, why=why
        )

    async def set_public_incident(self, number: int, promised_at: datetime | None, is_end: bool) -> None:
        await self._run("set_public_incident", incident=number, promised_at=promised_at, is_end=is_end)

    async def find_public_standing(self, number: int) -> PublicStanding | None:
        row = await self.one("public_incident", incident=number)
        return PublicStanding(**row) if row else None

    async def list_due_public_promises(self, limit: int) -> Sequence[int]:
        return [row["number"] for row in await self._all("due_public_promises", limit=limit)]

    async def find_due_public_promise(self, number: int) -> PublicPromise | None:
        row = await self.one("public_promise", incident=number)
        return PublicPromise(row["promised_at"], row["notice_at"], row["notice_stage"]) if row else None

    async def set_public_notice(self, number: int, notice_at: datetime | None, stage: int) -> None:
        await self._run("set_public_notice", incident=number, notice_at=notice_at, stage=stage)

    async def list_known_names(self, people: Iterable[str] | None = None) -> Sequence[str]:
        wanted = None if people is None else list(people)
        return [row["name"] for row in await self._all("people_known", people=wanted, limit=MOST_NAMES)]


def _dump(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    return Jsonb(dict(value)) if isinstance(value, Mapping) else value


def build_public_update(row: Mapping[str, Any]) -> PublicUpdate:
    """A public update from its row, with where it was published."""
    return build_from_row(
        PublicUpdate,
        row,
        state=PublicState(row["state"]),
        status=Status(row["status"]),
        impact=PageImpact(row["impact"]),
        accepted_by=tuple(row["accepted_by"]),
        posts=tuple(_build_post(post) for post in row["posts"] or ()),
    )


def _build_post(row: Mapping[str, Any]) -> PublicPost:
    return build_from_row(PublicPost, row, posted_at=datetime.fromisoformat(row["posted_at"]))


def build_public_incidents(
    rows: Sequence[Mapping[str, Any]], page: str, build_token: Callable[[int, int], str]
) -> list[PublicIncident]:
    """The incidents of a page from the rows of their texts, the newest first; `build_token` gives the address of an
    incident's opening."""
    grouped: dict[tuple[int, int], list[Mapping[str, Any]]] = {}
    for row in rows:
        grouped.setdefault((row["incident"], row["opening"]), []).append(row)
    found = [_build_incident(build_token(*opened), page, own) for opened, own in grouped.items()]
    return sorted(found, key=lambda incident: incident.started_at, reverse=True)


def _build_incident(token: str, page: str, rows: Sequence[Mapping[str, Any]]) -> PublicIncident:
    last, start = rows[-1], f"{page}:"
    entries = tuple(
        PublicEntry(
            id=f"{token}{row['id']:x}",
            at=row["at"],
            status=Status(row["status"]),
            text=row["text"],
            components={
                key.removeprefix(start): state
                for key, state in row["components"].items()
                if key.startswith(start)
            },
        )
        for row in rows
    )
    return PublicIncident(token, last["title"], PageImpact(last["impact"]), entries, last["promised_at"])
