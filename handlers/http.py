"""The HTTP face: `POST /slack/events` behind the signature, and the three pages for machines."""

import asyncio
import logging
import re
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web
from aiohttp.http import HttpProcessingError
from aiohttp.typedefs import Middleware
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier

from bot.errors import SettingsProblem
from handlers.chatter import is_chatter

log = logging.getLogger(__name__)

LARGEST_REQUEST = 1024 * 1024
"""Bytes. Slack's own requests stay far below."""

OLDEST_REQUEST = 300
"""Seconds that a timestamp may be off, as Slack recommends against replays."""

BACKLOG = 128
"""Connections that may wait to be taken, as aiohttp has it."""

TIMESTAMP = re.compile(r"[0-9]{1,12}")
SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")

Page = Callable[[], Awaitable[web.Response]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds that a client may take: for the first request on a connection to begin, for a body to come whole, for
    an answer to be read, and between two requests. Slack itself gives up after three; proxies keep idle connections
    for up to ten minutes, and what they still believe open must not be closed before."""

    beginning: float = 20.0
    body: float = 5.0
    reading: float = 20.0
    idle: float = 650.0


def listening(host: str, port: int) -> socket.socket:
    """The server's socket, taken first: a port that is in use stops the start before anything else happens."""
    try:
        return socket.create_server((host, port), reuse_port=False)
    except OSError as error:
        why, _, _ = str(error.strerror).partition(" (")  # some versions of Python repeat the address there
        raise SettingsProblem([f"TOCSIN_HTTP: {host}:{port} cannot be used: {why}."]) from None


def web_app(livez: Page, readyz: Page, metrics: Page) -> web.Application:
    """The aiohttp application with the pages for machines."""
    logging.getLogger("aiohttp.server").addFilter(_is_ours)
    app = web.Application(client_max_size=LARGEST_REQUEST)
    for path, page in (("/livez", livez), ("/readyz", readyz), ("/metrics", metrics)):
        app.router.add_get(path, _served(page))
    return app


@asynccontextmanager
async def serving(
    app: web.Application, listener: socket.socket, limits: Limits = Limits()
) -> AsyncIterator[None]:
    """Serve until the end, then finish what is under way. A client that is slower than its limits is cut off."""
    silent = Silent(limits.beginning)
    app.middlewares.extend([silent.heard, _read_within(limits.reading)])
    runner = web.AppRunner(
        app,
        access_log=None,
        handle_signals=False,
        shutdown_timeout=2.5,
        keepalive_timeout=limits.idle,
        lingering_time=limits.body,
    )
    await runner.setup()
    assert runner.server is not None
    if hasattr(
        socket, "TCP_USER_TIMEOUT"
    ):  # where there is none, what a client leaves unread stays in memory
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(limits.reading * 1000))
    loop = asyncio.get_running_loop()
    taking = await loop.create_server(silent.watched(runner.server), sock=listener, backlog=BACKLOG)
    try:
        yield
    finally:
        await stop_taking(listener)
        taking.close()
        await runner.cleanup()


class Silent:
    """The connections on which no request has begun yet; after `seconds` they are ended."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._connections: set[asyncio.BaseProtocol] = set()

    def watched(self, server: web.Server) -> Callable[[], asyncio.BaseProtocol]:
        """Makes what the server makes of a new connection, and looks at it later."""

        def made() -> asyncio.BaseProtocol:
            connection = server()
            self._connections.add(connection)
            asyncio.get_running_loop().call_later(self._seconds, self._look, connection)
            return connection

        return made

    @web.middleware
    async def heard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """A request began: its headers are here."""
        self._connections.discard(request.protocol)
        return await handler(request)

    def _look(self, connection: web.RequestHandler) -> None:
        if connection in self._connections:
            self._connections.discard(connection)
            connection.force_close()


def _read_within(seconds: float) -> Middleware:
    """Writes each answer in time, or ends the connection: what a client leaves unread would stay in memory."""

    @web.middleware
    async def written(request: web.Request, handler: Handler) -> web.StreamResponse:
        answer = await handler(request)
        try:
            async with asyncio.timeout(seconds):
                await answer.prepare(request)
                await answer.write_eof()
        except TimeoutError:
            log.warning("ended a connection: its answer was not read in %s s", seconds)
            if request.transport is not None:
                request.transport.abort()
        return answer

    return written


def add_slack(app: web.Application, bolt: AsyncApp, signing_secret: str, limits: Limits = Limits()) -> None:
    """Take Slack's signed requests too."""
    verifier = SignatureVerifier(signing_secret)

    async def slack_events(request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(limits.body):
                body = await request.read()
        except TimeoutError:
            log.warning("refused a request to /slack/events: its body did not come in %s s", limits.body)
            late = web.json_response({"error": "the body did not come in time"}, status=408)
            late.force_close()
            return late
        if (why := forged(verifier, body, request.headers)) is not None:
            log.warning("refused a request to /slack/events: %s", why)
            return web.json_response({"error": why}, status=401)
        try:
            asked = AsyncBoltRequest(
                body=body.decode(), query=request.query_string, headers=dict(request.headers)
            )
        except (
            ValueError,
            RecursionError,
            AttributeError,
        ):  # what Bolt raises for JSON that is none, or no object
            log.warning("refused a request to /slack/events: its body is not what Slack sends")
            return web.json_response({"error": "the body is not what Slack sends"}, status=400)
        if is_chatter(asked.body):
            return web.Response()
        return await to_aiohttp_response(await bolt.async_dispatch(asked))

    app.router.add_post("/slack/events", slack_events)


async def stop_taking(listener: socket.socket) -> None:
    """Take no more connections; call it before the server's own end.

    A connection that was taken just now gets the turn of the loop that it needs to reach the server, which ends only
    what it knows: else its request would be dropped without an answer, and the connection left open.
    """
    asyncio.get_running_loop().remove_reader(listener)
    await asyncio.sleep(0)


def _is_ours(record: logging.LogRecord) -> bool:
    """Whether the server's log record is about a fault of ours. What is not even HTTP is one line, no traceback."""
    if record.exc_info and isinstance(record.exc_info[1], HttpProcessingError):
        log.warning("refused a request that is not HTTP: %s", type(record.exc_info[1]).__name__)
        return False
    return True


def _served(page: Page) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def serve(_: web.Request) -> web.Response:
        return await page()

    return serve


def forged(verifier: SignatureVerifier, body: bytes, headers: Mapping[str, str]) -> str | None:
    """Why these bytes are not Slack's, before anything of them is parsed; None when they are."""
    get = headers.get
    timestamp, signature = get("X-Slack-Request-Timestamp", ""), get("X-Slack-Signature", "")
    if not TIMESTAMP.fullmatch(timestamp):
        return "the timestamp is missing or not a number"
    if abs(time.time() - int(timestamp)) > OLDEST_REQUEST:
        return "the timestamp is more than five minutes off: a replay, or this machine's clock is wrong"
    if not SIGNATURE.fullmatch(signature):
        return "the signature is missing or malformed"
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return "the body is not UTF-8"
    if not verifier.is_valid(text, timestamp, signature):
        return "the signature does not match"
    return None
