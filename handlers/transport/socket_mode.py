"""Socket Mode: receives envelopes over a websocket that the bot opens, and acknowledges each when it is handled."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Self

import aiohttp
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bot.adapters.slack import SocketModeConnector
from bot.domain.effects import compute_backoff_s
from bot.errors import SettingsProblem, SlackCallError, SlackRejected, SlackUnreachable
from bot.settings import Settings
from handlers.transport.event_filter import is_chatter
from handlers.transport.payload_schemas import InvalidPayload, build_bolt_request
from handlers.transport.request_keys import STILL_WAITS, StillWaits
from handlers.transport.stalls import PauseDetector

log = logging.getLogger(__name__)

HELLO_TIMEOUT_S = 10.0
"""Seconds until Slack's first frame."""

STABLE_AFTER_S = 60.0
"""Seconds after which a connection counts as good: the next one is opened without a pause."""

RECONNECT_TIMEOUT_S = 3.0
"""Seconds that an acknowledgement waits for the next connection; Slack gives an envelope up after as many."""

DRAIN_TIMEOUT_S = 30.0
"""Seconds that a connection which Slack is about to close is still listened to, beside the new one."""

CLOSE_TIMEOUT_S = 2.5
"""Seconds for what is under way at a stop."""

FAREWELLS = {
    "warning": "Slack is about to close the connection",
    "refresh_requested": "Slack asked for a new connection",
    "link_disabled": "Socket Mode is switched off in the Slack app's settings",
    "too_many_websockets": "Slack takes no more connections of this app: ten are open",
}
"""The reasons of a disconnect frame, in words."""


@asynccontextmanager
async def open_connector(settings: Settings) -> AsyncIterator[SocketModeConnector | None]:
    """The way to Slack's websockets; None without an app-level token.

    A token that Slack refuses ends the start with SettingsProblem; a Slack that is away does not.
    """
    if settings.slack_app_token is None:
        yield None
        return
    async with SocketModeConnector(
        settings.slack_app_token.get_secret_value(), settings.slack_api_url
    ) as links:
        try:
            await links.prefetch_address()
        except SlackRejected as refusal:
            raise SettingsProblem(
                [
                    f"SLACK_APP_TOKEN is refused by Slack ({refusal.code}). Switch Socket Mode on in your Slack app "
                    "and make an app-level token with connections:write under Basic Information, App-Level Tokens."
                ]
            ) from None
        except SlackCallError as error:
            log.warning("Socket Mode: cannot get a connection yet, retrying: %s", error)
        yield links


@dataclass(eq=False, slots=True)
class SocketConnection:
    """One connection. `over` is set when it ended, or when Slack `asked` for another one; `why` says so."""

    socket: aiohttp.ClientWebSocketResponse
    over: asyncio.Event = field(default_factory=asyncio.Event)
    asked: bool = False
    why: str = "the connection broke"


class SocketModeClient:
    """Keeps a connection open from entering to leaving it as an async context manager.

    Slack's own client closes the old connection before it opens the next, dropping what comes in between, notices
    a broken one at its next ping only and logs each attempt with a traceback; so the connections are held here.
    """

    def __init__(
        self,
        bolt: AsyncApp,
        links: SocketModeConnector,
        on_receipt: Callable[[Mapping[str, Any]], None] = lambda payload: None,
    ) -> None:
        """`on_receipt` hears of each envelope's payload."""
        self._bolt, self._links, self._on_receipt = bolt, links, on_receipt
        self._pauses = PauseDetector()
        self._open: list[SocketConnection] = []
        self._up = asyncio.Event()
        self._down_since, self._why = time.monotonic(), "it is being opened"
        self._answering: set[asyncio.Task[None]] = set()
        self._others: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._start(self._keep_open(), self._others)
        self._start(self._pauses.watch(), self._others)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._answering:
            await asyncio.wait(self._answering, timeout=CLOSE_TIMEOUT_S)
        still_open = list(self._open)
        rest = [*self._answering, *self._others]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        await asyncio.gather(*(connection.socket.close() for connection in still_open))

    def trouble(self) -> str:
        """Why nothing can come from Slack; empty while a connection is open."""
        if self._open:
            return ""
        seconds = time.monotonic() - self._down_since
        return f"the websocket to Slack has been down for {seconds:.0f} s: {self._why}"

    async def _keep_open(self) -> None:
        """One connection after the other, the next one before the last is gone if Slack says so in time."""
        failures = 0
        while True:
            began, asked = time.monotonic(), False
            try:
                link = await self._next_link()
                await link.over.wait()
                why, asked = link.why, link.asked
            except SlackCallError as error:
                why = str(error)  # while Slack limits the calls, this comes without another one
            failures = 0 if asked or time.monotonic() - began > STABLE_AFTER_S else failures + 1
            self._say_why(why)
            await asyncio.sleep(compute_backoff_s(failures - 1) if failures > 1 else 0.0)

    async def _next_link(self) -> SocketConnection:
        """A connection on which Slack has said hello. Raises SlackCallError when there is none to be had."""
        socket = await self._links.open()
        frame: dict[str, Any] = {}
        try:
            with suppress(TimeoutError):
                frame = _frame(await socket.receive(timeout=HELLO_TIMEOUT_S))
        finally:
            greeted = bool(frame) and frame.get("type") != "disconnect"
            if not greeted:
                await socket.close()
        if not greeted:
            raise SlackUnreachable(
                _farewell(frame) if frame else "Slack's websocket was closed without a hello"
            )
        link = SocketConnection(socket)
        if not self._open:
            log.info("Socket Mode: connected")
        for earlier in self._open:
            self._start(self._retire(earlier), self._others)
        self._open.append(link)
        self._up.set()
        self._start(self._read(link, frame), self._others)
        return link

    async def _read(self, link: SocketConnection, frame: dict[str, Any]) -> None:
        """Take each frame until the connection ends."""
        try:
            self._take(link, frame)
            async for message in link.socket:
                self._take(link, _frame(message))
        finally:
            self._open.remove(link)
            link.over.set()
            if not self._open:
                self._up.clear()
                self._down_since = time.monotonic()

    def _take(self, link: SocketConnection, frame: dict[str, Any]) -> None:
        if frame.get("type") == "disconnect":
            link.asked, link.why = True, _farewell(frame)
            link.over.set()
        elif isinstance(frame.get("payload"), dict) and (envelope := SocketModeRequest.from_dict(frame)):
            self._start(self._answer(link, envelope, self._pauses.still_waits()), self._answering)

    async def _answer(
        self, link: SocketConnection, envelope: SocketModeRequest, still_waits: StillWaits
    ) -> None:
        """Let the listener do its work and commit, then acknowledge with what it answered.

        What it could not do is not acknowledged: Slack says so to the person, or delivers the event again.
        """
        self._on_receipt(envelope.payload)
        if is_chatter(envelope.payload):
            response = BoltResponse(status=200)
        else:
            try:
                request = build_bolt_request(
                    envelope.payload, mode="socket_mode", context={STILL_WAITS: still_waits}
                )
            except InvalidPayload:
                log.warning("Socket Mode: %s not acknowledged: it is not what Slack sends", envelope.type)
                return
            response = await self._bolt.async_dispatch(request)
        if response.status != 200:
            log.warning("Socket Mode: %s not acknowledged: status %s", envelope.type, response.status)
            return
        said = json.dumps(SocketModeResponse(envelope.envelope_id, _payload(response)).to_dict())
        try:
            async with asyncio.timeout(RECONNECT_TIMEOUT_S):
                await self._acknowledge(link, said)
        except TimeoutError:
            log.warning(
                "Socket Mode: timeout sending the acknowledgement: %s was handled, but Slack does not know",
                envelope.type,
            )

    async def _acknowledge(self, link: SocketConnection, said: str) -> None:
        """On the connection that the envelope came on, or if that one broke meanwhile, on the newest."""
        while True:
            for connection in (link, *reversed(self._open)):
                if not connection.socket.closed:
                    try:
                        await connection.socket.send_str(said)
                    except ConnectionError:
                        continue
                    return
            await self._up.wait()

    async def _retire(self, link: SocketConnection) -> None:
        """Slack closes what it asked to be replaced; if it forgets to, it is closed here."""
        await asyncio.sleep(DRAIN_TIMEOUT_S)
        await link.socket.close()

    def _say_why(self, why: str) -> None:
        if self._open:
            log.info("Socket Mode: %s; reconnecting", why)
        elif why != self._why:
            log.warning("Socket Mode: disconnected: %s", why)
        self._why = why

    @staticmethod
    def _start(work: Coroutine[Any, Any, None], among: set[asyncio.Task[None]]) -> None:
        task = asyncio.create_task(work)
        among.add(task)
        task.add_done_callback(lambda done: _finish_task(done, among))


def _finish_task(task: asyncio.Task[None], among: set[asyncio.Task[None]]) -> None:
    among.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("Socket Mode: handling an envelope failed", exc_info=error)


def _frame(message: aiohttp.WSMessage) -> dict[str, Any]:
    """The JSON object of a text frame; empty for anything else."""
    if message.type is not aiohttp.WSMsgType.TEXT:
        return {}
    try:
        parsed = json.loads(message.data)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _farewell(frame: dict[str, Any]) -> str:
    reason = str(frame.get("reason", ""))
    return FAREWELLS.get(reason, f"Slack closes the connection ({reason[:40]})")


def _payload(response: BoltResponse) -> dict[str, Any] | None:
    """What the listener answered, as the payload of an acknowledgement."""
    if not response.body:
        return None
    if response.first_headers().get("content-type", "").startswith("application/json"):
        parsed: dict[str, Any] = json.loads(response.body)
        return parsed
    return {"text": response.body}
