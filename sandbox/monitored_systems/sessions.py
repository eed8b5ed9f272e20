"""What the app does in its database: idle connections of a pool, slow searches, locks that are never let go."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, LiteralString

import psycopg

from sandbox.monitored_systems.scenarios import Breakage, Scene

USUAL = 5
FORGOTTEN = 3
"""Connections of the pool; transactions that somebody began and left."""

MADE_ROOM = 3
"""So many sessions have to be ended for the app to be well again."""

HOLDS: LiteralString = "update app.bookings set state = 'loading' where id = 17"
WAITS: LiteralString = "update app.bookings set fare = fare + 250 where id = 17"
SEARCH: LiteralString = "select * from app.trucks_near(%s)"
SEARCHES = 4
DISCONNECT_TIMEOUT_S = 5.0


class Sessions:
    """The app's sessions at the address `where`, as the role `app`; `watch` is a connection that always is there."""

    def __init__(self, watch: psycopg.AsyncConnection, where: str, app: str) -> None:
        self._watch, self._where, self._app = watch, where, app
        self._open: list[psycopg.AsyncConnection] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def show(self, scene: Scene) -> None:
        """From whatever there was to what belongs to the scene."""
        await self.leave()
        await self._watch.execute("select pg_stat_statements_reset()")
        await self._usual()
        if scene.has(Breakage.SLOW) or scene.has(Breakage.DATABASE):
            await self._lock_up()
        if scene.has(Breakage.SLOW):
            await self._search()
        if scene.has(Breakage.DATABASE):
            await self._fill()

    async def _usual(self) -> None:
        """A pool that has little to do."""
        for _ in range(USUAL):
            connection = await self._connect()
            await connection.execute("select count(*) from app.bookings where state = %s", ("booked",))

    async def leave(self) -> None:
        """End all of them, those that wait for a lock too, and return when the server has no trace of them."""
        for task in self._tasks:
            task.cancel()
        with suppress(psycopg.OperationalError):  # the server may be gone already
            await self._watch.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where usename = %s", (self._app,)
            )
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for connection in self._open:
            await connection.close()
        self._tasks, self._open = [], []
        with suppress(psycopg.OperationalError):
            async with asyncio.timeout(DISCONNECT_TIMEOUT_S):
                while await self._has_sessions():
                    await asyncio.sleep(0.01)

    async def has_room(self) -> bool:
        """Whether several of the sessions are gone that were to fill the server."""
        found = await self._watch.execute(
            "select count(*) from pg_stat_activity where usename = %s", (self._app,)
        )
        row = await found.fetchone()
        return row is not None and row[0] <= len(self._open) - MADE_ROOM

    async def _has_sessions(self) -> bool:
        found = await self._watch.execute("select 1 from pg_stat_activity where usename = %s", (self._app,))
        return await found.fetchone() is not None

    async def _connect(self) -> psycopg.AsyncConnection:
        connection = await psycopg.AsyncConnection.connect(
            self._where, user=self._app, autocommit=True, application_name="rodistaa-backend"
        )
        self._open.append(connection)
        return connection

    async def _lock_up(self) -> None:
        """Somebody took a row and went away; two wait for it, and others have left a transaction open."""
        blocker = await self._connect()
        await blocker.execute("begin")
        await blocker.execute(HOLDS)
        for _ in range(2):
            self._go_on(self._wait(await self._connect()))
        for _ in range(FORGOTTEN):
            left = await self._connect()
            await left.execute("begin")
            await left.execute("select * from app.trucks where free limit 1")
        async with asyncio.timeout(DISCONNECT_TIMEOUT_S):
            while not await self._are_waiting(2):
                await asyncio.sleep(0.01)

    async def is_waiting(self) -> bool:
        """Whether somebody waits for a lock."""
        return await self._are_waiting(1)

    async def _are_waiting(self, count: int) -> bool:
        found = await self._watch.execute("select count(*) from pg_locks where not granted")
        row = await found.fetchone()
        return row is not None and row[0] >= count

    async def _wait(self, connection: psycopg.AsyncConnection) -> None:
        await connection.execute(WAITS)

    async def _search(self) -> None:
        """Slow searches, some at once, then on and on: what is measured twice differs."""
        searching = [await self._connect() for _ in range(SEARCHES)]
        await asyncio.gather(*(session.execute(SEARCH, ("Pune",)) for session in searching))
        self._go_on(self._search_on(searching[0]))

    async def _search_on(self, connection: psycopg.AsyncConnection) -> None:
        while True:
            await connection.execute(SEARCH, ("Pune",))
            await asyncio.sleep(0.3)

    async def _fill(self) -> None:
        """Every connection that is left, and any that becomes free because somebody who looked has gone."""
        row = await (await self._watch.execute(SLOTS)).fetchone()
        assert row is not None
        wanted = int(row[0])
        await self._take(wanted)
        if len(self._open) < wanted:
            self._go_on(self._take_on(wanted))

    async def _take(self, wanted: int) -> None:
        with suppress(psycopg.OperationalError):  # there is none left: what is wanted
            while len(self._open) < wanted:
                await self._connect()

    async def _take_on(self, wanted: int) -> None:
        while len(self._open) < wanted:
            await asyncio.sleep(0.2)
            await self._take(wanted)

    def _go_on(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.create_task(work))


SLOTS: LiteralString = """
select current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
    - current_setting('reserved_connections')::int - 1
"""
"""As many as there are for ordinary roles beside the one that watches. Those of somebody who looks are taken later."""
