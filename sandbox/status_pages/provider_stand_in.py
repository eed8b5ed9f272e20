"""What the stand-ins of status pages' providers share: their key, their limits, their failures, what came to them.

What one is told to do wrong it does once for each call of `fail`: answer with a status, drop the connection before or
after it has done what was asked, or hang.
"""

import asyncio
import itertools
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web

Json = dict[str, Any]
BEFORE, AFTER, HANG = "drop-before", "drop-after", "hang"
STATUSES = ("investigating", "identified", "monitoring", "resolved")


class ProviderStandIn(ABC):
    """One page with one key. `calls` are (seconds, method, path) of everything that came; `told` hears of each method
    when it is requested and before it is answered; `mails` are the texts that subscribers got."""

    def __init__(self, key: str, page: str, scheme: str, per_minute: int, latency: float, over: int) -> None:
        """`scheme` stands before the key in the header, `over` is answered above the limit."""
        self.key, self.page, self.per_minute, self.latency = key, page, per_minute, latency
        self._scheme, self._over = scheme, over
        self.incidents: dict[str, Json] = {}
        self.states: dict[str, str] = {}
        self.mails: list[str] = []
        self.calls: list[tuple[float, str, str]] = []
        self.told: Callable[[str, str], None] = lambda moment, method: None
        self._failures: deque[int | str] = deque()
        self._ids = itertools.count(1)
        self._runner: web.AppRunner | None = None
        self.url = ""

    @abstractmethod
    def list_routes(self) -> Sequence[web.RouteDef]:
        """The provider's interface."""

    def build_error(self, status: int, why: str | list[str]) -> web.Response:
        """A refusal in the provider's shape."""
        return web.json_response({"error": why}, status=status)

    def fail(self, *how: int | str) -> None:
        """What the next calls get: a status, or one of BEFORE, AFTER, HANG; 0 lets one pass."""
        self._failures.extend(how)

    async def start(self) -> None:
        app = web.Application(middlewares=[self._guard])
        app.router.add_routes(self.list_routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    @web.middleware
    async def _guard(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        now = asyncio.get_running_loop().time()
        self.calls.append((now, request.method, request.path))
        if request.headers.get("Authorization") != f"{self._scheme} {self.key}":
            return self.build_error(401, "Could not authenticate")
        if sum(at > now - 60 for at, _, _ in self.calls) > self.per_minute:
            return self.build_error(self._over, "Rate limit")
        how = self._failures.popleft() if self._failures else 0
        await asyncio.sleep(self.latency)
        if isinstance(how, int) and how:
            return self.build_error(how, f"told to answer {how}")
        if how == HANG:
            await asyncio.sleep(3600)
        if how == BEFORE:
            return _drop(request)
        self.told("request", request.method)
        answer = await handler(request)
        self.told("answer", request.method)
        return _drop(request) if how == AFTER else answer

    def count_busiest_minute(self) -> int:
        """The most calls that came within any 60 seconds."""
        times = [at for at, _, _ in self.calls]
        return max((sum(at <= other < at + 60 for other in times) for at in times), default=0)

    @abstractmethod
    def read_texts(self) -> list[tuple[str, str]]:
        """What readers see: (status, text) of every update, the oldest first."""

    @abstractmethod
    def resolve_by_hand(self, id: str) -> None:
        """Somebody resolves it on the provider's side."""

    def delete_by_hand(self, id: str) -> None:
        """Somebody deletes it on the provider's side."""
        del self.incidents[id]


def _drop(request: web.Request) -> web.StreamResponse:
    """The connection ends without an answer."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()
