"""The `Store` port on PostgreSQL: a pool, the outbox as delivery sees it, and the wake-up when there is work."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

import psycopg
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from bot.effects import KINDS, from_row
from bot.errors import StoreAway
from bot.evidence import Asked
from bot.incident import Situation
from bot.ports import Claimed, Posted, Waiting
from bot.store.connect import SERVER_SIDE, checked_after_rest, explicit
from bot.store.presence import FAMILY, LOOKS, PAGING, SLACK, Presence
from bot.store.queries import SQL
from bot.store.reading import Reading
from bot.store.rows import situation_of
from bot.store.transaction import PostgresTransaction
from bot.store.trouble import AWAY, SURELY_NOT_DONE, UNANSWERED, Connection, reason

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=7)
"""How long a claimed row stays with its replica. Longer than a call's time-out, so that one call fits in."""

SEND_WITHIN = 3.5
"""Seconds after the claim within which a call must begin, so that it ends before the lease does."""

LOOK_LEASE = timedelta(seconds=25)
"""The same for a run of steps: as long as they usually take at most; who still runs it claims it again."""

PAGING_KINDS = [name for name, kind in KINDS.items() if kind.paging]

WAIT_FOR_CONNECTION = 1.2
OPEN_WITHIN = 5.0


class PostgresStore(Reading):
    """See `bot.ports.Store`. An async context manager: opens the pool, takes a replica's number, listens."""

    def __init__(self, address: str) -> None:
        self._address = explicit(address, options=SERVER_SIDE, connect_timeout="2")
        self._told: list[str] = []
        self._trouble = ""
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            self._address,
            connection_class=Connection,
            kwargs={"told": self._told, "autocommit": True},  # one statement is one round trip, not three
            min_size=2,
            max_size=10,
            open=False,
            timeout=WAIT_FOR_CONNECTION,
            reconnect_timeout=2.0,
            check=checked_after_rest(),
        )
        self._presence = Presence(self._address, self._away)
        self._committing: set[asyncio.Future[Any] | None] = set()
        self.installation = ""

    async def __aenter__(self) -> Self:
        logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
        try:
            await self._pool.open(wait=True, timeout=OPEN_WITHIN)
        except PoolTimeout as error:
            await self._pool.close()
            raise self._away(error) from error
        try:
            async with self._rows() as cursor:
                await cursor.execute(SQL["installation"])
                self.installation = (await cursor.fetchone())["id"]
            async with asyncio.timeout(OPEN_WITHIN):
                await self._presence.begin()
        except BaseException as error:
            await self.__aexit__(None, None, None)
            if isinstance(error, TimeoutError):
                why = self._trouble or UNANSWERED
                raise StoreAway(f"The database {why}.", why=why) from error
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._presence.end()
        await self._pool.close()

    @property
    def replica(self) -> int:
        """This replica's number; 0 while nothing shows the others that it lives."""
        return self._presence.replica

    @property
    def clock_ahead(self) -> float:
        """By how many seconds the database's clock is ahead of this machine's."""
        return self._presence.clock_ahead

    async def wait_for_work(self, at_most: float, paging: bool = False) -> None:
        """Return when something was put in the outbox, here or by another replica, or after `at_most` seconds."""
        await self._presence.wait_for_work(at_most, PAGING if paging else SLACK)

    async def wait_for_looks(self, at_most: float) -> None:
        """Return when a run of steps was asked for, here or by another replica, or after `at_most` seconds."""
        await self._presence.wait_for_work(at_most, LOOKS)

    # ---- transactions and reads

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[PostgresTransaction]:
        task = asyncio.current_task()
        try:
            async with self._connection() as connection:
                work = PostgresTransaction(connection)
                try:
                    yield work
                    self._committing.add(task)
                    await work.commit(str(self.replica))
                except BaseException:
                    await work.give_up()
                    raise
        except AWAY as error:
            raise self._away(error, task in self._committing and not work.was_refused) from error
        finally:
            self._committing.discard(task)
        self._presence.work.ring(work.for_whom)
        for each in work.later:
            self._presence.work.ring_after(each, work.for_whom)

    def is_committing(self, task: asyncio.Future[Any]) -> bool:
        """Whether the task has asked for its commit and not yet heard: it may be recorded or not."""
        return task in self._committing

    @asynccontextmanager
    async def _rows(self) -> AsyncIterator[Any]:
        try:
            async with self._connection() as connection:
                yield connection.cursor(row_factory=dict_row)
        except AWAY as error:
            raise self._away(error) from error

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        """One of the pool's. What takes no changes is not used again: another host of the address may take them."""
        async with self._pool.connection() as connection:
            try:
                yield connection
            except psycopg.errors.ReadOnlySqlTransaction:
                await connection.close()
                raise

    def _away(self, error: BaseException, committing: bool = False) -> StoreAway:
        why = self._trouble = reason(error, self._told)
        return StoreAway(f"The database {why}.", committing and why not in SURELY_NOT_DONE, why)

    async def trouble(self) -> str:
        if self._trouble:
            try:
                await self._one("try_a_change")
                await self._one("undo_the_try")
            except StoreAway as away:
                return away.why
            self._trouble = ""
        return ""

    async def situation(self, number: int) -> Situation | None:
        row = await self._one("situation", number=number)
        return situation_of(row) if row else None

    # ---- the outbox

    async def claim(self, limit: int, paging: bool = False) -> Sequence[Claimed]:
        """Take what is due, at most `limit` rows. Nothing while this replica has no lock to show that it lives."""
        if not self.replica:
            return []
        owner, deadline = self.replica, time.monotonic() + SEND_WITHIN
        rows = await self._all(
            "claim", owner=owner, family=FAMILY, limit=limit, lease=LEASE, kinds=PAGING_KINDS, paging=paging
        )
        rows.sort(key=lambda row: (row["urgency"], row["id"]))

        def may_send() -> bool:
            return self.replica == owner and time.monotonic() <= deadline

        return [
            Claimed(
                id=row["id"],
                effect=from_row(row["kind"], row["payload"]),
                attempts=row["attempts"],
                created_at=row["created_at"],
                first_sent_at=row["first_sent_at"],
                uncertain_for=row["uncertain_for"],
                owner=row["lease_owner"],
                may_send=may_send,
            )
            for row in rows
        ]

    @staticmethod
    def _mine(row: Claimed) -> dict[str, object]:
        return {"id": row.id, "owner": row.owner, "attempts": row.attempts}

    async def claim_looks(self, limit: int) -> Sequence[Asked]:
        """Take runs of steps that were asked for. Nothing while this replica has no lock to show that it lives."""
        if not self.replica:
            return []
        rows = await self._all(
            "claim_looks", owner=self.replica, family=FAMILY, limit=limit, lease=LOOK_LEASE
        )
        return [
            Asked(
                id=row["id"],
                incident=row["incident"],
                scope=row["scope"],
                what=row["what"],
                asked_by=row["asked_by"],
                step=None if row["line"] is None else (row["file"], row["line"]),
                inputs=row["inputs"],
                attempts=row["attempts"],
            )
            for row in sorted(rows, key=lambda row: int(row["id"]))
        ]

    async def put_back(self, row: Claimed, delay: timedelta, error: str, uncertain: bool) -> None:
        """Again after `delay`. `uncertain` when the call may have been done: it is looked for first."""
        await self._one("put_back", **self._mine(row), delay=delay, error=error, uncertain=uncertain)
        self._presence.work.ring_after(delay, [PAGING if row.effect.paging else SLACK])

    @asynccontextmanager
    async def settling(
        self, row: Claimed, posted: Posted | None
    ) -> AsyncIterator[PostgresTransaction | None]:
        values = {
            "channel": posted.channel if posted else None,
            "ts": posted.ts if posted and posted.ts else None,
        }
        async with self.transaction() as work:
            settled = await work.one("settle_sent", **self._mine(row), **values)
            yield work if settled else None
        self._presence.work.ring([PAGING if row.effect.paging else SLACK])

    @asynccontextmanager
    async def burying(self, row: Claimed, error: str) -> AsyncIterator[PostgresTransaction | None]:
        async with self.transaction() as work:
            settled = await work.one("settle_dead", **self._mine(row), error=error)
            yield work if settled else None
        self._presence.work.ring([PAGING if row.effect.paging else SLACK])

    async def undelivered(self, limit: int) -> Sequence[Waiting]:
        return [Waiting(**row) for row in await self._all("undelivered", limit=limit)]

    async def retry(self, id: int) -> str | None:
        row = await self._one("retry", id=id)
        return row["key"] if row else None

    async def skip(self, id: int) -> str | None:
        row = await self._one("skip", id=id)
        return row["key"] if row else None

    async def forget_old_requests(self) -> None:
        await self._all("forget_old_inbound")
