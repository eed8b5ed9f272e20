"""A vendor's site on loopback, as a diagnostic meets it: the world's routes, or replies that a test prepares."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from aiohttp import web

from bot.domain.check_request import CheckRequest
from bot.domain.playbook import Action, Call, Threshold
from diagnostics.clients.http_client import HttpClient

Reply = web.Response | list[Any] | dict[str, Any]


@asynccontextmanager
async def site(
    outside: str | tuple[str, ...], routes: Iterable[web.AbstractRouteDef]
) -> AsyncIterator[HttpClient]:
    """A client to whom `outside`, one base or several, is a server here."""
    app = web.Application()
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    bases = (outside,) if isinstance(outside, str) else outside
    client = HttpClient(dict.fromkeys(bases, f"http://{host}:{port}"))
    try:
        yield client
    finally:
        await client.aclose()
        await runner.cleanup()


class Prepared:
    """Answers by the end of the path (the longest that fits), and remembers what was asked."""

    def __init__(self, replies: Mapping[str, Reply]) -> None:
        self.replies, self.asked = replies, list[web.Request]()

    @property
    def routes(self) -> list[web.RouteDef]:
        return [web.route("*", "/{rest:.*}", self._answer)]

    async def _answer(self, request: web.Request) -> web.Response:
        await request.read()
        self.asked.append(request)
        fitting = [end for end in self.replies if request.path.endswith(end)]
        reply = self.replies[max(fitting, key=len)] if fitting else web.Response(status=404, text="{}")
        if isinstance(reply, web.Response):
            # A response object serves one request only.
            return web.Response(status=reply.status, body=reply.body, headers=dict(reply.headers))
        return web.json_response(reply)


def question(
    call: Call, now: datetime, began: datetime | None = None, told: tuple[Threshold, ...] = ()
) -> CheckRequest:
    return CheckRequest("a step", Action("a.call", call), now, told, began)


def soon(seconds: float = 5.0) -> float:
    return asyncio.get_running_loop().time() + seconds
