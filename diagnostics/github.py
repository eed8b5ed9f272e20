"""What changed on GitHub: commits, deployments with their statuses, releases, and which commits are not out yet.

Shapes: https://docs.github.com/en/rest/commits/commits, and there deployments/deployments, deployments/statuses,
releases/releases, actions/workflow-runs; refusals: using-the-rest-api/rate-limits-for-the-rest-api.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn
from urllib.parse import quote

from bot.step import GitCall
from diagnostics.answers import instant, items, line, tried, understood
from diagnostics.changes import Commit, Deployment, Release, Snapshot, State, interpret
from diagnostics.finding import CannotTell, Cause, Finding, Table, Verdict
from diagnostics.question import Question
from diagnostics.revisions import (
    PRODUCTION,
    Asked,
    Read,
    gathered,
    listed,
    out,
    place,
    unapplied,
    window,
    words,
)
from diagnostics.web import MOST, Answer, Web, checked

API = "https://api.github.com"
NAME = re.compile(r"[\w.-]+/[\w.-]+")
STATES = {
    "success": State.THROUGH,
    "inactive": State.REPLACED,
    "failure": State.FAILED,
    "error": State.FAILED,
    "in_progress": State.UNDER_WAY,
    "queued": State.UNDER_WAY,
    "pending": State.UNDER_WAY,
}
"""The newest status of a deployment in our words."""

MOST_DEPLOYMENTS, PAGE, MOST_ROWS = 8, 100, 12
COMPARED = 20_000_000
"""Bytes of a comparison, which has the differences too."""

LISTS: Mapping[str, tuple[str, Mapping[str, str], Sequence[str]]] = {
    "runs": (
        "actions/runs",
        {"branch": "branch", "event": "event", "status": "status", "user": "actor", "created": "created"},
        ("created_at", "name", "display_title", "head_branch", "status", "conclusion"),
    ),
    "run": ("actions/runs/", {}, ("created_at", "name", "display_title", "status", "conclusion")),
    "pulls": (
        "pulls",
        {"state": "state", "base": "base"},
        ("updated_at", "number", "title", "user", "state"),
    ),
    "pull": ("pulls/", {}, ("updated_at", "number", "title", "user", "state", "merged_at")),
    "issues": (
        "issues",
        {"state": "state", "label": "labels"},
        ("updated_at", "number", "title", "user", "state"),
    ),
    "release": ("releases/tags/", {}, ("published_at", "tag_name", "name", "author")),
    "workflows": ("actions/workflows", {}, ("updated_at", "name", "path", "state")),
}
"""What `gh` lists: the path (a name follows its last slash), its options by their names there, the fields shown."""


class GitHub:
    """One repository: the client, GITHUB_TOKEN, GITHUB_REPOSITORY (`owner/name`) and GITHUB_API_URL."""

    def __init__(self, web: Web, token: str = "", repository: str = "", api_url: str = "") -> None:
        self._web, self._token, self._repository = web, token, repository
        self._api = (api_url or API).rstrip("/")

    @property
    def configured(self) -> bool:
        """Whether there is a repository to look at, and a key."""
        return bool(self._token and NAME.fullmatch(self._repository))

    async def look(self, question: Question, by: float) -> Finding:
        """`git log`, `gh ... list` and `github.changes` (with a `path`, if it names one). Raises CannotTell."""
        call = question.action.call
        wanted = call if isinstance(call, GitCall) else GitCall("commits", {})
        path = place(wanted) if isinstance(call, GitCall) else getattr(call, "names", {}).get("path", "")
        repository = str(wanted.options.get("repo") or self._repository)
        if not self._token or not NAME.fullmatch(repository):
            missing = "GITHUB_TOKEN" if not self._token else "GITHUB_REPOSITORY (owner/name)"
            said = f"GitHub is not asked: {missing} is not set."
            raise CannotTell(Cause.NOT_CONFIGURED, said, "Set it where Tocsin runs, or run git log yourself.")
        base = f"{self._api}/repos/{repository}"
        if wanted.what in LISTS:
            return await self._listed(wanted, base, question, by)
        if wanted.what not in ("commits", "releases"):
            raise CannotTell(Cause.NO_RULE, f"GitHub is not asked for {line(wanted.what)}.")
        asked = Asked(base, window(wanted, question.now, question.began), path, by)
        start = question.began or question.now
        return interpret(await self._seen(asked, wanted, repository, start), question.now, question.began)

    async def _seen(self, asked: Asked, wanted: GitCall, repository: str, start: datetime) -> Snapshot:
        """Raises CannotTell when what was asked for cannot be read; what stands beside it may be missing."""
        async with asyncio.TaskGroup() as group:
            written = group.create_task(tried(self._commits(asked, wanted)))
            published = group.create_task(tried(self._releases(asked)))
            went = group.create_task(tried(self._deployments(asked)))
        commits, releases, deployments = written.result(), published.result(), went.result()
        _, revision = out(listed(deployments), listed(releases))
        behind = await tried(self._behind(asked, revision)) if revision else None
        link = f"{self._page()}/{repository}/commits/" + (f"HEAD/{quote(asked.path)}" if asked.path else "")
        return gathered(repository, asked, wanted, start, Read(commits, releases, deployments, behind), link)

    async def _commits(self, asked: Asked, wanted: GitCall) -> tuple[Commit, ...]:
        params: dict[str, str | int] = {
            "since": asked.window.begin.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "until": asked.window.end.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "per_page": PAGE,
        }
        if asked.path:
            params["path"] = asked.path
        if wanted.what == "commits" and wanted.names and ".." not in wanted.names[0]:
            params["sha"] = wanted.names[0]
        answer = await self._get(f"{asked.base}/commits", asked.by, params)
        with understood(answer.url):
            found = tuple(
                Commit(
                    str(each["sha"]),
                    instant(each["commit"]["committer"]["date"]),
                    line(each["commit"]["message"]),
                    line((each.get("author") or {}).get("login") or each["commit"]["author"]["name"]),
                )
                for each in items(answer.json())
            )
        if asked.path and not found:
            answer = await self._get(f"{asked.base}/commits", asked.by, {"path": asked.path, "per_page": 1})
            with understood(answer.url):
                nothing = not items(answer.json())
            if nothing:
                raise CannotTell(
                    Cause.NOT_FOUND,
                    f"No commit ever touched {line(asked.path)}.",
                    "Look at the folder's name.",
                )
        return found

    async def _releases(self, asked: Asked) -> tuple[Release, ...]:
        answer = await self._get(f"{asked.base}/releases", asked.by, {"per_page": PAGE})
        with understood(answer.url):
            found = [
                Release(
                    instant(each["published_at"]),
                    line(each["tag_name"]),
                    line((each.get("author") or {}).get("login")),
                )
                for each in items(answer.json())
                if not each.get("draft") and each.get("published_at")
            ]
        named = words(asked.path)
        kept = [each for each in found if not named or any(word in each.tag.lower() for word in named)]
        return tuple(sorted(kept, key=lambda each: each.at, reverse=True))

    async def _deployments(self, asked: Asked) -> tuple[Deployment, ...]:
        """The newest ones to production, or to where the path's name stands; each with its newest status."""
        answer = await self._get(f"{asked.base}/deployments", asked.by, {"per_page": PAGE})
        with understood(answer.url):
            found = [each for each in items(answer.json()) if instant(each["created_at"])]
            named = words(asked.path)
            if named:
                meant = [
                    each for each in found
                    if any(word in f"{each['environment']} {each['ref']}".lower() for word in named)
                ]  # fmt: skip
            else:
                meant = [
                    each for each in found
                    if each.get("production_environment") or PRODUCTION.search(each["environment"])
                ] or found  # fmt: skip
        newest = meant[:MOST_DEPLOYMENTS]
        async with asyncio.TaskGroup() as group:
            asking = [group.create_task(tried(self._state(asked, each["id"]))) for each in newest]
        states = [each.result() for each in asking]
        with understood(answer.url):
            return tuple(
                Deployment(
                    instant(each["created_at"]),
                    line(each["ref"]),
                    str(each["sha"]),
                    line(each["environment"]),
                    State.UNTOLD if isinstance(state, CannotTell) else state,
                    line((each.get("creator") or {}).get("login")),
                )
                for each, state in zip(newest, states, strict=True)
            )

    async def _state(self, asked: Asked, number: int) -> State:
        answer = await self._get(
            f"{asked.base}/deployments/{int(number)}/statuses", asked.by, {"per_page": 1}
        )
        with understood(answer.url):
            states = items(answer.json())
            return STATES.get(states[0]["state"], State.UNTOLD) if states else State.UNDER_WAY

    async def _behind(self, asked: Asked, revision: str) -> tuple[int, frozenset[str]]:
        """How many commits are on the main branch that this revision does not have, and which."""
        url = f"{asked.base}/compare/{quote(revision, safe='')}...HEAD"
        number, shas = await self._compared(url, 1, asked.by)
        # The oldest come first, and it is the newest that are looked at.
        last = -(-number // PAGE)
        for page in {last, last - 1} - {1} if last > 1 else ():
            shas |= (await self._compared(url, page, asked.by))[1]
        return number, shas

    async def _compared(self, url: str, page: int, by: float) -> tuple[int, frozenset[str]]:
        answer = await self._get(url, by, {"per_page": PAGE, "page": page}, COMPARED)
        with understood(answer.url):
            compared = answer.json()
            return int(compared["ahead_by"]), frozenset(str(each["sha"]) for each in compared["commits"])

    async def _listed(self, wanted: GitCall, base: str, question: Question, by: float) -> Finding:
        """What no rule judges, as a table."""
        path, options, fields = LISTS[wanted.what]
        if path.endswith("/"):
            if not wanted.names:
                raise CannotTell(Cause.NOT_UNDERSTOOD, "gh is told to view something, and not what.")
            path += quote(wanted.names[0], safe="")
        params = {
            there: str(wanted.options[here]) for here, there in options.items() if here in wanted.options
        }
        answer = await self._get(
            f"{base}/{path}", by, {**params, "per_page": str(wanted.options.get("limit") or 30)}
        )
        with understood(answer.url):
            told = answer.json()
            if isinstance(told, dict):
                told = next((each for each in told.values() if isinstance(each, list)), [told])
            rows = [
                tuple(_shown(each.get(name)) for name in fields)
                for each in told
                if "pull_request" not in each
            ]
        table = Table(
            tuple(name.replace("_", " ") for name in fields),
            tuple(rows[:MOST_ROWS]),
            max(0, len(rows) - MOST_ROWS),
        )
        first = f", the newest: {', '.join(filter(None, rows[0]))}" if rows else ""
        said = f"GitHub lists {len(rows)} {wanted.what}{first}. {unapplied(wanted)}".strip()
        return Finding(Verdict.UNKNOWN, said, question.now, Cause.NO_RULE, table=table if rows else None)

    async def _get(self, url: str, by: float, params: Mapping[str, str | int], most: int = MOST) -> Answer:
        headers = {
            "authorization": f"Bearer {self._token}",
            "accept": "application/vnd.github+json",
            "x-github-api-version": "2022-11-28",
        }
        answer = await self._web.ask("GET", url, by, headers=headers, params=params, most=most)
        if answer.status in (401, 403, 404, 409, 429):
            _refuse(answer, url.removeprefix(f"{self._api}/repos/"))
        return checked(answer)

    def _page(self) -> str:
        return "https://github.com" if self._api == API else self._api.removesuffix("/api/v3")


def _refuse(answer: Answer, what: str) -> NoReturn:
    """Raises CannotTell in GitHub's own meaning of the status."""
    repository = "/".join(what.split("/")[:2])
    if answer.status == 401:
        raise CannotTell(
            Cause.FORBIDDEN,
            "GitHub refuses GITHUB_TOKEN (401).",
            "Make a new token: it has expired or was revoked.",
        )
    if answer.status == 404:
        said = f"GitHub shows no {repository}: it is not there, or GITHUB_TOKEN has no right to see it."
        raise CannotTell(Cause.NOT_FOUND, said, "Look at GITHUB_REPOSITORY, and at what the token may read.")
    if answer.status == 409:
        raise CannotTell(Cause.NO_DATA, f"{repository} is empty.")
    if (
        answer.headers.get("x-ratelimit-remaining") == "0"
        or "retry-after" in answer.headers
        or answer.status == 429
    ):
        reset = answer.headers.get("x-ratelimit-reset", "")
        again = f" until {datetime.fromtimestamp(int(reset), UTC):%H:%M} UTC" if reset.isdigit() else ""
        raise CannotTell(Cause.THROTTLED, f"GitHub's limit of requests for this token is used up{again}.")
    needed = (
        line(answer.headers.get("x-accepted-github-permissions", "")) or "contents=read; deployments=read"
    )
    said = f"GITHUB_TOKEN may not read this of {repository} (403)."
    raise CannotTell(Cause.FORBIDDEN, said, f"Give the token: {needed}.")


def _shown(value: Any) -> str:
    return line(value.get("login") if isinstance(value, dict) else value)
