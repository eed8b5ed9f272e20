"""What the stand-ins of code hosts, trackers and status pages share: how they are served, their failures, what came.

What one is told to do wrong it does once for each call of `fail`: answer with a status, drop the connection before or
after it has done what was asked, hang, or do it and answer with a proxy's page or with far too much.
"""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from aiohttp import web

BEFORE, AFTER, HANG = "drop-before", "drop-after", "hang"
HTML, HUGE = "html", "huge"
TOO_MUCH = 200_000_000


class ProviderServer(ABC):
    """One provider. `calls` are (method, path) of everything that came, `poured` the bytes of what was far too much;
    `told` hears of each call, as (moment, method, path), when it is requested and before it is answered,
    and then `hold` may let it wait."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []
        self.told: Callable[[str, str, str], None] = lambda moment, method, path: None
        self.url, self.poured = "", 0
        self.hold: Callable[[str, str, str], Awaitable[None]] = _pass
        self._failures: deque[int | str] = deque()
        self._runner: web.AppRunner | None = None

    @abstractmethod
    def list_routes(self) -> Sequence[web.RouteDef]:
        """The provider's interface."""

    @abstractmethod
    async def refuse(self, request: web.Request) -> web.Response | None:
        """The answer to a call that is not let in: without the key, or one too many."""

    @abstractmethod
    def build_error(self, status: int, why: str) -> web.Response:
        """A refusal in the provider's shape."""

    def list_pages(self) -> Sequence[web.RouteDef]:
        """What people open in a browser."""
        return ()

    def is_for_people(self, request: web.Request) -> bool:
        """Whether it is for one of the pages, which want no key."""
        return False

    def fail(self, *how: int | str) -> None:
        """What the next calls get: a status, or one of BEFORE, AFTER, HANG, HTML, HUGE; 0 lets one pass."""
        self._failures.extend(how)

    def forget_failures(self) -> None:
        """Of what it was told to do wrong nothing is left."""
        self._failures.clear()

    async def start(self, port: int = 0) -> None:
        """Serve on this machine, on a free port unless one is named."""
        app = web.Application(middlewares=[self._guard])
        app.router.add_routes([*self.list_pages(), *self.list_routes()])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        host, bound = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{bound}"

    async def stop(self) -> None:
        """Close what is open."""
        if self._runner is not None:
            await self._runner.cleanup()

    @web.middleware
    async def _guard(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if self.is_for_people(request):
            return await handler(request)
        self.calls.append((request.method, request.path))
        if (refusal := await self.refuse(request)) is not None:
            return refusal
        how = self._failures.popleft() if self._failures else 0
        if isinstance(how, int) and how:
            return self.build_error(how, f"told to answer {how}")
        if how == HANG:
            await asyncio.sleep(3600)
        if how == BEFORE:
            return _drop(request)
        self.told("request", request.method, request.path)
        await self.hold("request", request.method, request.path)
        answer = await handler(request)
        self.told("answer", request.method, request.path)
        await self.hold("answer", request.method, request.path)
        if how == HTML:
            return web.Response(text="<html>Please sign in</html>", content_type="text/html")
        if how == HUGE:
            return await self._pour(request)
        return _drop(request) if how == AFTER else answer

    async def _pour(self, request: web.Request) -> web.StreamResponse:
        """JSON without an end, until nobody reads it any more."""
        answer = web.StreamResponse(headers={"Content-Type": "application/json"})
        await answer.prepare(request)
        with suppress(ConnectionError):
            await answer.write(b'["')
            while self.poured < TOO_MUCH:
                await answer.write(b"x" * 100_000)
                self.poured += 100_000
        return answer


async def _pass(moment: str, method: str, path: str) -> None:
    """It waits for nothing."""


def _drop(request: web.Request) -> web.StreamResponse:
    """The connection ends without an answer."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()
