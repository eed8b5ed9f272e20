"""What changed on GitLab: commits, deployments, releases, and which commits are not out yet.

Shapes: https://docs.gitlab.com/api/commits, and there deployments, releases, repositories (compare), projects.
"""

import asyncio
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn
from urllib.parse import quote

from bot.step import GitCall
from diagnostics.answers import instant, items, line, tried, understood
from diagnostics.changes import Commit, Deployment, Release, Snapshot, State, interpret
from diagnostics.finding import CannotTell, Cause, Finding
from diagnostics.question import Question
from diagnostics.revisions import (
    MOST_COMMITS,
    Asked,
    Read,
    all_elsewhere,
    chosen,
    gathered,
    listed,
    out,
    place,
    window,
    words,
)
from diagnostics.web import MOST, Answer, Web, checked

HOST = "gitlab.com"
NAME = re.compile(r"[\w.-]+(?:/[\w.-]+)+|\d+")
STATES = {
    "success": State.THROUGH,
    "failed": State.FAILED,
    "created": State.UNDER_WAY,
    "running": State.UNDER_WAY,
    "blocked": State.UNDER_WAY,
}
"""GitLab's states in our words. One that was cancelled may have done half of its work: nobody knows."""

ENDS = frozenset({"success", "failed"})
PAGE, MOST_PAGES = 100, 3
COMPARED = 20_000_000
"""Bytes of a comparison, which has the differences too."""


class GitLab:
    """One project: the client, GITLAB_TOKEN, TOCSIN_GITLAB_PROJECT (`group/name`) and GITLAB_HOST (gitlab.com)."""

    def __init__(self, web: Web, token: str = "", project: str = "", host: str = "") -> None:
        self._web, self._token, self._project = web, token, project
        here = (host or HOST).rstrip("/")
        self._page = here if here.startswith(("http://", "https://")) else f"https://{here}"

    @property
    def configured(self) -> bool:
        """Whether there is a project to look at, and a key."""
        return bool(self._token and NAME.fullmatch(self._project))

    async def look(self, question: Question, by: float) -> Finding:
        """`git log` and the releases. Raises CannotTell."""
        call = question.action.call
        wanted = call if isinstance(call, GitCall) else GitCall("commits", {})
        if not self.configured:
            missing = "TOCSIN_GITLAB_PROJECT (group/name)" if self._token else "GITLAB_TOKEN"
            said = f"GitLab is not asked: {missing} is not set."
            raise CannotTell(Cause.NOT_CONFIGURED, said, "Set it where Tocsin runs, or run git log yourself.")
        if wanted.what not in ("commits", "releases"):
            raise CannotTell(Cause.NO_RULE, f"GitLab is not asked for {line(wanted.what)}.")
        base = f"{self._page}/api/v4/projects/{quote(self._project, safe='')}"
        asked = Asked(base, window(wanted, question.now, question.began), place(wanted), by)
        seen = await self._seen(asked, wanted, question.began or question.now)
        return interpret(seen, question.now, question.began)

    async def _seen(self, asked: Asked, wanted: GitCall, start: datetime) -> Snapshot:
        branch = await self._branch(asked)
        async with asyncio.TaskGroup() as group:
            written = group.create_task(tried(self._commits(asked, wanted)))
            published = group.create_task(tried(self._releases(asked)))
            went = group.create_task(tried(self._deployments(asked)))
        commits, releases, deployments = written.result(), published.result(), went.result()
        _, revision = out(listed(deployments), listed(releases))
        behind = await tried(self._behind(asked, revision, branch)) if revision else None
        link = f"{self._page}/{self._project}/-/commits/{quote(branch)}/{quote(asked.path)}"
        return gathered(
            self._project,
            asked,
            wanted,
            start,
            Read(commits, releases, deployments, behind),
            link.rstrip("/"),
        )

    async def _branch(self, asked: Asked) -> str:
        answer = await self._get(asked.base, asked.by, {})
        with understood(answer.url):
            name = answer.json()["default_branch"]
        if not name:
            raise CannotTell(Cause.NO_DATA, f"{line(self._project)} is empty.")
        return str(name)

    async def _commits(self, asked: Asked, wanted: GitCall) -> tuple[Commit, ...]:
        params: dict[str, str | int] = {
            "since": asked.window.begin.isoformat(timespec="seconds"),
            "until": asked.window.end.isoformat(timespec="seconds"),
            "per_page": MOST_COMMITS,
        }
        if asked.path:
            params["path"] = asked.path
        if wanted.what == "commits" and wanted.names and ".." not in wanted.names[0]:
            params["ref_name"] = wanted.names[0]
        url = f"{asked.base}/repository/commits"
        answer = await self._get(url, asked.by, params)
        with understood(answer.url):
            found = tuple(
                Commit(
                    str(each["id"]),
                    instant(each["committed_date"]),
                    line(each["title"]),
                    line(each["author_name"]),
                )
                for each in items(answer.json())
            )
        if asked.path and not found:
            answer = await self._get(url, asked.by, {"path": asked.path, "per_page": 1})
            with understood(answer.url):
                nothing = not items(answer.json())
            if nothing:
                said = f"No commit ever touched {line(asked.path)}."
                raise CannotTell(Cause.NOT_FOUND, said, "Look at the folder's name.")
        return found

    async def _releases(self, asked: Asked) -> tuple[Release, ...]:
        answer = await self._get(f"{asked.base}/releases", asked.by, {"per_page": 50})
        named = words(asked.path)
        with understood(answer.url):
            return tuple(
                Release(
                    instant(each["released_at"]),
                    line(each["tag_name"]),
                    line((each.get("author") or {}).get("username")),
                )
                for each in items(answer.json())
                if not each.get("upcoming_release")
                and (not named or any(word in each["tag_name"].lower() for word in named))
            )

    async def _deployments(self, asked: Asked) -> tuple[Deployment, ...]:
        """The newest ones to production, or to where the path's name stands: review apps may fill whole pages."""
        named, found = words(asked.path), list[Deployment]()
        for page in range(1, MOST_PAGES + 1):
            params: dict[str, str | int] = {
                "order_by": "created_at",
                "sort": "desc",
                "per_page": PAGE,
                "page": page,
            }
            answer = await self._get(f"{asked.base}/deployments", asked.by, params)
            with understood(answer.url):
                read = [_deployment(each) for each in items(answer.json())]
            found += read
            meant = chosen(found, lambda each: (each.place, each.what), named)
            if len(read) < PAGE or meant:
                return tuple(meant)
        raise all_elsewhere(len(found))

    async def _behind(self, asked: Asked, revision: str, branch: str) -> tuple[int, frozenset[str]]:
        """How many commits are on the main branch that this revision does not have, and which."""
        params = {"from": revision, "to": branch}
        answer = await self._get(f"{asked.base}/repository/compare", asked.by, params, COMPARED)
        with understood(answer.url):
            shas = frozenset(str(each["id"]) for each in items(answer.json()["commits"]))
            return len(shas), shas

    async def _get(self, url: str, by: float, params: Mapping[str, str | int], most: int = MOST) -> Answer:
        headers = {"private-token": self._token, "accept": "application/json"}
        answer = await self._web.ask("GET", url, by, headers=headers, params=params, most=most)
        if answer.status in (401, 403, 404, 429):
            _refuse(answer, line(self._project))
        return checked(answer)


def _deployment(told: Mapping[str, Any]) -> Deployment:
    """One deployment; one that waited for somebody ends long after it was made."""
    ended = (told.get("deployable") or {}).get("finished_at") if told["status"] in ENDS else None
    return Deployment(
        instant(ended or told["created_at"]),
        line(told["ref"]),
        str(told["sha"]),
        line(told["environment"]["name"]),
        STATES.get(told["status"], State.UNTOLD),
        line((told.get("user") or {}).get("username")),
    )


def _refuse(answer: Answer, project: str) -> NoReturn:
    """Raises CannotTell in GitLab's own meaning of the status."""
    match answer.status:
        case 401:
            advice = "Make a new token with read_api: it has expired or was revoked."
            raise CannotTell(Cause.FORBIDDEN, "GitLab refuses GITLAB_TOKEN (401).", advice)
        case 403:
            said = f"GITLAB_TOKEN may not read this of {project} (403)."
            raise CannotTell(
                Cause.FORBIDDEN, said, "Give the token read_api, and at least the role Reporter."
            )
        case 404:
            said = f"GitLab shows no {project}: it is not there, or GITLAB_TOKEN has no right to see it."
            raise CannotTell(
                Cause.NOT_FOUND, said, "Look at TOCSIN_GITLAB_PROJECT, and at what the token may read."
            )
        case _:
            reset = answer.headers.get("ratelimit-reset", "")
            again = f" until {datetime.fromtimestamp(int(reset), UTC):%H:%M} UTC" if reset.isdigit() else ""
            raise CannotTell(Cause.THROTTLED, f"GitLab's limit of requests for this token is used up{again}.")
