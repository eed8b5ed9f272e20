"""The `Store` port on PostgreSQL: a connection pool, transactions, and notifications."""

import asyncio
import logging
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from types import TracebackType
from typing import Any, Self
from weakref import WeakSet

import psycopg
from psycopg import AsyncClientCursor
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from bot.adapters.database.errors import (
    AWAY,
    SURELY_NOT_DONE,
    UNANSWERED,
    PoolConnection,
    PoolerProblem,
    describe_failure,
)
from bot.adapters.database.migrations import build_explicit_address, build_idle_check
from bot.adapters.database.outbox import Outbox
from bot.adapters.database.remediations import build_remediation
from bot.adapters.database.replica_lock import FAMILY, LOOKS, PAGING, REMEDIATIONS, SLACK, ReplicaLock
from bot.adapters.database.row_mappers import build_situation
from bot.adapters.database.session import ELSEWHERE
from bot.adapters.database.transaction import PostgresTransaction
from bot.domain.diagnostic_run import DiagnosticRunRequest
from bot.domain.incident import Situation
from bot.domain.policy import REOPEN_WINDOW
from bot.domain.remediation import Remediation
from bot.domain.timeline_proof import TimelineHead
from bot.errors import DatabaseUnavailable, DuplicateRequest
from bot.performance import MAX_CONNECTIONS, MIN_CONNECTIONS

log = logging.getLogger(__name__)

LOOK_LEASE = timedelta(seconds=25)
"""How long a claimed run of steps stays with its replica: as long as it usually takes at most; who still runs it
claims it again."""

PRUNED_AT_ONCE = 1000
WAIT_FOR_CONNECTION = 1.2
OPEN_TIMEOUT_S = 5.0


class PostgresStore(Outbox):
    """See `bot.ports.Store`. An async context manager: opens the pool, takes a replica's number, listens.

    `direct` is the address of the same database without a pooler, where `address` leads through one that gives each
    transaction another session.
    `away` says why the database is not used yet, to be said after "the database"; empty while it is in use.
    """

    def __init__(
        self, address: str, sentences: Collection[str] | None = None, direct: str | None = None
    ) -> None:
        super().__init__(sentences)
        self._address = build_explicit_address(address, connect_timeout="2")
        self._is_direct = direct is not None
        self._failures: list[str] = []
        self._places: dict[tuple[int, str], str] = {}
        self._trouble = ""
        self._pool: AsyncConnectionPool[PoolConnection] = AsyncConnectionPool(
            self._address,
            connection_class=PoolConnection,
            kwargs={"told": self._failures, "autocommit": True},  # one statement is one round trip, not three
            min_size=MIN_CONNECTIONS,
            max_size=MAX_CONNECTIONS,
            open=False,
            timeout=WAIT_FOR_CONNECTION,
            reconnect_timeout=2.0,
            check=build_idle_check(),
        )
        alone = build_explicit_address(direct, connect_timeout="2") if direct else self._address
        self._presence = ReplicaLock(alone, self.known, self._away, self._is_direct)
        self._committing: set[asyncio.Future[Any] | None] = set()
        self._recorded: WeakSet[asyncio.Future[Any]] = WeakSet()
        self.installation = ""
        self.away = UNANSWERED

    async def open(self) -> None:
        """Open the pool. Until `begin` has succeeded everything raises DatabaseUnavailable; `away` says why."""
        logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
        await self._pool.open()

    async def begin(self) -> None:
        """The schema is up to date: use it, and show the other replicas that this one lives.

        Raises DatabaseUnavailable.
        """
        self.away = ""
        try:
            row = await self._one("installation")
            assert row is not None
            self.installation = row["id"]
            if not self.replica:
                async with asyncio.timeout(OPEN_TIMEOUT_S):
                    await self._presence.begin()
                    await self._ensure_visible_lock()
        except BaseException as error:
            self.away = self._trouble or UNANSWERED
            await self._presence.end()
            if isinstance(error, TimeoutError):
                raise DatabaseUnavailable(f"The database {self.away}.", why=self.away) from error
            raise

    async def _ensure_visible_lock(self) -> None:
        """Where the lock is held by another address, the others look for it by the usual one. Raises PoolerProblem."""
        if self._is_direct:
            row = await self._one("is_lock_visible", family=FAMILY, id=self.replica)
            if row is None or not row["is_visible"]:
                raise PoolerProblem(ELSEWHERE)

    async def close(self) -> None:
        """Let the lock and the connections go."""
        await self._presence.end()
        await self._pool.close()

    async def __aenter__(self) -> Self:
        await self.open()
        try:
            await self.begin()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def replica(self) -> int:
        """This replica's number; 0 while nothing shows the others that it lives."""
        return self._presence.replica

    @property
    def presence(self) -> ReplicaLock:
        return self._presence

    @property
    def begun(self) -> int:
        """How often this replica began to use the database."""
        return self._presence.begun

    @property
    def replaced(self) -> int:
        """How often the tables turned out to have been made anew since this replica knows them."""
        return self._presence.replaced

    @property
    def clock_jumped(self) -> float:
        """By how many seconds the database's clock was set ahead (below zero: back) within ten minutes; 0 for not."""
        return self._presence.clock.jumped

    @property
    def clock_ahead(self) -> float:
        """By how many seconds the database's clock is ahead of this machine's."""
        return self._presence.clock_ahead

    async def wait_for_work(self, at_most: float, paging: bool = False) -> None:
        """Return when something was put in the outbox, here or by another replica, or after `at_most` seconds."""
        await self._presence.wait_for_work(at_most, PAGING if paging else SLACK)

    async def wait_for_runs(self, at_most: float) -> None:
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
                    if work.takes_request and task is not None:
                        self._recorded.add(task)
                except DuplicateRequest:
                    if task is not None:
                        self._recorded.add(task)
                    await work.give_up()
                    raise
                except BaseException:
                    await work.give_up()
                    raise
        except AWAY as error:
            raise self._away(error, task in self._committing and not work.was_refused) from error
        finally:
            self._committing.discard(task)
        self._presence.work.notify(work.for_whom)
        for delay in work.later:
            self._presence.work.notify_after(delay, work.for_whom)

    def may_be_recorded(self, task: asyncio.Future[Any]) -> bool:
        """Whether the task's request may be recorded: it has asked for its commit, or its key was taken before."""
        return task in self._committing or task in self._recorded

    @asynccontextmanager
    async def _rows(self) -> AsyncIterator[Any]:
        try:
            async with self._connection() as connection:
                # The values are written into the text: a message with values beside it can have one statement only.
                yield AsyncClientCursor(connection, row_factory=dict_row)
        except AWAY as error:
            raise self._away(error) from error

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[PoolConnection]:
        """One of the pool's. What takes no changes is not used again: another host of the address may take them."""
        if self.away:
            raise DatabaseUnavailable(f"The database {self.away}.", why=self.away)
        async with self._pool.connection() as connection:
            try:
                yield connection
            except psycopg.errors.ReadOnlySqlTransaction:
                await connection.close()
                raise

    def _away(self, error: BaseException, committing: bool = False) -> DatabaseUnavailable:
        why = self._trouble = describe_failure(error, self._failures)
        return DatabaseUnavailable(f"The database {why}.", committing and why not in SURELY_NOT_DONE, why)

    async def trouble(self) -> str:
        if self._trouble or self.away:
            try:
                await self._one("try_a_change")
                await self._one("undo_the_try")
            except DatabaseUnavailable as away:
                return away.why
            self._trouble = ""
        return ""

    async def situation(self, number: int) -> Situation | None:
        row = await self._one("situation", number=number)
        return build_situation(row) if row else None

    async def claim_runs(self, limit: int, running: Iterable[int] = ()) -> Sequence[DiagnosticRunRequest]:
        """Take runs of steps that were asked for. Nothing while this replica has no lock to show that it lives."""
        if not self.replica:
            return []
        rows = await self._all(
            "claim_looks",
            owner=self.replica,
            family=FAMILY,
            limit=limit,
            lease=LOOK_LEASE,
            running=list(running),
        )
        return [
            DiagnosticRunRequest(
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

    async def wait_for_remediations(self, at_most: float) -> None:
        """Return when a remediation is due for work, here or by another replica, or after `at_most` seconds."""
        await self._presence.wait_for_work(at_most, REMEDIATIONS)

    async def claim_remediations(self, limit: int, lease: timedelta) -> Sequence[Remediation]:
        """Take what is due for work. Nothing while this replica has no lock to show that it lives."""
        if not self.replica:
            return []
        rows = await self._all(
            "claim_remediations", owner=self.replica, family=FAMILY, limit=limit, lease=lease
        )
        return [build_remediation(row) for row in rows]

    async def release_remediation(self, id: int, after: timedelta) -> None:
        await self._one("release_remediation", id=id, owner=self.replica, after=after)

    async def list_timeline_heads(self, since: timedelta) -> Sequence[TimelineHead]:
        return [TimelineHead(**row) for row in await self._all("heads_since", since=since)]

    async def forget_old_requests(self) -> None:
        await self._all("forget_old_inbound")
        await self._all("forget_kept_requests")
        await self._all("forget_replicas")
        while await self._all("prune_outbox", after=REOPEN_WINDOW, limit=PRUNED_AT_ONCE):
            pass
