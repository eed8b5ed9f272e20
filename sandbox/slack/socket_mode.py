"""Socket Mode: payloads go to the bot over websockets that the bot itself has opened, each to one of them."""

import asyncio
import json
import secrets
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from sandbox.slack.change_notifier import ChangeNotifier
from sandbox.slack.event_delivery import ONCE, BotAnswer, DeliveryOptions, HttpTransport, Kind
from sandbox.slack.web_api.method import SlackError
from sandbox.slack.workspace import APP
from sandbox.slack.workspace_model import Json

CONNECTIONS = 10
"""The most that one app may have open."""

LIFETIME = 18_060
"""Seconds after which Slack says that it will ask for a new connection."""

HOST = "applink-sandbox"
ANSWERED = frozenset({"view_submission", "block_suggestion"})
"""Interactive payloads whose acknowledgement may say something."""


@dataclass(eq=False, slots=True)
class SocketLink:
    """One open connection. `waiting` are its envelopes without an acknowledgement; `leaving` gets no more."""

    socket: web.WebSocketResponse
    request: web.Request
    waiting: set[str] = field(default_factory=set)
    leaving: bool = False

    def cut(self) -> None:
        if self.request.transport is not None:
            self.request.transport.abort()


class SocketTransport:
    """A Transport over the bot's connections; whoever does not acknowledge within `patience` seconds is given up.

    `enabled` is the app's switch for Socket Mode, `sent` every envelope that went out, oldest first.
    An acknowledgement counts on whichever connection it comes: Slack's own clients use their newest.
    """

    def __init__(self, changes: ChangeNotifier, patience: float) -> None:
        self.enabled = False
        self.app_token = f"xapp-1-{APP}-{secrets.token_hex(12)}"
        self.links: list[SocketLink] = []
        self.sent: list[Json] = []
        self.url = ""
        self._changes, self._patience = changes, patience
        self._tickets: set[str] = set()
        self._unacknowledged: dict[str, asyncio.Future[Json]] = {}
        self._turn = 0
        self._closing: set[asyncio.Task[None]] = set()

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/link/", self._serve)]

    def open(self, token: str) -> Json:
        """apps.connections.open: an address that can be used once. Raises SlackError."""
        if not token:
            raise SlackError("not_authed")
        if token != self.app_token:
            raise SlackError("not_allowed_token_type" if token.startswith("xoxb-") else "invalid_auth")
        ticket = str(uuid.uuid4())
        self._tickets.add(ticket)
        return {"ok": True, "url": f"{self.url.replace('http', 'ws', 1)}/link/?ticket={ticket}&app_id={APP}"}

    async def send(
        self,
        kind: Kind,
        payload: Json,
        delivery: DeliveryOptions = ONCE,
        extra: Mapping[str, str] | None = None,
    ) -> BotAnswer:
        if delivery.wrong_signature or delivery.shifted or delivery.headers or delivery.body is not None:
            raise ValueError("envelopes have no signature, no headers and no bytes of their own")
        count = 1 if delivery.fresh_ids else delivery.copies
        answers = await asyncio.gather(*(self._deliver(kind, payload, extra or {}) for _ in range(count)))
        first = answers[0]
        return BotAnswer(
            first.status, first.body, first.elapsed, problem=first.problem, others=tuple(answers[1:])
        )

    def cut(self) -> None:
        """End every connection without a word."""
        for link in self.links:
            link.cut()
        self.links.clear()
        self._changes.touch()

    async def ask_to_reconnect(self, reason: str, within: float) -> None:
        """Send every connection a disconnect frame; after `within` seconds they are closed."""
        for link in list(self.links):
            await _say(link.socket, _farewell(reason))
            task = asyncio.create_task(self._close_later(link, within))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """End every connection properly."""
        for task in self._closing:
            task.cancel()
        closing = [link.socket.close() for link in self.links]
        await asyncio.gather(*self._closing, *closing, return_exceptions=True)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=401, text="this ticket is unknown or used")
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(timeout=0.5)
        await socket.prepare(request)
        if not self.enabled or len(self.links) >= CONNECTIONS:
            await _say(socket, _farewell("too_many_websockets" if self.enabled else "link_disabled"))
            await socket.close()
            return socket
        link = SocketLink(socket, request)
        self.links.append(link)
        try:
            await _say(socket, self._hello())
            await socket.ping(f"Ping from {HOST}".encode())
            self._changes.touch()
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._match_acknowledgement(message.data)
        finally:
            if link in self.links:
                self.links.remove(link)
            self._changes.touch()
        return socket

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.links),
            "debug_info": {"host": HOST, "approximate_connection_time": LIFETIME},
            "connection_info": {"app_id": APP},
        }

    def _match_acknowledgement(self, text: str) -> None:
        try:
            frame = json.loads(text)
        except ValueError:
            return
        if isinstance(frame, dict) and (
            waiting := self._unacknowledged.pop(frame.get("envelope_id", ""), None)
        ):
            waiting.set_result(frame)

    async def _deliver(self, kind: Kind, payload: Json, extra: Mapping[str, str]) -> BotAnswer:
        started = time.perf_counter()
        open_links = [link for link in self.links if not link.leaving]
        if not open_links:
            return BotAnswer(0, "", 0.0, problem="dispatch_failed: no connection is open")
        link = open_links[self._turn % len(open_links)]
        self._turn += 1
        envelope = _envelope(kind, payload, extra)
        id = envelope["envelope_id"]
        self.sent.append(envelope)
        self._unacknowledged[id] = asyncio.get_running_loop().create_future()
        link.waiting.add(id)
        self._changes.touch()
        try:
            await _say(link.socket, envelope)
            async with asyncio.timeout(self._patience):
                frame = await self._unacknowledged[id]
        except TimeoutError:
            return BotAnswer(0, "", time.perf_counter() - started, problem="operation_timeout")
        finally:
            self._unacknowledged.pop(id, None)
            link.waiting.discard(id)
            self._changes.touch()
        said = frame.get("payload") if envelope["accepts_response_payload"] else None
        return BotAnswer(200, "" if said is None else json.dumps(said), time.perf_counter() - started)

    async def _close_later(self, link: SocketLink, within: float) -> None:
        """Until then it is used like any other; what was sent on it may still be acknowledged."""
        await asyncio.sleep(within)
        link.leaving = True
        await self._changes.wait_for(lambda: not link.waiting, self._patience + 1)
        await link.socket.close()


class TransportSwitch:
    """The Transport that the app's switch says: Socket Mode when it is on, else HTTP."""

    def __init__(self, http: HttpTransport, sockets: SocketTransport) -> None:
        self.http, self.sockets = http, sockets

    @property
    def reaches(self) -> bool:
        """Whether there is anywhere to send events at all."""
        return self.sockets.enabled or bool(self.http.request_url)

    async def send(
        self,
        kind: Kind,
        payload: Json,
        delivery: DeliveryOptions = ONCE,
        extra: Mapping[str, str] | None = None,
    ) -> BotAnswer:
        if self.sockets.enabled:
            return await self.sockets.send(kind, payload, delivery, extra)
        return await self.http.send(kind, payload, delivery, extra)

    async def close(self) -> None:
        await self.sockets.close()
        await self.http.close()


def _envelope(kind: Kind, payload: Json, extra: Mapping[str, str]) -> Json:
    envelope: Json = {
        "envelope_id": str(uuid.uuid4()),
        "type": kind,
        "accepts_response_payload": kind == "slash_commands" or payload.get("type") in ANSWERED,
        "payload": payload,
    }
    if kind == "events_api":
        envelope["retry_attempt"] = int(extra.get("X-Slack-Retry-Num", 0))
        envelope["retry_reason"] = extra.get("X-Slack-Retry-Reason", "").removeprefix("http_")
    return envelope


def _farewell(reason: str) -> Json:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": HOST}}


async def _say(socket: web.WebSocketResponse, frame: Any) -> None:
    """A connection that has just broken hears nothing, and what was meant for it stays unacknowledged."""
    try:
        await socket.send_str(json.dumps(frame))
    except ConnectionError:
        return
