"""What the stand-ins of code hosts share: their token, their repository, their pull requests."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.provider_page import render_pull_request
from sandbox.provider_server import ProviderServer
from sandbox.repositories.bare_repository import MAIN, BareRepository

Json = dict[str, Any]


REVIEW = (".md",)
"""New files that are shown as they read."""


@dataclass
class StandInPullRequest:
    """One pull request; `state` is open, closed or merged."""

    number: int
    branch: str
    title: str
    body: str
    state: str = "open"


class HostStandIn(ProviderServer):
    """One repository with one token. `visibility` is private or public; a `protected` branch takes no commit; a refusal
    asks to wait `limited_for` seconds."""

    TOKEN = "tocsin-review-token"  # noqa: S105 - opens nothing
    NAME = "acme/operations"

    def __init__(self, repository: BareRepository) -> None:
        super().__init__()
        self.repository = repository
        self.pulls: list[StandInPullRequest] = []
        self.visibility, self.may_write, self.protected = "private", True, ""
        self.limited_for = 0

    @abstractmethod
    def knows(self, request: web.Request) -> bool:
        """Whether the token is right."""

    def is_for_people(self, request: web.Request) -> bool:
        return request.path.startswith(f"/{self.NAME}/")

    async def refuse(self, request: web.Request) -> web.Response | None:
        return None if self.knows(request) else self.build_error(401, "Bad credentials")

    def build_error(self, status: int, why: str) -> web.Response:
        wait = {"Retry-After": str(self.limited_for)} if self.limited_for and status != 401 else None
        return web.json_response({"message": why}, status=status, headers=wait)

    def list_pages(self) -> Sequence[web.RouteDef]:
        return [web.get(f"/{self.NAME}/{{rest:.*}}", self._show_page)]

    async def _show_page(self, request: web.Request) -> web.Response:
        """What its link leads to."""
        number = request.path.rpartition("/")[2]
        if not number.isdigit() or not 0 < int(number) <= len(self.pulls):
            raise web.HTTPNotFound
        pull = self.pulls[int(number) - 1]
        there = self.repository.find(pull.branch) is not None
        diff = self.repository.diff(pull.branch) if there else ""
        new = self.repository.list_new_files(pull.branch) if there else []
        documents = {path: self._read_text(pull.branch, path) for path in new if path.endswith(REVIEW)}

        def read(path: str) -> bytes | None:
            return (
                self._read_text(pull.branch, path).encode(errors="surrogateescape") if path in new else None
            )

        page = render_pull_request(pull.number, pull.title, pull.body, pull.state, diff, documents, read)
        return web.Response(text=page, content_type="text/html")

    def _read_text(self, branch: str, path: str) -> str:
        found = self.repository.read(branch, path)
        return found[0] if found else ""

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
