"""What the stand-ins of trackers share: their token, their issues, what people do with them there."""

import hashlib
import hmac
import itertools
import json
from abc import abstractmethod
from typing import Any

import aiohttp
from aiohttp import web

from sandbox.provider_server import ProviderServer

Json = dict[str, Any]


class TrackerStandIn(ProviderServer):
    """One repository or project with one token. `issues` are as it shows them, by id. Its webhook goes to
    `webhook_url`. While it `is_hidden` the token is shown nothing of it, as after it lost its rights."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self.token = token
        self.issues: dict[str, Json] = {}
        self.webhook_url, self.webhook_secret = "", "of the webhook"
        self.is_hidden = False
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

    @abstractmethod
    def build_news(self, id: str, what: str) -> tuple[dict[str, str], Json]:
        """What its webhook tells of an issue: the headers beside the proof, and the event. `what` is the tracker's own
        word for it."""

    @abstractmethod
    def prove(self, body: bytes) -> dict[str, str]:
        """The header that proves who sent it."""

    def sign(self, body: bytes) -> str:
        """The HMAC-SHA256 of the body, as GitHub and Jira write it."""
        return f"sha256={hmac.new(self.webhook_secret.encode(), body, hashlib.sha256).hexdigest()}"

    async def tell(self, id: str, what: str) -> int:
        """Send its webhook; gives the status of the answer."""
        headers, event = self.build_news(id, what)
        body = json.dumps(event).encode()
        sent = {"Content-Type": "application/json", **headers, **self.prove(body)}
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.webhook_url, data=body, headers=sent) as answer,
        ):
            return answer.status

    def build_error(self, status: int, why: str) -> web.Response:
        """A refusal in the tracker's shape."""
        return web.json_response({"message": why}, status=status)

    def delete_there(self, id: str) -> None:
        """Somebody deletes it there."""
        del self.issues[id]

    @abstractmethod
    def move_there(self, id: str) -> None:
        """Somebody moves it to another repository or project."""

    @property
    def created(self) -> int:
        """How many issues were made by calls."""
        return sum(method == "POST" and path.endswith(("/issues", "/issue")) for method, path in self.calls)

    async def refuse(self, request: web.Request) -> web.Response | None:
        if self.is_hidden:
            return self.build_error(404, "Not Found")
        return None if self.is_allowed(request) else self.build_error(401, "Bad credentials")
