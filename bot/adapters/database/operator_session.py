"""An operator's own session beside the bot: it reads whole timelines, and may take longer than the bot's statements."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from bot.adapters.database.errors import AWAY, describe_failure
from bot.adapters.database.migrations import build_explicit_address
from bot.adapters.database.review_reads import ReviewReads
from bot.adapters.database.row_mappers import Row, build_situation
from bot.adapters.database.session import SCHEMA
from bot.adapters.database.sql_loader import SQL
from bot.domain.incident import Situation
from bot.domain.timeline_proof import StoredEntry, TimelineHead, TimelineProof, prove_timeline
from bot.errors import DatabaseUnavailable, TocsinError

PATIENCE_MS = 60_000
"""For a statement of an operator; a lock that a bot holds is waited for as long."""

NOT_ALLOWED = (
    "The database does not let this role do it: {}. Set TOCSIN_DATABASE_URL to the address of the role that owns the"
    " schema (docs/OPERATING.md). Nothing was changed."
)


class OperatorSession(ReviewReads):
    """One connection; each statement is of the transaction that `transaction` opens, or alone."""

    def __init__(self, connection: AsyncConnection[Row]) -> None:
        self.connection = connection

    async def all(self, name: str, /, **values: object) -> list[Row]:
        """The rows of a named statement."""
        return await (await self.connection.execute(SQL[name], values)).fetchall()

    async def one(self, name: str, /, **values: object) -> Row | None:
        """The first row of a named statement."""
        return await (await self.connection.execute(SQL[name], values)).fetchone()

    async def fetch(self, statement: bytes, values: tuple[Any, ...] = ()) -> list[Row]:
        """The rows of a statement that needs no schema of Tocsin's."""
        return await (await self.connection.execute(statement, values)).fetchall()

    async def list_numbers(self) -> list[int]:
        """The numbers of all incidents, in order."""
        return [row["number"] for row in await self.all("incident_numbers")]

    async def list_removed(self) -> Mapping[int, Row]:
        """The incidents that were exported and removed, by number."""
        return {row["number"]: row for row in await self.all("removed_incidents")}

    async def situation(self, number: int) -> Situation | None:
        """Everything about an incident; None when there is none."""
        row = await self.one("situation", number=number)
        return build_situation(row) if row else None

    async def list_evidence(self, number: int) -> list[Row]:
        """What each step found last, with the tables behind the headlines."""
        return await self.all("exported_evidence", number=number)

    async def _all(self, name: str, /, **values: object) -> list[Row]:
        return await self.all(name, **values)

    async def add_note(self, number: int, text: str) -> None:
        """Write into a timeline what the operator did."""
        await self.connection.execute(
            SQL["add_entry"],
            {
                "incident": number,
                "actor": "",
                "kind": "note_added",
                "detail": Jsonb({"text": text}),
                "newer": None,
            },
        )

    async def prove(self, number: int, outside: Sequence[TimelineHead] = ()) -> TimelineProof:
        """Reckon an incident's timeline anew, from one snapshot."""
        rows = await self.all("chain_entries", number=number)
        entries = [
            StoredEntry(**{name: row[name] for name in STORED}) for row in rows if row["id"] is not None
        ]
        at, chain = rows[0]["head_position"], rows[0]["head_chain"]
        kept = None if at is None else TimelineHead(number, at, chain)
        return prove_timeline(number, entries, kept, outside)

    async def list_heads_since(self, since: timedelta) -> list[TimelineHead]:
        """The heads of the timelines that were added to within so long."""
        return [TimelineHead(**row) for row in await self.all("heads_since", since=since)]


STORED = tuple(StoredEntry.__dataclass_fields__)


@asynccontextmanager
async def open_operator_session(address: str) -> AsyncIterator[OperatorSession]:
    """A session at this address. Raises DatabaseUnavailable, or TocsinError for what the role may not do."""
    explicit = build_explicit_address(address, connect_timeout="5")
    try:
        connection: AsyncConnection[Any]
        connection = await AsyncConnection.connect(explicit, autocommit=True, row_factory=dict_row)
        async with connection:
            for name, value in SETTINGS.items():
                await connection.execute("select set_config(%s, %s, false)", (name, value))
            yield OperatorSession(connection)
    except psycopg.errors.InsufficientPrivilege as error:
        raise TocsinError(NOT_ALLOWED.format(error.diag.message_primary)) from error
    except AWAY as error:
        why = describe_failure(error, [])
        raise DatabaseUnavailable(f"The database {why}. Nothing was changed.", why=why) from error


SETTINGS = {
    "search_path": SCHEMA,
    "timezone": "UTC",
    "statement_timeout": str(PATIENCE_MS),
    "lock_timeout": str(PATIENCE_MS),
}
