"""Limits the HTTP server's connections: how many, which go first, and how slowly a request may begin."""

import asyncio
import errno
import logging
import resource
import socket
import time
from collections.abc import Callable
from typing import Any

from aiohttp import web

log = logging.getLogger(__name__)

BACKLOG = 128
"""Connections that may wait to be taken, and are taken in one turn of the loop."""

MOST_FILES, MOST_CONNECTIONS = 65_536, 2_000
RESERVED_FILES = 256
"""Files that connections leave to everything else: the database, Slack, the diagnostics."""

OUT_OF_FILES = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
RETRY_DELAY_S = 1.0
"""Seconds until connections are taken again, where none could be closed for them; and between lines in the log."""


def raise_file_limit() -> int:
    """Let this process open as many files as the system lets it, within reason. Gives the number."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return MOST_FILES if soft == resource.RLIM_INFINITY else soft


def compute_max_connections(files: int) -> int:
    """How many connections there may be where the process may open so many files."""
    return min(MOST_CONNECTIONS, max(files - RESERVED_FILES, files // 2))


def mark_verified(request: web.Request) -> None:
    """Note that the request is signed by whom it should be: its connection is closed last."""
    if (connection := request.get(CONNECTION)) is not None:
        connection.keeper.mark_verified(connection)


class ClientConnection(asyncio.Protocol):
    """One connection: passes everything on to the server's own protocol, and is ended when a request's headers take
    longer than they may."""

    def __init__(self, server: web.RequestHandler, keeper: "ConnectionRegistry", seconds: float) -> None:
        self.server, self.keeper, self._seconds = server, keeper, seconds
        self.transport: asyncio.Transport | None = None
        self.is_busy = False
        self._ends: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.keeper.add(self)
        self._begins()
        self.server.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if not self.is_busy and self._ends is None:
            self._begins()
        self.server.data_received(data)

    def _begins(self) -> None:
        self._ends = asyncio.get_running_loop().call_later(self._seconds, self.end)

    def record_headers(self) -> None:
        """The headers of a request are here."""
        self.is_busy = True
        if self._ends is not None:
            self._ends.cancel()
            self._ends = None

    def end(self) -> None:
        """Close it at once, whatever is under way."""
        if self.transport is not None:
            self.transport.abort()

    def eof_received(self) -> bool | None:
        self.server.eof_received()
        return None

    def connection_lost(self, error: Exception | None) -> None:
        self.record_headers()
        self.keeper.discard(self)
        self.server.connection_lost(error)

    def pause_writing(self) -> None:
        self.server.pause_writing()

    def resume_writing(self) -> None:
        self.server.resume_writing()


CONNECTION = web.RequestKey("connection", ClientConnection)
"""In a request: the connection that it came on."""


class ConnectionRegistry:
    """All connections, at most `most`: for a new one the longest unused is closed, first of those on which nothing that
    was signed ever came, and none on which something signed is under way. `seconds` is for a request to begin."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._strangers: dict[ClientConnection, None] = {}
        self._proven: dict[ClientConnection, None] = {}
        self._of: dict[object, ClientConnection] = {}
        self._said = ThrottledLog()

    def wrap_server(self, server: web.Server) -> Callable[[], ClientConnection]:
        """Makes what the server makes of a new connection, and keeps an eye on it."""

        def made() -> ClientConnection:
            own = server()
            self._of[own] = connection = ClientConnection(own, self, self._seconds)
            return connection

        return made

    def add(self, connection: ClientConnection) -> None:
        """Take a new one, in the place of another one where there is no room."""
        if len(self._strangers) + len(self._proven) >= self._most and not self.close_one():
            connection.end()
        self._strangers[connection] = None

    def close_one(self) -> bool:
        """Close the one that is needed least; False where all are."""
        idle = (connection for connection in (*self._strangers, *self._proven) if not connection.is_busy)
        victim = next(idle, None) or next(iter(self._strangers), None)
        if victim is None:
            return False
        self._said.warn("too many connections: those that are idle longest are closed")
        self.discard(victim)
        victim.end()
        return True

    def mark_verified(self, connection: ClientConnection) -> None:
        """Something signed came on it."""
        if connection in self._strangers:
            del self._strangers[connection]
            self._proven[connection] = None

    def discard(self, connection: ClientConnection) -> None:
        """It is over."""
        self._strangers.pop(connection, None)
        self._proven.pop(connection, None)
        self._of.pop(connection.server, None)

    @web.middleware
    async def record_headers(
        self, request: web.Request, handler: Callable[[web.Request], Any]
    ) -> web.StreamResponse:
        """A request began: its headers are here."""
        connection = self._of.get(request.protocol)
        if connection is None:  # closed meanwhile, to make room
            return web.Response(status=503)
        request[CONNECTION] = connection
        connection.record_headers()
        try:
            answer: web.StreamResponse = await handler(request)
            return answer
        finally:
            connection.is_busy = False
            for known in (self._strangers, self._proven):
                if connection in known:
                    known[connection] = known.pop(connection)


class ConnectionAcceptor:
    """Takes the connections that wait at a listening socket, until it ends.

    asyncio's own server writes a traceback for each of 128 attempts where there are no files left.
    """

    def __init__(
        self, listener: socket.socket, make: Callable[[], ClientConnection], connections: ConnectionRegistry
    ) -> None:
        self._listener, self._make, self._connections = listener, make, connections
        self._loop = asyncio.get_running_loop()
        self._begun: set[asyncio.Task[Any]] = set()
        self._later: asyncio.TimerHandle | None = None
        self._said = ThrottledLog()
        listener.setblocking(False)
        listener.listen(BACKLOG)
        self._loop.add_reader(listener, self._take)

    def _take(self) -> None:
        for _ in range(BACKLOG):
            try:
                taken, _ = self._listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                self._said.warn(f"no connection can be taken: {error.strerror}")
                if error.errno not in OUT_OF_FILES or not self._connections.close_one():
                    self._loop.remove_reader(self._listener)
                    self._later = self._loop.call_later(RETRY_DELAY_S, self._again)
                return
            task = self._loop.create_task(self._loop.connect_accepted_socket(self._make, taken))
            self._begun.add(task)
            task.add_done_callback(self._begun.discard)

    def _again(self) -> None:
        self._later = None
        self._loop.add_reader(self._listener, self._take)

    async def end(self) -> None:
        """Take no more. A connection that was taken just now gets the turns of the loop that it needs to reach the
        server, which ends only what it knows: else its request would be dropped without an answer, and the connection
        left open."""
        self._loop.remove_reader(self._listener)
        if self._later is not None:
            self._later.cancel()
        await asyncio.gather(*self._begun, return_exceptions=True)
        self._listener.close()


class ThrottledLog:
    """Says the same in the log once a second at most."""

    def __init__(self) -> None:
        self._next = 0.0

    def warn(self, sentence: str) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + RETRY_DELAY_S
            log.warning("%s", sentence)
