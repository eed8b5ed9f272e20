"""A bot that answers what a test tells it to, and keeps what it was sent."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from aiohttp import web
from slack_sdk.signature import SignatureVerifier

from sandbox.slack import Slack


@dataclass(frozen=True, slots=True)
class Received:
    """One request from Slack; `signed` is slack_sdk's verdict."""

    headers: dict[str, str]
    body: bytes
    signed: bool

    @property
    def form(self) -> dict[str, str]:
        fields = parse_qs(self.body.decode(), keep_blank_values=True)
        return {key: values[0] for key, values in fields.items()}

    @property
    def payload(self) -> dict[str, Any]:
        """Of an interactive request or an event."""
        parsed: dict[str, Any] = json.loads(self.form.get("payload", self.body))
        return parsed


Respond = Callable[[Received], Awaitable[web.Response]]


async def empty(received: Received) -> web.Response:
    return web.Response()


@dataclass(slots=True)
class StubBot:
    """Listens on `url`; `respond` may be replaced."""

    slack: Slack
    respond: Respond = empty
    received: list[Received] = field(default_factory=list)
    url: str = ""
    _runner: web.AppRunner | None = None

    def answers(self, answer: web.Response | dict[str, Any]) -> None:
        async def respond(received: Received) -> web.Response:
            return web.json_response(answer) if isinstance(answer, dict) else answer

        self.respond = respond

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/slack/events", self._take)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/slack/events"
        self.slack.request_url = self.url

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        body, headers = await request.read(), dict(request.headers)
        signed = SignatureVerifier(self.slack.signing_secret).is_valid_request(body, headers)
        received = Received(headers, body, signed)
        self.received.append(received)
        self.slack.workspace.changes.touch()
        return await self.respond(received)
