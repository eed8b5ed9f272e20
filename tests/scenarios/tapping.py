"""A tap on the line from Slack to the bot: what passed can be sent again, byte for byte."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

from sandbox.slack import Slack


@dataclass(frozen=True, slots=True)
class Passed:
    """One request with what the bot answered to it."""

    headers: dict[str, str]
    body: bytes
    status: int
    answer: str


@dataclass
class Tap:
    """Stands between Slack and the bot's address; `passed` is what people did, oldest first."""

    bot: str
    session: aiohttp.ClientSession
    passed: list[Passed] = field(default_factory=list)

    async def post(self, headers: dict[str, str], body: bytes) -> tuple[int, str]:
        """Send these bytes; the status and the body of the answer."""
        async with self.session.post(self.bot, data=body, headers=headers) as answer:
            return answer.status, await answer.text()

    async def again(self, copies: int = 1) -> list[tuple[int, str]]:
        """Send the last request again, all copies at the same time."""
        last = self.passed[-1]
        return await asyncio.gather(*(self.post(last.headers, last.body) for _ in range(copies)))

    async def pass_on(self, request: web.Request) -> web.Response:
        body = await request.read()
        kept = ("Content-Type", "X-Slack-Request-Timestamp", "X-Slack-Signature")
        headers = {name: request.headers[name] for name in kept}
        status, answer = await self.post(headers, body)
        if request.content_type != "application/json":  # events come by themselves, in between
            self.passed.append(Passed(headers, body, status, answer))
        return web.Response(status=status, text=answer, content_type="application/json" if answer else None)


@asynccontextmanager
async def tapped(slack: Slack) -> AsyncIterator[Tap]:
    """A tap on the bot that Slack reaches now."""
    async with aiohttp.ClientSession() as session:
        tap = Tap(slack.request_url, session)
        app = web.Application()
        app.router.add_post("/slack/events", tap.pass_on)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        listener = socket.create_server(("127.0.0.1", 0))
        await web.SockSite(runner, listener).start()
        host, port = listener.getsockname()
        slack.request_url = f"http://{host}:{port}/slack/events"
        try:
            yield tap
        finally:
            # A connection that was taken just now gets the turn of the loop that it needs to reach the server.
            asyncio.get_running_loop().remove_reader(listener)
            await asyncio.sleep(0)
            await runner.cleanup()
