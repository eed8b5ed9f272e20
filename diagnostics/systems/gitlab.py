"""Recent changes on GitLab: commits, deployments, releases, and commits that are not deployed.

Shapes: https://docs.gitlab.com/api/commits, and there deployments, releases, repositories (compare), projects.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn
from urllib.parse import quote

from bot.domain.finding import Inconclusive, UnknownCause
from diagnostics.analysis.change_snapshot import Commit, Deployment, DeploymentState, Release
from diagnostics.analysis.repository_host import MAX_COMPARISON_BYTES, Behind, RepositoryHost
from diagnostics.analysis.repository_query import RepositoryRequest
from diagnostics.clients.http_client import HttpClient
from diagnostics.clients.http_response import HttpResponse
from diagnostics.clients.response_parsing import clean_line, guard_parsing, parse_instant, read_items

GITLAB_COM = "gitlab.com"
STATES = {
    "success": DeploymentState.THROUGH,
    "failed": DeploymentState.FAILED,
    "created": DeploymentState.UNDER_WAY,
    "running": DeploymentState.UNDER_WAY,
    "blocked": DeploymentState.UNDER_WAY,
}
"""GitLab's states in our words. One that was cancelled may have done half of its work: nobody knows."""

ENDS = frozenset({"success", "failed"})


class GitLab(RepositoryHost):
    """One project: the client, GITLAB_TOKEN, TOCSIN_GITLAB_PROJECT (`group/name`) and GITLAB_HOST (gitlab.com)."""

    HOST = "GitLab"
    TOKEN_SETTING, REPOSITORY_SETTING = "GITLAB_TOKEN", "TOCSIN_GITLAB_PROJECT (group/name)"
    NAME = re.compile(r"[\w.-]+(?:/[\w.-]+)+|\d+")
    REFUSALS = frozenset({401, 403, 404, 429})
    COMMITS, REVISION_PARAMETER = "/repository/commits", "ref_name"

    def __init__(self, web: HttpClient, token: str = "", project: str = "", host: str = "") -> None:
        super().__init__(web, token, project)
        here = (host or GITLAB_COM).rstrip("/")
        self._page = here if here.startswith(("http://", "https://")) else f"https://{here}"

    def _build_base(self, repository: str) -> str:
        return f"{self._page}/api/v4/projects/{quote(repository, safe='')}"

    def _build_link(self, repository: str, branch: str, path: str) -> str:
        return f"{self._page}/{repository}/-/commits/{quote(branch)}/{quote(path)}".rstrip("/")

    def _build_headers(self) -> dict[str, str]:
        return {"private-token": self._token, "accept": "application/json"}

    def _format_instant(self, at: datetime) -> str:
        return at.isoformat(timespec="seconds")

    async def _find_branch(self, request: RepositoryRequest) -> str:
        answer = await self._get(request.base, request.by, {})
        with guard_parsing(answer.url):
            name = answer.json()["default_branch"]
        if not name:
            raise Inconclusive(UnknownCause.NO_DATA, f"{clean_line(self._repository)} is empty.")
        return str(name)

    def _parse_commit(self, item: Mapping[str, Any]) -> Commit:
        return Commit(
            str(item["id"]),
            parse_instant(item["committed_date"]),
            clean_line(item["title"]),
            clean_line(item["author_name"]),
        )

    def _parse_release(self, item: Mapping[str, Any]) -> Release | None:
        if item.get("upcoming_release"):
            return None
        author = clean_line((item.get("author") or {}).get("username"))
        return Release(parse_instant(item["released_at"]), clean_line(item["tag_name"]), author)

    async def _list_deployments(self, request: RepositoryRequest) -> tuple[Deployment, ...]:
        newest_first = {"order_by": "created_at", "sort": "desc"}
        return tuple(
            await self._find_deployments(
                request,
                newest_first,
                _parse_deployment,
                lambda deployment: (deployment.place, deployment.what),
            )
        )

    async def _count_behind(self, request: RepositoryRequest, revision: str, branch: str) -> Behind:
        params = {"from": revision, "to": branch}
        url = f"{request.base}/repository/compare"
        answer = await self._get(url, request.by, params, MAX_COMPARISON_BYTES)
        with guard_parsing(answer.url):
            shas = frozenset(str(item["id"]) for item in read_items(answer.json()["commits"]))
            return len(shas), shas

    def _refuse(self, answer: HttpResponse, url: str) -> NoReturn:
        _refuse(answer, clean_line(self._repository))


def _parse_deployment(item: Mapping[str, Any]) -> Deployment:
    """One deployment; one that waited for somebody ends long after it was made."""
    ended = (item.get("deployable") or {}).get("finished_at") if item["status"] in ENDS else None
    return Deployment(
        parse_instant(ended or item["created_at"]),
        clean_line(item["ref"]),
        str(item["sha"]),
        clean_line(item["environment"]["name"]),
        STATES.get(item["status"], DeploymentState.UNTOLD),
        clean_line((item.get("user") or {}).get("username")),
    )


def _refuse(answer: HttpResponse, project: str) -> NoReturn:
    """Raises Inconclusive in GitLab's own meaning of the status."""
    match answer.status:
        case 401:
            advice = "Make a new token with read_api: it has expired or was revoked."
            raise Inconclusive(UnknownCause.FORBIDDEN, "GitLab refuses GITLAB_TOKEN (401).", advice)
        case 403:
            said = f"GITLAB_TOKEN may not read this of {project} (403)."
            raise Inconclusive(
                UnknownCause.FORBIDDEN, said, "Give the token read_api, and at least the role Reporter."
            )
        case 404:
            said = f"GitLab shows no {project}: it is not there, or GITLAB_TOKEN has no right to see it."
            raise Inconclusive(
                UnknownCause.NOT_FOUND, said, "Check TOCSIN_GITLAB_PROJECT and what the token may read."
            )
        case _:
            reset = answer.headers.get("ratelimit-reset", "")
            again = f" until {datetime.fromtimestamp(int(reset), UTC):%H:%M} UTC" if reset.isdigit() else ""
            raise Inconclusive(
                UnknownCause.THROTTLED, f"GitLab's limit of requests for this token is used up{again}."
            )
