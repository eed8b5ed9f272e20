"""Replica liveness by advisory lock; wakes the workers on NOTIFY."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from bot.adapters.database.errors import PoolerProblem
from bot.adapters.database.session import ELSEWHERE, FOR_SESSION, ensure_same_session, ensure_session
from bot.adapters.database.sql_loader import SQL

log = logging.getLogger(__name__)

FAMILY = 7301
"""The first half of the advisory lock that a living replica holds; the second half is the replica's number."""

CHANNEL = "tocsin_work"

SLACK, PAGING, LOOKS, REMEDIATIONS = "slack", "paging", "looks", "remediations"
EVERYBODY = (SLACK, PAGING, LOOKS, REMEDIATIONS)
"""For whom there is work, as a notification names them after the number of the replica that it comes from."""

STEP, TOLD_FOR = 1.5, 600.0
"""Seconds by which the database's clock parts from ours before it was set: an answer may take one of them; and for how
long that is told."""

LEASE = timedelta(seconds=7)
"""How long a claimed row stays with its replica. Longer than a call's time-out, so that one call fits in."""

LOOK_EVERY = 5.0
"""Seconds between looks whether the database in which the lock is held still takes changes."""


class WorkNotifier:
    """Rings for those who wait for work at Slack, at the paging providers or at the monitored systems."""

    def __init__(self) -> None:
        self.events = {worker: asyncio.Event() for worker in EVERYBODY}

    def notify(self, for_whom: Iterable[str] = EVERYBODY) -> None:
        """There may be work for them."""
        for worker in for_whom:
            if worker in self.events:
                self.events[worker].set()

    def notify_after(self, delay: timedelta, for_whom: Iterable[str]) -> None:
        """There will be work for them: what is due by then is not left for a look that comes a second later."""
        asyncio.get_running_loop().call_later(delay.total_seconds(), self.notify, tuple(for_whom))


class DatabaseClock:
    """The database's clock beside this machine's monotonic one. `jumped` says by how many seconds it was set lately."""

    def __init__(self) -> None:
        self._apart: float | None = None
        self._jumped, self._at = 0.0, 0.0

    def measure_step(self, now: float) -> float:
        """`now` is what it says, in seconds since 1970. Gives by how many seconds it was set since the last look."""
        before, self._apart = self._apart, now - time.monotonic()
        step = 0.0 if before is None else self._apart - before
        if abs(step) <= STEP:
            return 0.0
        self._jumped, self._at = step, time.monotonic()
        how = "ahead" if step > 0 else "back"
        log.warning(
            "the database's clock was set %s by %.0f s; due times and leases follow it", how, abs(step)
        )
        return step

    def estimate_now(self) -> float | None:
        """What it would say now, had it not been set since the last look; None before the first one."""
        return None if self._apart is None else self._apart + time.monotonic()

    @property
    def jumped(self) -> float:
        """By how many seconds it was set ahead (or, below zero, back) within the last ten minutes; 0 for not."""
        return self._jumped if time.monotonic() - self._at < TOLD_FOR else 0.0


class ReplicaLock:
    """A connection of its own that holds the lock and listens, made again whenever it is lost. It says what this
    version can perform (`known`), too.

    `replica` is the number that the lock stands for, 0 while there is none; `work` rings when there is work;
    `begun` counts how often that was another one, `replaced` how often the tables had been made anew; `clock_ahead` is
    by how many seconds the database's clock is ahead of this machine's.
    """

    def __init__(
        self, address: str, known: Jsonb, failed: Callable[[psycopg.Error], object], is_direct: bool = False
    ) -> None:
        self._address, self._known, self._failed = address, known, failed
        self._setting = "TOCSIN_DATABASE_DIRECT_URL" if is_direct else "TOCSIN_DATABASE_URL"
        self._task: asyncio.Task[None] | None = None
        self.work = WorkNotifier()
        self.replica = 0
        self.clock_ahead = 0.0
        self.begun = self.replaced = 0
        self._made = ""
        self._set_back = self._set_ahead = 0.0
        self._since: float | None = None
        self.clock = DatabaseClock()
        self._table = 0

    @property
    def clock_expected(self) -> datetime | None:
        """What the database's clock says now, but for a step ahead of which nothing was told the rows that are being
        delivered; None where this is not known."""
        expected = self.clock.estimate_now()
        return None if expected is None else datetime.fromtimestamp(expected - self._set_ahead, UTC)

    @property
    def leases_end(self) -> bool:
        """Whether a lease that has ended by the database's clock has ended: not for who came less than a lease ago, and
        cannot know whether that clock was set ahead since."""
        return self._since is not None and time.monotonic() - self._since > LEASE.total_seconds()

    async def begin(self) -> None:
        """Return when the lock is held. The caller gives this a bound."""
        ready = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._live(ready), name="store-alive")
        await ready

    async def end(self) -> None:
        """Let the lock go."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task, self.replica = None, 0

    async def wait_for_work(self, at_most: float, for_whom: str = SLACK) -> None:
        """Return when there is work for somebody, from here or from another replica, or after `at_most` seconds."""
        heard = self.work.events[for_whom]
        try:
            async with asyncio.timeout(at_most):
                await heard.wait()
        except TimeoutError:
            return
        finally:
            heard.clear()

    async def _live(self, ready: asyncio.Future[None]) -> None:
        while True:
            try:
                await self._hold(ready)
            except PoolerProblem as problem:
                if not ready.done():
                    ready.set_exception(problem)
                    return
                log.error("%s", problem)
                self.replica = 0
            except psycopg.Error as error:
                level = logging.WARNING if self.replica else logging.DEBUG  # said once, not twice a second
                log.log(level, "lost the database: %s", str(error).strip().splitlines()[0])
                self._failed(error)
                self.replica = 0
            await asyncio.sleep(0.5)

    async def _hold(self, ready: asyncio.Future[None]) -> None:
        connection = await AsyncConnection.connect(
            self._address, autocommit=True, row_factory=dict_row, prepare_threshold=None
        )
        async with connection:
            pid = await ensure_session(connection, self._address, self._setting)
            await connection.execute(FOR_SESSION)
            try:
                row = await (await connection.execute(SQL["new_replica"])).fetchone()
            except psycopg.errors.UndefinedTable as error:
                raise PoolerProblem(ELSEWHERE) from error
            assert row is not None
            number = int(row["id"])
            self._table = 0
            await self._look(connection)
            await connection.execute(SQL["hold_replica"], {"family": FAMILY, "id": number})
            await connection.execute(f"listen {CHANNEL}".encode())
            await self._tell(connection, number)
            self.replica = number
            self._since = self._since or time.monotonic()
            self.begun += 1
            self.work.notify()
            if not ready.done():
                ready.set_result(None)
            while True:
                async for told in connection.notifies(timeout=LOOK_EVERY):
                    source, *for_whom = told.payload.split()
                    if source != str(number):  # its own commits it has heard of already
                        self.work.notify(for_whom)
                await ensure_same_session(connection, pid)
                await self._look(connection)
                await self._tell(connection, number)

    async def _tell(self, connection: AsyncConnection[Any], number: int) -> None:
        with suppress(psycopg.errors.DiskFull):  # it lives all the same, and nobody can take anything over
            await connection.execute(SQL["is_seen"], {"replica": number, "known": self._known})
            await connection.execute(SQL["see_others"], {"family": FAMILY})

    async def _look(self, connection: AsyncConnection[Any]) -> None:
        row = await (await connection.execute(SQL["takes_changes"])).fetchone()
        assert row is not None
        self.clock_ahead = (row["clock"] - datetime.now(UTC)).total_seconds()
        step = self.clock.measure_step(row["clock"].timestamp())
        self._set_back += max(0.0, -step)
        self._set_ahead += max(0.0, step)
        # After a failover this may still lead to the old server, where nobody looks for our lock.
        if not row["takes_changes"]:
            raise psycopg.errors.ReadOnlySqlTransaction("it takes no changes any more")
        with suppress(psycopg.errors.DiskFull):
            values = {"step": timedelta(seconds=self._set_back), "lease": LEASE}
            await connection.execute(SQL["clock_set_back"], values)
            await connection.execute(SQL["replicas_set_back"])
            if self._set_ahead:
                await connection.execute(SQL["clock_set_ahead"], {"lease": LEASE})
            # Not before: what the database did not take is tried at the next look.
            self._set_back = self._set_ahead = 0.0
        if self._made not in ("", row["made"]):
            self.replaced += 1
        self._made = row["made"]
        # A backup may be put back without ending a connection.
        if self._table not in (0, row["outbox"]):
            raise psycopg.OperationalError("its tables were put back or made anew")
        self._table = row["outbox"]
