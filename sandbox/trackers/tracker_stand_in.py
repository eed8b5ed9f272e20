"""What the stand-ins of trackers share: their token, their failures, what came to them.

What one is told to do wrong it does once for each call of `fail`: answer with a status, or drop the connection before
or after it has done what was asked.
"""

import itertools
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web

Json = dict[str, Any]
BEFORE, AFTER = "drop-before", "drop-after"


class TrackerStandIn(ABC):
    """One repository or project with one token. `issues` are as it shows them, by id; `calls` are (method, path) of
    everything that came; `told` hears of each method when it is requested and before it is answered."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.issues: dict[str, Json] = {}
        self.calls: list[tuple[str, str]] = []
        self.told: Callable[[str, str], None] = lambda moment, method: None
        self._failures: deque[int | str] = deque()
        self._ids = itertools.count(1)
        self._runner: web.AppRunner | None = None
        self.url = ""

    @abstractmethod
    def list_routes(self) -> Sequence[web.RouteDef]:
        """The tracker's interface."""

    @abstractmethod
    def is_allowed(self, request: web.Request) -> bool:
        """Whether the request has the token."""

    @abstractmethod
    def close_there(self, id: str, done: bool = True) -> None:
        """Somebody closes an issue at the tracker."""

    @abstractmethod
    def open_there(self, id: str) -> None:
        """Somebody opens it again there."""

    @abstractmethod
    def read_texts(self) -> list[tuple[str, str]]:
        """The title and the text of each issue."""

    @abstractmethod
    def is_open(self, id: str) -> bool: ...

    def build_error(self, status: int, why: str) -> web.Response:
        """A refusal in the tracker's shape."""
        return web.json_response({"message": why}, status=status)

    def fail(self, *how: int | str) -> None:
        """What the next calls get: a status, or one of BEFORE, AFTER; 0 lets one pass."""
        self._failures.extend(how)

    def delete_there(self, id: str) -> None:
        """Somebody deletes it there."""
        del self.issues[id]

    @property
    def created(self) -> int:
        """How many issues were made by calls."""
        return sum(method == "POST" and path.endswith(("/issues", "/issue")) for method, path in self.calls)

    async def start(self, port: int = 0) -> None:
        app = web.Application(middlewares=[self._guard])
        app.router.add_routes(self.list_routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        host, bound = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{bound}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    @web.middleware
    async def _guard(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        self.calls.append((request.method, request.path))
        if not self.is_allowed(request):
            return self.build_error(401, "Bad credentials")
        how = self._failures.popleft() if self._failures else 0
        if isinstance(how, int) and how:
            return self.build_error(how, f"told to answer {how}")
        if how == BEFORE:
            return _drop(request)
        self.told("request", request.method)
        answer = await handler(request)
        self.told("answer", request.method)
        return _drop(request) if how == AFTER else answer


def _drop(request: web.Request) -> web.Response:
    """End the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
