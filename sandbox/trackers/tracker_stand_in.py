"""What the stand-ins of trackers share: their token, their issues, what people do with them there."""

import itertools
from abc import abstractmethod
from typing import Any

from aiohttp import web

from sandbox.provider_server import ProviderServer

Json = dict[str, Any]


class TrackerStandIn(ProviderServer):
    """One repository or project with one token. `issues` are as it shows them, by id."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self.token = token
        self.issues: dict[str, Json] = {}
        self._ids = itertools.count(1)

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

    def delete_there(self, id: str) -> None:
        """Somebody deletes it there."""
        del self.issues[id]

    @property
    def created(self) -> int:
        """How many issues were made by calls."""
        return sum(method == "POST" and path.endswith(("/issues", "/issue")) for method, path in self.calls)

    async def refuse(self, request: web.Request) -> web.Response | None:
        return None if self.is_allowed(request) else self.build_error(401, "Bad credentials")
