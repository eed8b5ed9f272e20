"""That this replica lives, shown to the others by an advisory lock; and the call that there is work."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from bot.store.queries import SQL

log = logging.getLogger(__name__)

FAMILY = 7301
"""The first half of the advisory lock that a living replica holds; the second half is the replica's number."""

CHANNEL = "tocsin_work"

SLACK, PAGING, LOOKS = "slack", "paging", "looks"
EVERYBODY = (SLACK, PAGING, LOOKS)
"""For whom there is work, as a notification names them after the number of the replica that it comes from."""

LOOK_EVERY = 5.0
"""Seconds between looks whether the database in which the lock is held still takes changes."""


class Bell:
    """Rings for those who wait for work at Slack, at the paging providers or at the monitored systems."""

    def __init__(self) -> None:
        self.rung = {each: asyncio.Event() for each in EVERYBODY}

    def ring(self, for_whom: Iterable[str] = EVERYBODY) -> None:
        """There may be work for them."""
        for each in for_whom:
            if each in self.rung:
                self.rung[each].set()

    def ring_after(self, delay: timedelta, for_whom: Iterable[str]) -> None:
        """There will be work for them: what is due by then is not left for a look that comes a second later."""
        asyncio.get_running_loop().call_later(delay.total_seconds(), self.ring, tuple(for_whom))


class Presence:
    """A connection of its own that holds the lock and listens, made again whenever it is lost.

    `replica` is the number that the lock stands for, 0 while there is none; `work` rings when there is work;
    `clock_ahead` is by how many seconds the database's clock is ahead of this machine's.
    """

    def __init__(self, address: str, failed: Callable[[psycopg.Error], object]) -> None:
        self._address, self._failed = address, failed
        self._task: asyncio.Task[None] | None = None
        self.work = Bell()
        self.replica = 0
        self.clock_ahead = 0.0

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

    async def wait_for_work(self, at_most: float, for_whom: str = SLACK) -> None:
        """Return when there is work for somebody, from here or from another replica, or after `at_most` seconds."""
        heard = self.work.rung[for_whom]
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
            except psycopg.Error as error:
                level = logging.WARNING if self.replica else logging.DEBUG  # said once, not twice a second
                log.log(level, "lost the database: %s", str(error).strip().splitlines()[0])
                self._failed(error)
                self.replica = 0
            await asyncio.sleep(0.5)

    async def _hold(self, ready: asyncio.Future[None]) -> None:
        connection = await AsyncConnection.connect(self._address, autocommit=True, row_factory=dict_row)
        async with connection:
            row = await (await connection.execute(SQL["new_replica"])).fetchone()
            assert row is not None
            number = int(row["id"]) % 2**31
            await self._look(connection)
            await connection.execute(SQL["hold_replica"], {"family": FAMILY, "id": number})
            await connection.execute(f"listen {CHANNEL}".encode())
            self.replica = number
            self.work.ring()
            if not ready.done():
                ready.set_result(None)
            while True:
                async for told in connection.notifies(timeout=LOOK_EVERY):
                    source, *for_whom = told.payload.split()
                    if source != str(number):  # its own commits it has heard of already
                        self.work.ring(for_whom)
                await self._look(connection)

    async def _look(self, connection: AsyncConnection[Any]) -> None:
        row = await (await connection.execute(SQL["takes_changes"])).fetchone()
        assert row is not None
        self.clock_ahead = (row["clock"] - datetime.now(UTC)).total_seconds()
        # After a failover this may still lead to the old server, where nobody looks for our lock.
        if not row["takes_changes"]:
            raise psycopg.errors.ReadOnlySqlTransaction("it takes no changes any more")
