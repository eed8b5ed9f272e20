"""Recent changes on GitHub: commits, deployments with statuses, releases, and commits that are not deployed.

Shapes: https://docs.github.com/en/rest/commits/commits, and there deployments/deployments, deployments/statuses,
releases/releases, actions/workflow-runs; refusals: using-the-rest-api/rate-limits-for-the-rest-api.
"""

import asyncio
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NoReturn
from urllib.parse import quote

from bot.domain.check_request import CheckRequest
from bot.domain.finding import Finding, Inconclusive
from bot.domain.playbook import Call, GitCall, VendorCall
from diagnostics.analysis.change_snapshot import Commit, Deployment, DeploymentState, Release
from diagnostics.analysis.repository_host import MAX_COMPARISON_BYTES, PAGE, Behind, RepositoryHost
from diagnostics.analysis.repository_query import RepositoryRequest
from diagnostics.clients.http_client import HttpClient
from diagnostics.clients.http_response import HttpResponse
from diagnostics.clients.response_parsing import (
    catch_inconclusive,
    clean_line,
    guard_parsing,
    parse_instant,
    read_items,
)
from diagnostics.systems.github import listing
from diagnostics.systems.github.errors import refuse

API = "https://api.github.com"
STATES = {
    "success": DeploymentState.THROUGH,
    "inactive": DeploymentState.REPLACED,
    "failure": DeploymentState.FAILED,
    "error": DeploymentState.FAILED,
    "in_progress": DeploymentState.UNDER_WAY,
    "queued": DeploymentState.UNDER_WAY,
    "pending": DeploymentState.UNDER_WAY,
    "waiting": DeploymentState.UNDER_WAY,
}
"""The newest status of a deployment in our words."""

MAX_DEPLOYMENTS, MAX_STATES = 8, 10
ENDS = frozenset({"success", "failure", "error"})


class GitHub(RepositoryHost):
    """One repository: the client, GITHUB_TOKEN, GITHUB_REPOSITORY (`owner/name`) and GITHUB_API_URL."""

    HOST = "GitHub"
    TOKEN_SETTING, REPOSITORY_SETTING = "GITHUB_TOKEN", "GITHUB_REPOSITORY (owner/name)"
    NAME = re.compile(r"[\w.-]+/[\w.-]+")
    REFUSALS = frozenset({401, 403, 404, 409, 429})
    COMMITS, REVISION_PARAMETER = "/commits", "sha"

    def __init__(self, web: HttpClient, token: str = "", repository: str = "", api_url: str = "") -> None:
        super().__init__(web, token, repository)
        self._api = (api_url or API).rstrip("/")

    def _find_path(self, call: Call) -> str:
        """Of `github.changes` too, which may name one."""
        return call.names.get("path", "") if isinstance(call, VendorCall) else super()._find_path(call)

    def _find_repository(self, wanted: GitCall) -> str:
        return str(wanted.options.get("repo") or self._repository)

    def _build_base(self, repository: str) -> str:
        return f"{self._api}/repos/{repository}"

    def _build_link(self, repository: str, branch: str, path: str) -> str:
        page = "https://github.com" if self._api == API else self._api.removesuffix("/api/v3")
        return f"{page}/{repository}/commits/" + (f"{branch}/{quote(path)}" if path else "")

    def _build_headers(self) -> dict[str, str]:
        return {
            "authorization": f"Bearer {self._token}",
            "accept": "application/vnd.github+json",
            "x-github-api-version": "2022-11-28",
        }

    def _format_instant(self, at: datetime) -> str:
        return at.strftime("%Y-%m-%dT%H:%M:%SZ")

    def _parse_commit(self, item: Mapping[str, Any]) -> Commit:
        commit = item["commit"]
        return Commit(
            str(item["sha"]),
            parse_instant(commit["committer"]["date"]),
            clean_line(commit["message"]),
            clean_line((item.get("author") or {}).get("login") or commit["author"]["name"]),
        )

    def _parse_release(self, item: Mapping[str, Any]) -> Release | None:
        if item.get("draft") or not item.get("published_at"):
            return None
        author = clean_line((item.get("author") or {}).get("login"))
        return Release(parse_instant(item["published_at"]), clean_line(item["tag_name"]), author)

    async def _list_deployments(self, request: RepositoryRequest) -> tuple[Deployment, ...]:
        """Each with its newest status."""
        items = await self._find_deployments(request, {}, _check_deployment, _where, _is_production)
        newest = items[:MAX_DEPLOYMENTS]
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(catch_inconclusive(self._read_state(request, item["id"])))
                for item in newest
            ]
        states = [task.result() for task in tasks]
        with guard_parsing(request.base):
            return tuple(_parse_deployment(item, state) for item, state in zip(newest, states, strict=True))

    async def _read_state(
        self, request: RepositoryRequest, number: int
    ) -> tuple[DeploymentState, datetime | None]:
        """How it stands, and when it ended; one that waited for an approval ends long after it was made."""
        url = f"{request.base}/deployments/{int(number)}/statuses"
        answer = await self._get(url, request.by, {"per_page": MAX_STATES})
        with guard_parsing(answer.url):
            states = read_items(answer.json())
            ended = [parse_instant(state["created_at"]) for state in states if state["state"] in ENDS]
            state = (
                STATES.get(states[0]["state"], DeploymentState.UNTOLD)
                if states
                else DeploymentState.UNDER_WAY
            )
            return state, max(ended, default=None)

    async def _count_behind(self, request: RepositoryRequest, revision: str, branch: str) -> Behind:
        url = f"{request.base}/compare/{quote(revision, safe='')}...{branch}"
        number, shas = await self._compare_revisions(url, 1, request.by)
        # The oldest come first, and it is the newest that are looked at.
        last = -(-number // PAGE)
        for page in {last, last - 1} - {1} if last > 1 else ():
            shas |= (await self._compare_revisions(url, page, request.by))[1]
        return number, shas

    async def _compare_revisions(self, url: str, page: int, by: float) -> Behind:
        answer = await self._get(url, by, {"per_page": PAGE, "page": page}, MAX_COMPARISON_BYTES)
        with guard_parsing(answer.url):
            compared = answer.json()
            return int(compared["ahead_by"]), frozenset(str(commit["sha"]) for commit in compared["commits"])

    async def _list_others(self, wanted: GitCall, base: str, question: CheckRequest, by: float) -> Finding:
        """What no rule judges, as a table."""
        if wanted.what not in listing.LISTS:
            return await super()._list_others(wanted, base, question, by)
        path, params = listing.build_request(wanted)
        answer = await self._get(f"{base}/{path}", by, params)
        with guard_parsing(answer.url):
            return listing.build_finding(wanted, answer.json(), question.now)

    def _refuse(self, answer: HttpResponse, url: str) -> NoReturn:
        refuse(answer, url.removeprefix(f"{self._api}/repos/"))


def _check_deployment(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Raises what `guard_parsing` turns into words when it has no instant."""
    parse_instant(item["created_at"])
    return item


def _parse_deployment(
    item: Mapping[str, Any], state: tuple[DeploymentState, datetime | None] | Inconclusive
) -> Deployment:
    how, ended = (DeploymentState.UNTOLD, None) if isinstance(state, Inconclusive) else state
    made = parse_instant(item["created_at"])
    return Deployment(
        max(made, ended or made),
        clean_line(item["ref"]),
        str(item["sha"]),
        clean_line(item["environment"]),
        how,
        clean_line((item.get("creator") or {}).get("login")),
    )


def _where(item: Mapping[str, Any]) -> tuple[str, str]:
    return str(item["environment"]), str(item["ref"])


def _is_production(item: Mapping[str, Any]) -> bool:
    return bool(item.get("production_environment"))
