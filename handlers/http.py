"""The HTTP face: `POST /slack/events` behind the signature, and the three pages for machines."""

import asyncio
import logging
import re
import socket
import time
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web
from aiohttp.http import HttpProcessingError
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier

log = logging.getLogger(__name__)

LARGEST_REQUEST = 1024 * 1024
"""Bytes. Slack's own requests stay far below."""

OLDEST_REQUEST = 300
"""Seconds that a timestamp may be off, as Slack recommends against replays."""

TIMESTAMP = re.compile(r"[0-9]{1,12}")
SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")

Page = Callable[[], Awaitable[web.Response]]


def web_app(livez: Page, readyz: Page, metrics: Page) -> web.Application:
    """The aiohttp application with the pages for machines."""
    logging.getLogger("aiohttp.server").addFilter(_is_ours)
    app = web.Application(client_max_size=LARGEST_REQUEST)
    for path, page in (("/livez", livez), ("/readyz", readyz), ("/metrics", metrics)):
        app.router.add_get(path, _served(page))
    return app


def add_slack(app: web.Application, bolt: AsyncApp, signing_secret: str) -> None:
    """Take Slack's signed requests too."""
    verifier = SignatureVerifier(signing_secret)

    async def slack_events(request: web.Request) -> web.Response:
        body = await request.read()
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
        return "the timestamp is more than five minutes off"
    if not SIGNATURE.fullmatch(signature):
        return "the signature is missing or malformed"
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return "the body is not UTF-8"
    if not verifier.is_valid(text, timestamp, signature):
        return "the signature does not match"
    return None
