"""What GitHub and GitLab share: reads commits, releases, deployments and a comparison, and judges them.

A host says where each of them lies, how its JSON is parsed and what its refusals mean.
"""

import asyncio
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar, NoReturn, TypeVar

from bot.domain.check_request import CheckRequest
from bot.domain.finding import Finding, Inconclusive, UnknownCause
from bot.domain.playbook import Call, GitCall
from diagnostics.analysis.change_snapshot import ChangeSnapshot, Commit, Deployment, Release
from diagnostics.analysis.recent_changes import interpret
from diagnostics.analysis.repository_query import (
    MAX_COMMITS,
    RepositoryAnswers,
    RepositoryRequest,
    await_comparison,
    build_change_snapshot,
    explain_no_deployment,
    find_deployed_revision,
    list_if_read,
    parse_repository_path,
    parse_window,
    select_deployments,
    split_path_words,
)
from diagnostics.clients.http_client import MAX_BODY_BYTES, HttpClient
from diagnostics.clients.http_response import HttpResponse, check_response
from diagnostics.clients.response_parsing import catch_inconclusive, clean_line, guard_parsing, read_items

T = TypeVar("T")
Params = Mapping[str, str | int]

PAGE, MAX_PAGES = 100, 3
MAX_COMPARISON_BYTES = 20_000_000
"""A comparison has the differences too."""

Behind = tuple[int, frozenset[str]]
"""How many commits are on the main branch that a revision does not have, and which."""


class RepositoryHost(ABC):
    """One repository of a host: the HTTP client, the key and the repository's name."""

    HOST: ClassVar[str]
    TOKEN_SETTING: ClassVar[str]
    REPOSITORY_SETTING: ClassVar[str]
    NAME: ClassVar[re.Pattern[str]]
    REFUSALS: ClassVar[frozenset[int]]
    """Statuses that mean something of their own at this host."""

    COMMITS: ClassVar[str]
    """Where the commits lie, below the repository's address."""

    REVISION_PARAMETER: ClassVar[str]

    def __init__(self, web: HttpClient, token: str, repository: str) -> None:
        self._web, self._token, self._repository = web, token, repository

    @property
    def configured(self) -> bool:
        """Whether there is a repository to look at, and a key."""
        return bool(self._token and self.NAME.fullmatch(self._repository))

    async def run(self, question: CheckRequest, by: float) -> Finding:
        """`git log`, the releases, and what else the host lists. Raises Inconclusive."""
        call = question.action.call
        wanted = call if isinstance(call, GitCall) else GitCall("commits", {})
        path, repository = self._find_path(call), self._find_repository(wanted)
        if not self._token or not self.NAME.fullmatch(repository):
            missing = self.REPOSITORY_SETTING if self._token else self.TOKEN_SETTING
            raise Inconclusive(
                UnknownCause.NOT_CONFIGURED,
                f"{self.HOST} skipped: {missing} is not set.",
                "Set it where Tocsin runs, or run git log yourself.",
            )
        base = self._build_base(repository)
        if wanted.what not in ("commits", "releases"):
            return await self._list_others(wanted, base, question, by)
        request = RepositoryRequest(base, parse_window(wanted, question.now, question.began), path, by)
        seen = await self._read_changes(request, wanted, repository, question.began or question.now)
        return interpret(seen, question.now, question.began)

    def _find_path(self, call: Call) -> str:
        return parse_repository_path(call) if isinstance(call, GitCall) else ""

    def _find_repository(self, wanted: GitCall) -> str:
        return self._repository

    async def _list_others(self, wanted: GitCall, base: str, question: CheckRequest, by: float) -> Finding:
        """What is neither commits nor releases. Raises Inconclusive."""
        raise Inconclusive(UnknownCause.NO_RULE, f"{self.HOST} is not asked for {clean_line(wanted.what)}.")

    async def _read_changes(
        self, request: RepositoryRequest, wanted: GitCall, repository: str, start: datetime
    ) -> ChangeSnapshot:
        """Raises Inconclusive when what was asked for cannot be read; what stands beside it may be missing."""
        branch = await self._find_branch(request)
        async with asyncio.TaskGroup() as group:
            commits = group.create_task(catch_inconclusive(self._list_commits(request, wanted)))
            releases = group.create_task(catch_inconclusive(self._list_releases(request)))
            deployments = group.create_task(catch_inconclusive(self._list_deployments(request)))
        behind = await self._compare(request, branch, deployments.result(), releases.result())
        return build_change_snapshot(
            repository,
            request,
            wanted,
            start,
            RepositoryAnswers(commits.result(), releases.result(), deployments.result(), behind),
            self._build_link(repository, branch, request.path),
        )

    async def _compare(
        self,
        request: RepositoryRequest,
        branch: str,
        deployments: tuple[Deployment, ...] | Inconclusive,
        releases: tuple[Release, ...] | Inconclusive,
    ) -> Behind | Inconclusive | None:
        """What of the branch is not out; None when it is not known what is out."""
        _, revision = find_deployed_revision(list_if_read(deployments), list_if_read(releases))
        if not revision:
            return None
        comparison = self._count_behind(request, revision, branch)
        return await catch_inconclusive(await_comparison(comparison, self.HOST, revision))

    async def _list_commits(self, request: RepositoryRequest, wanted: GitCall) -> tuple[Commit, ...]:
        params: dict[str, str | int] = {
            "since": self._format_instant(request.window.begin),
            "until": self._format_instant(request.window.end),
            "per_page": MAX_COMMITS,
        }
        if request.path:
            params["path"] = request.path
        if wanted.what == "commits" and wanted.names and ".." not in wanted.names[0]:
            params[self.REVISION_PARAMETER] = wanted.names[0]
        answer = await self._get(f"{request.base}{self.COMMITS}", request.by, params)
        with guard_parsing(answer.url):
            commits = tuple(map(self._parse_commit, read_items(answer.json())))
        if request.path and not commits:
            await self._ensure_path_known(request)
        return commits

    async def _ensure_path_known(self, request: RepositoryRequest) -> None:
        """Raises Inconclusive when no commit at all touched the path."""
        params: Params = {"path": request.path, "per_page": 1}
        answer = await self._get(f"{request.base}{self.COMMITS}", request.by, params)
        with guard_parsing(answer.url):
            is_known = bool(read_items(answer.json()))
        if not is_known:
            said = f"No commit ever touched {clean_line(request.path)}."
            raise Inconclusive(UnknownCause.NOT_FOUND, said, "Check the folder's name.")

    async def _list_releases(self, request: RepositoryRequest) -> tuple[Release, ...]:
        """The newest first; of a path those that bear its name."""
        answer = await self._get(f"{request.base}/releases", request.by, {"per_page": PAGE})
        with guard_parsing(answer.url):
            releases = list(filter(None, map(self._parse_release, read_items(answer.json()))))
        words = split_path_words(request.path)
        if words:
            releases = [release for release in releases if any(word in release.tag.lower() for word in words)]
        return tuple(sorted(releases, key=lambda release: release.at, reverse=True))

    async def _find_deployments(
        self,
        request: RepositoryRequest,
        params: Params,
        parse: Callable[[Mapping[str, Any]], T],
        where: Callable[[T], tuple[str, str]],
        is_production: Callable[[T], bool] = lambda _: False,
    ) -> list[T]:
        """The newest ones to production, or to where the path's name stands: others may fill whole pages."""
        words, read = split_path_words(request.path), list[T]()
        for page in range(1, MAX_PAGES + 1):
            query = {**params, "per_page": PAGE, "page": page}
            answer = await self._get(f"{request.base}/deployments", request.by, query)
            with guard_parsing(answer.url):
                deployments = [parse(item) for item in read_items(answer.json())]
                read += deployments
                meant = select_deployments(read, where, words, is_production)
            if len(deployments) < PAGE or meant:
                return meant
        raise explain_no_deployment(len(read))

    async def _get(
        self, url: str, by: float, params: Params, max_bytes: int = MAX_BODY_BYTES
    ) -> HttpResponse:
        headers = self._build_headers()
        answer = await self._web.ask("GET", url, by, headers=headers, params=params, most=max_bytes)
        if answer.status in self.REFUSALS:
            self._refuse(answer, url)
        return check_response(answer)

    async def _find_branch(self, request: RepositoryRequest) -> str:
        """The main branch. Raises Inconclusive where there is none."""
        return "HEAD"

    @abstractmethod
    def _build_base(self, repository: str) -> str: ...

    @abstractmethod
    def _build_link(self, repository: str, branch: str, path: str) -> str: ...

    @abstractmethod
    def _build_headers(self) -> dict[str, str]: ...

    @abstractmethod
    def _format_instant(self, at: datetime) -> str: ...

    @abstractmethod
    def _refuse(self, answer: HttpResponse, url: str) -> NoReturn:
        """Raises Inconclusive in the host's own meaning of the status."""

    @abstractmethod
    def _parse_commit(self, item: Mapping[str, Any]) -> Commit: ...

    @abstractmethod
    def _parse_release(self, item: Mapping[str, Any]) -> Release | None:
        """None for what is not out yet."""

    @abstractmethod
    async def _list_deployments(self, request: RepositoryRequest) -> tuple[Deployment, ...]: ...

    @abstractmethod
    async def _count_behind(self, request: RepositoryRequest, revision: str, branch: str) -> Behind: ...
