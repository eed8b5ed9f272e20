"""What the stand-ins of code hosts share: their token, their failures, their pull requests, what came to them.

What one is told to do wrong it does once for each call of `fail`: answer with a status, drop the connection before or
after it has done what was asked, or hang.
"""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.repositories.bare_repository import MAIN, BareRepository
from sandbox.repositories.pull_request_page import render_pull_request

Json = dict[str, Any]
BEFORE, AFTER, HANG = "drop-before", "drop-after", "hang"


@dataclass
class StandInPullRequest:
    """One pull request; `state` is open, closed or merged."""

    number: int
    branch: str
    title: str
    body: str
    state: str = "open"


class HostStandIn(ABC):
    """One repository with one token. `calls` are (method, path) of everything that came; `told` hears of each call when
    it is requested and before it is answered. `visibility` is private or public; a `protected` branch takes no
    commit."""

    TOKEN = "tocsin-review-token"  # noqa: S105 - opens nothing
    NAME = "acme/operations"

    def __init__(self, repository: BareRepository) -> None:
        self.repository = repository
        self.pulls: list[StandInPullRequest] = []
        self.calls: list[tuple[str, str]] = []
        self.told: Callable[[str, str, str], None] = lambda moment, method, path: None
        self.visibility, self.may_write, self.protected = "private", True, ""
        self.limited_for = 0
        self.url = ""
        self._failures: deque[int | str] = deque()
        self._runner: web.AppRunner | None = None

    @abstractmethod
    def list_routes(self) -> Sequence[web.RouteDef]:
        """The host's interface."""

    @abstractmethod
    def knows(self, request: web.Request) -> bool:
        """Whether the token is right."""

    def fail(self, *how: int | str) -> None:
        """What the next calls get: a status, or one of BEFORE, AFTER, HANG; 0 lets one pass."""
        self._failures.extend(how)

    def forget_failures(self) -> None:
        """Of what it was told to do wrong nothing is left."""
        self._failures.clear()

    async def start(self) -> None:
        app = web.Application(middlewares=[self._guard])
        app.router.add_get(f"/{self.NAME}/{{rest:.*}}", self._show_page)
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
        if request.path.startswith(f"/{self.NAME}/"):
            return await handler(request)
        self.calls.append((request.method, request.path))
        if not self.knows(request):
            return web.json_response({"message": "Bad credentials"}, status=401)
        how = self._failures.popleft() if self._failures else 0
        if isinstance(how, int) and how:
            wait = {"Retry-After": str(self.limited_for)} if self.limited_for else None
            return web.json_response({"message": f"told to answer {how}"}, status=how, headers=wait)
        if how == HANG:
            await asyncio.sleep(3600)
        if how == BEFORE:
            return _drop(request)
        self.told("request", request.method, request.path)
        answer = await handler(request)
        self.told("answer", request.method, request.path)
        return _drop(request) if how == AFTER else answer

    async def _show_page(self, request: web.Request) -> web.Response:
        """What its link leads to."""
        number = request.path.rpartition("/")[2]
        if not number.isdigit() or not 0 < int(number) <= len(self.pulls):
            raise web.HTTPNotFound
        pull = self.pulls[int(number) - 1]
        diff = self.repository.diff(pull.branch) if self.repository.find(pull.branch) else ""
        page = render_pull_request(pull.number, pull.title, pull.body, pull.state, diff)
        return web.Response(text=page, content_type="text/html")

    def find_open(self, branch: str) -> StandInPullRequest | None:
        """The one that is open from this branch."""
        return next((each for each in self.pulls if each.branch == branch and each.state == "open"), None)

    def open(self, branch: str, title: str, body: str) -> StandInPullRequest:
        made = StandInPullRequest(len(self.pulls) + 1, branch, title, body)
        self.pulls.append(made)
        return made

    def end_by_hand(self, number: int, state: str) -> None:
        """Somebody merges or closes one; a merge moves main and takes the branch away."""
        pull = self.pulls[number - 1]
        pull.state = state
        if state == "merged" and (sha := self.repository.find(pull.branch)):
            self.repository.delete(MAIN)
            self.repository.create(MAIN, sha)
            self.repository.delete(pull.branch)


def _drop(request: web.Request) -> web.StreamResponse:
    """The connection ends without an answer."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()
