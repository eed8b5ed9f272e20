"""What the stand-ins of status pages' providers share: their key, their limits, what readers saw."""

import asyncio
import itertools
from abc import abstractmethod
from typing import Any

from aiohttp import web

from sandbox.provider_server import ProviderServer

Json = dict[str, Any]
STATUSES = ("investigating", "identified", "monitoring", "resolved")


class ProviderStandIn(ProviderServer):
    """One page with one key, that answers after `latency` seconds; `mails` are the texts that subscribers got."""

    def __init__(self, key: str, page: str, scheme: str, per_minute: int, latency: float, over: int) -> None:
        """`scheme` stands before the key in the header, `over` is answered above the limit."""
        super().__init__()
        self.key, self.page, self.per_minute, self.latency = key, page, per_minute, latency
        self._scheme, self._over = scheme, over
        self.incidents: dict[str, Json] = {}
        self.states: dict[str, str] = {}
        self.mails: list[str] = []
        self._times: list[float] = []
        self._ids = itertools.count(1)

    async def refuse(self, request: web.Request) -> web.Response | None:
        now = asyncio.get_running_loop().time()
        self._times.append(now)
        if request.headers.get("Authorization") != f"{self._scheme} {self.key}":
            return self.build_error(401, "Could not authenticate")
        if sum(at > now - 60 for at in self._times) > self.per_minute:
            return self.build_error(self._over, "Rate limit")
        await asyncio.sleep(self.latency)
        return None

    def build_error(self, status: int, why: str | list[str]) -> web.Response:
        return web.json_response({"error": why}, status=status)

    def count_busiest_minute(self) -> int:
        """The most calls that came within any 60 seconds."""
        times = self._times
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
