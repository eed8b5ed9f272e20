"""One transaction: the `Transaction` port on a psycopg connection."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
from psycopg import AsyncClientCursor, AsyncConnection
from psycopg.abc import Query
from psycopg.errors import UniqueViolation
from psycopg.pq import TransactionStatus
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from bot.adapters.database.action_queries import ActionQueries
from bot.adapters.database.diagnostic_runs import DiagnosticRunQueries
from bot.adapters.database.flood_queries import FloodCountQueries
from bot.adapters.database.incidents import IncidentQueries
from bot.adapters.database.meetings import MeetingQueries
from bot.adapters.database.news_since_update import UpdateNewsQueries
from bot.adapters.database.pages import PageQueries
from bot.adapters.database.publications import PublicationQueries
from bot.adapters.database.related_incidents import RelatedIncidentQueries
from bot.adapters.database.remediations import RemediationQueries
from bot.adapters.database.replica_lock import CHANNEL, PAGING, SLACK
from bot.adapters.database.restore import RestoreQueries
from bot.adapters.database.review_queries import ReviewQueries
from bot.adapters.database.row_mappers import Row, build_incident, build_situation, build_update
from bot.adapters.database.row_writers import build_outbox_row
from bot.adapters.database.runbook_drafts import RunbookDraftQueries
from bot.adapters.database.session import FOR_TRANSACTION
from bot.adapters.database.sql_loader import SQL
from bot.domain.effects import Effect
from bot.domain.incident import Incident, IncidentRole, Situation, StatusUpdate
from bot.domain.results import CommandResult, dump_result
from bot.errors import DuplicateRequest

BEGIN = f"begin;\n{FOR_TRANSACTION}"
TAKEN = "inbound_pkey"
"""The constraint that a request's key breaks when it comes again."""


class PostgresTransaction(
    IncidentQueries,
    PageQueries,
    FloodCountQueries,
    RelatedIncidentQueries,
    RemediationQueries,
    ActionQueries,
    ReviewQueries,
    MeetingQueries,
    RunbookDraftQueries,
    PublicationQueries,
    DiagnosticRunQueries,
    UpdateNewsQueries,
    RestoreQueries,
):
    """See `bot.ports.Transaction`. Used inside `PostgresStore.transaction()` only.

    What nobody waits for is sent along with the next question, or with the commit: each message to the server and back
    is a turn of the loop, and while many declare at once those turns are what people wait for. It goes as one message
    of several statements, not by the driver's pipeline: a server that hears nothing more in the middle of that one
    waits without any time-out, and keeps the incident locked.
    """

    def __init__(self, connection: AsyncConnection[Any]) -> None:
        # The values are written into the text: a message with values beside it can have one statement only.
        self._cursor = AsyncClientCursor(connection, row_factory=dict_row)
        self._connection = connection
        self._unsent = [BEGIN]
        self.for_whom: set[str] = set()
        self.later: list[timedelta] = []
        self.was_refused = False
        self.takes_request = False

    def _add(self, query: Query, values: Mapping[str, object] | None = None) -> None:
        """Send this statement along with what is sent next."""
        self._unsent.append(self._cursor.mogrify(query, values))

    async def _send(self) -> None:
        """Send what was added; the cursor then has the rows of the last statement."""
        text = ";\n".join(self._unsent)  # in UTF-8, as the connection speaks
        self._unsent.clear()
        try:
            await self._cursor.execute(text.encode())
        except UniqueViolation as error:
            if error.diag.constraint_name == TAKEN:
                raise DuplicateRequest from error
            raise
        await self._cursor.set_result(-1)

    async def commit(self, replica: str) -> None:
        """Send the rest and make it last; `replica` is the one that tells the others for whom there is work."""
        if self._unsent == [BEGIN]:
            return  # nothing was asked and nothing changed
        if self.for_whom:
            told = " ".join((replica, *sorted(self.for_whom)))
            self._unsent.append(f"notify {CHANNEL}, '{told}'")
        self._unsent.append("commit")
        await self._send()

    async def give_up(self) -> None:
        """Take everything back. `was_refused` says whether the server had refused a statement: then nothing is in
        doubt. A connection that is lost takes everything back by itself."""
        state = self._connection.info.transaction_status
        self.was_refused = state is TransactionStatus.INERROR
        if state in (TransactionStatus.INTRANS, TransactionStatus.INERROR):
            with suppress(
                psycopg.Error
            ):  # what is told is why it was given up; the pool looks at the connection
                await self._connection.rollback()

    async def _run(self, name: str, /, **values: object) -> None:
        self._add(SQL[name], values)

    async def one(self, name: str, /, **values: object) -> Row | None:
        self._add(SQL[name], values)
        await self._send()
        return await self._cursor.fetchone()

    async def _all(self, name: str, /, **values: object) -> list[Row]:
        self._add(SQL[name], values)
        await self._send()
        return await self._cursor.fetchall()

    # ---- requests

    async def take(self, key: str) -> None:
        self.takes_request = True
        await self._run("take", key=key)

    async def remember(self, key: str, outcome: CommandResult) -> None:
        await self._run("remember", key=key, answer=Jsonb(dump_result(outcome)))

    async def now(self) -> datetime:
        row = await self.one("database_now")
        assert row is not None
        now = row["now"]
        assert isinstance(now, datetime)
        return now

    # ---- updates and the checklist

    async def add_update(
        self, number: int, author: str, status: str, text: str, cadence: timedelta | None
    ) -> StatusUpdate:
        row = await self.one(
            "add_update", incident=number, author=author, status=status, text=text, cadence=cadence
        )
        assert row is not None
        return build_update(row)

    async def find_latest_update(self, number: int) -> int:
        row = await self.one("latest_update", number=number)
        assert row is not None
        return int(row["id"])

    async def add_checklist(self, number: int, items: Iterable[tuple[timedelta, str, int]]) -> None:
        listed = list(items)
        for position, (within, text, line) in enumerate(listed):
            await self._run(
                "add_item", incident=number, position=position, within=within, text=text, line=line
            )
        for within in dict.fromkeys(within for within, _, _ in listed):
            await self._run("add_window", incident=number, within=within)

    async def set_item(self, number: int, position: int, done: bool, actor: str) -> str | None:
        row = await self.one("set_item", incident=number, position=position, done=done, actor=actor)
        return str(row["text"]) if row else None

    async def set_item_owner(
        self, number: int, position: int, owner: str | None, due_on: date | None, actor: str
    ) -> None:
        values = {"owner": owner, "due_on": due_on, "actor": actor}
        await self._run("set_item_owner", incident=number, position=position, **values)

    async def set_role(self, number: int, role: IncidentRole, person: str) -> None:
        await self._run("set_role", incident=number, role=role, person=person)

    async def drop_windows(self, number: int) -> None:
        await self._run("drop_windows", incident=number)

    async def situation(self, number: int) -> Situation | None:
        row = await self.one("situation", number=number)
        return build_situation(row) if row else None

    # ---- the outbox

    async def enqueue(self, effects: Iterable[Effect], later: timedelta = timedelta(0)) -> None:
        rows: dict[tuple[bool, str], Row] = {}
        for effect in effects:
            self.for_whom.add(PAGING if effect.paging else SLACK)
            row = build_outbox_row(effect)
            rows.setdefault((effect.coalesces, effect.lane if effect.coalesces else effect.key), row)
        if rows:
            await self._run("enqueue", effects=Jsonb(list(rows.values())), later=later)
            if later:
                self.later.append(later)

    async def is_begun(self, key: str) -> bool:
        return await self.one("is_begun", key=key) is not None

    async def hold(self, key: str) -> bool:
        return await self.one("hold", key=key) is not None

    async def find_effect_payload(self, key: str) -> Mapping[str, Any] | None:
        row = await self.one("effect_payload", key=key)
        return row["payload"] if row else None

    async def revive(self, key: str) -> None:
        await self._run("revive", key=key)
        self.for_whom |= {SLACK, PAGING}

    # ---- what falls due

    async def list_due_notices(self, limit: int) -> Sequence[Incident]:
        return [build_incident(row) for row in await self._all("due_notices", limit=limit)]

    async def set_notices(self, following: Mapping[int, tuple[datetime | None, int]]) -> None:
        await self._run(
            "set_notices",
            numbers=list(following),
            notice_ats=[notice_at for notice_at, _ in following.values()],
            notice_stages=[stage for _, stage in following.values()],
        )

    async def list_due_escalations(self, limit: int) -> Sequence[int]:
        return [row["number"] for row in await self._all("due_ladders", limit=limit)]

    async def list_due_windows(self, limit: int) -> Sequence[tuple[int, timedelta]]:
        return [(row["incident"], row["within"]) for row in await self._all("due_windows", limit=limit)]

    async def drop_window(self, number: int, within: timedelta) -> None:
        await self._run("drop_window", incident=number, within=within)

    # ---- the rest

    async def set_channel_place(self, name: str, channel: str) -> None:
        await self._run("set_place", name=name, channel=channel)

    async def find_member_count(self, name: str) -> int | None:
        row = await self.one("people_at", name=name)
        return row["people"] if row else None

    async def set_member_count(self, name: str, people: int) -> None:
        await self._run("set_people", name=name, people=people)

    async def save_runbook_version(self, sha: str, source: str, text: str) -> None:
        await self._run("keep_edition", sha=sha, source=source, text=text)
