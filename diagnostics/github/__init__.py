"""What changed on GitHub: commits, deployments with their statuses, releases, and which commits are not out yet.

Shapes: https://docs.github.com/en/rest/commits/commits, and there deployments/deployments, deployments/statuses,
releases/releases, actions/workflow-runs; refusals: using-the-rest-api/rate-limits-for-the-rest-api.
"""

import asyncio
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from bot.step import GitCall
from diagnostics.answers import instant, items, line, tried, understood
from diagnostics.changes import Commit, Deployment, Release, Snapshot, State, interpret
from diagnostics.finding import CannotTell, Cause, Finding
from diagnostics.github import listing
from diagnostics.github.refusals import refuse
from diagnostics.question import Question
from diagnostics.revisions import (
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
    "waiting": State.UNDER_WAY,
}
"""The newest status of a deployment in our words."""

MOST_DEPLOYMENTS, PAGE, MOST_PAGES = 8, 100, 3
ENDS, MOST_STATES = frozenset({"success", "failure", "error"}), 10
COMPARED = 20_000_000
"""Bytes of a comparison, which has the differences too."""


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
        if wanted.what in listing.LISTS:
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
        named, found = words(asked.path), list[Any]()
        for page in range(1, MOST_PAGES + 1):
            params: dict[str, str | int] = {"per_page": PAGE, "page": page}
            answer = await self._get(f"{asked.base}/deployments", asked.by, params)
            with understood(answer.url):
                listed_here = [each for each in items(answer.json()) if instant(each["created_at"])]
                found += listed_here
                meant = chosen(found, _where, named, _is_production)
            if len(listed_here) < PAGE or meant:
                break
        else:
            raise all_elsewhere(len(found))
        newest = meant[:MOST_DEPLOYMENTS]
        async with asyncio.TaskGroup() as group:
            asking = [group.create_task(tried(self._state(asked, each["id"]))) for each in newest]
        states = [each.result() for each in asking]
        with understood(answer.url):
            return tuple(_deployment(each, state) for each, state in zip(newest, states, strict=True))

    async def _state(self, asked: Asked, number: int) -> tuple[State, datetime | None]:
        """How it stands, and when it ended; one that waited for an approval ends long after it was made."""
        url = f"{asked.base}/deployments/{int(number)}/statuses"
        answer = await self._get(url, asked.by, {"per_page": MOST_STATES})
        with understood(answer.url):
            states = items(answer.json())
            ended = [instant(each["created_at"]) for each in states if each["state"] in ENDS]
            state = STATES.get(states[0]["state"], State.UNTOLD) if states else State.UNDER_WAY
            return state, max(ended, default=None)

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
        path, params = listing.asked(wanted)
        answer = await self._get(f"{base}/{path}", by, params)
        with understood(answer.url):
            return listing.found(wanted, answer.json(), question.now)

    async def _get(self, url: str, by: float, params: Mapping[str, str | int], most: int = MOST) -> Answer:
        headers = {
            "authorization": f"Bearer {self._token}",
            "accept": "application/vnd.github+json",
            "x-github-api-version": "2022-11-28",
        }
        answer = await self._web.ask("GET", url, by, headers=headers, params=params, most=most)
        if answer.status in (401, 403, 404, 409, 429):
            refuse(answer, url.removeprefix(f"{self._api}/repos/"))
        return checked(answer)

    def _page(self) -> str:
        return "https://github.com" if self._api == API else self._api.removesuffix("/api/v3")


def _deployment(told: Mapping[str, Any], state: tuple[State, datetime | None] | CannotTell) -> Deployment:
    how, ended = (State.UNTOLD, None) if isinstance(state, CannotTell) else state
    made = instant(told["created_at"])
    return Deployment(
        max(made, ended or made),
        line(told["ref"]),
        str(told["sha"]),
        line(told["environment"]),
        how,
        line((told.get("creator") or {}).get("login")),
    )


def _where(told: Mapping[str, Any]) -> tuple[str, str]:
    return str(told["environment"]), str(told["ref"])


def _is_production(told: Mapping[str, Any]) -> bool:
    return bool(told.get("production_environment"))
