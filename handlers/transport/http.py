"""The HTTP server: `POST /slack/events` behind the signature, webhooks, and the health endpoints."""

import asyncio
import logging
import select
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from aiohttp.http import HttpProcessingError
from aiohttp.typedefs import Middleware
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier

from bot.errors import SettingsProblem
from handlers.transport.connection_limits import (
    ConnectionAcceptor,
    ConnectionRegistry,
    compute_max_connections,
    mark_verified,
    raise_file_limit,
)
from handlers.transport.event_filter import is_chatter
from handlers.transport.payload_schemas import InvalidPayload, build_bolt_request
from handlers.transport.request_keys import STILL_WAITS
from handlers.transport.slack_signature import describe_forgery

log = logging.getLogger(__name__)

MAX_REQUEST_BYTES = 1024 * 1024
"""Bytes. Slack's own requests stay far below."""

SLACK_TIMEOUT_S = 4.0
"""Seconds since Slack's timestamp after which nobody waits for the answer: Slack waits for three, and a timestamp has
no fractions of a second."""

HUNG_UP = getattr(select, "POLLRDHUP", select.POLLHUP)
"""What the system says of a connection whose other side sends no more."""

Page = Callable[[], Awaitable[web.Response]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """Seconds that a client may take: for the headers of a request to come, for a body to come whole, for an answer to
    be read, and between two requests. Slack itself gives up after three; proxies keep idle connections
    for up to ten minutes, and what they still believe open must not be closed before."""

    beginning: float = 20.0
    body: float = 5.0
    reading: float = 20.0
    idle: float = 650.0


def open_listener(host: str, port: int) -> socket.socket:
    """The server's socket, taken first: a port that is in use stops the start before anything else happens."""
    try:
        return socket.create_server((host, port), reuse_port=False)
    except OSError as error:
        why, _, _ = str(error.strerror).partition(" (")  # some versions of Python repeat the address there
        raise SettingsProblem([f"TOCSIN_HTTP: {host}:{port} cannot be used: {why}."]) from None


def build_web_app(livez: Page, readyz: Page, metrics: Page) -> web.Application:
    """The aiohttp application with the pages for machines."""
    logging.getLogger("aiohttp.server").addFilter(_is_ours)
    app = web.Application(client_max_size=MAX_REQUEST_BYTES)
    for path, page in (("/livez", livez), ("/readyz", readyz), ("/metrics", metrics)):
        app.router.add_get(path, _wrap_page(page))
    return app


@asynccontextmanager
async def serve(
    app: web.Application,
    listener: socket.socket,
    limits: RequestLimits = RequestLimits(),
    most: int | None = None,
) -> AsyncIterator[None]:
    """Serve until the end, then finish what is under way. A client that is slower than its limits is cut off; there are
    `most` connections, or as many as the process may have files for, which is made as many as the system lets."""
    connections = ConnectionRegistry(most or compute_max_connections(raise_file_limit()), limits.beginning)
    app.middlewares.extend([connections.record_headers, _read_within(limits.reading)])
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
    taking = ConnectionAcceptor(listener, connections.wrap_server(runner.server), connections)
    try:
        yield
    finally:
        await taking.end()
        await runner.cleanup()


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
            log.warning(
                "closed a connection: timeout after %s s, the client did not read the response", seconds
            )
            if request.transport is not None:
                request.transport.abort()
        except ConnectionError:
            log.debug("the client disconnected before the response was sent")
        return answer

    return written


def add_slack_routes(
    app: web.Application,
    bolt: AsyncApp,
    signing_secret: str,
    limits: RequestLimits = RequestLimits(),
    slack_time: Callable[[], float | None] = lambda: None,
    on_receipt: Callable[[Mapping[str, Any]], None] = lambda payload: None,
) -> None:
    """Take Slack's signed requests too; `slack_time` gives Slack's seconds since the epoch, None while unknown.
    `on_receipt` hears of each."""
    verifier = SignatureVerifier(signing_secret)

    async def slack_events(request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(limits.body):
                body = await request.read()
        except TimeoutError:
            log.warning(
                "rejected a request to /slack/events: timeout after %s s waiting for its body", limits.body
            )
            late = web.json_response({"error": "the body did not come in time"}, status=408)
            late.force_close()
            return late
        if (why := describe_forgery(verifier, body, request.headers)) is not None:
            log.warning("rejected a request to /slack/events: %s", why)
            return web.json_response({"error": why}, status=401)
        mark_verified(request)
        try:
            asked = build_bolt_request(
                body.decode(),
                query=request.query_string,
                headers=dict(request.headers),
                context={STILL_WAITS: lambda: is_still_waiting(request, slack_time())},
            )
        except InvalidPayload:
            log.warning("rejected a request to /slack/events: its body is not what Slack sends")
            return web.json_response({"error": "the body is not what Slack sends"}, status=400)
        on_receipt(asked.body)
        if is_chatter(asked.body):
            return web.Response()
        return await to_aiohttp_response(await bolt.async_dispatch(asked))

    app.router.add_post("/slack/events", slack_events)


def is_still_waiting(request: web.Request, now: float | None) -> bool:
    """Whether Slack waits for the answer to a request that it signed: it has neither hung up nor given up by then.
    `now` is Slack's time; without it only the connection tells."""
    if now is not None and now - int(request.headers["X-Slack-Request-Timestamp"]) > SLACK_TIMEOUT_S:
        return False
    return not has_hung_up(request.transport)


def has_hung_up(transport: asyncio.BaseTransport | None) -> bool:
    """Whether the other side has closed the connection, also when that was not read yet: asked of the system."""
    if transport is None or transport.is_closing():
        return True
    asked = select.poll()
    asked.register(transport.get_extra_info("socket").fileno(), HUNG_UP)
    return bool(asked.poll(0))


def _is_ours(record: logging.LogRecord) -> bool:
    """Whether the server's log record is about a fault of ours. What is not even HTTP is one line, no traceback."""
    if record.exc_info and isinstance(record.exc_info[1], HttpProcessingError):
        log.warning("rejected a request that is not HTTP: %s", type(record.exc_info[1]).__name__)
        return False
    return True


def _wrap_page(page: Page) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def serve(_: web.Request) -> web.Response:
        return await page()

    return serve
