"""api.github.com: what changed in the team's repository lately, behind a token.

Shapes: https://docs.github.com/en/rest/commits/commits (lists and comparisons), https://docs.github.com/en/rest/releases/releases,
https://docs.github.com/en/rest/deployments/deployments, https://docs.github.com/en/rest/deployments/statuses,
https://docs.github.com/en/rest/actions/workflow-runs.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from typing import Any

from aiohttp import web

from sandbox.model import Json
from sandbox.world.breaks import Break, Scene
from sandbox.world.places import (
    BACKEND_AFTER,
    BACKEND_BEFORE,
    KEYS,
    MOBILE_AFTER,
    MOBILE_BEFORE,
    REPOSITORY,
    iso,
)

BACKEND, MOBILE = "packages/backend", "packages/mobile/shipper"


@dataclass(frozen=True, slots=True)
class Change:
    """A commit, and what went out with it: `release` is the tag, `deployed` whether it reached production."""

    at: datetime
    message: str
    author: str
    path: str
    release: str = ""
    deployed: bool | None = None

    @property
    def sha(self) -> str:
        return sha1(f"{self.message}{self.path}".encode(), usedforsecurity=False).hexdigest()


def changes(scene: Scene) -> list[Change]:
    """Newest first. Those of the last weeks, and the one that a breakage came with."""
    now = datetime.now(UTC)
    usual = [
        Change(
            now - timedelta(days=4),
            "Show the driver's name in the booking",
            "devika",
            BACKEND,
            BACKEND_BEFORE,
            True,
        ),
        Change(
            now - timedelta(days=6), "Faster list of trips", "chidi", MOBILE, f"mobile-v{MOBILE_BEFORE}", True
        ),
        Change(now - timedelta(days=9), "Round fares to full rupees", "ana", BACKEND, "v2.13.2", True),
    ]
    before = scene.since - timedelta(minutes=3)
    new: Mapping[Break | None, list[Change]] = {
        Break.DEPLOYMENT: [
            Change(before, "Read the payment settings from a file", "devika", BACKEND, BACKEND_AFTER, False)
        ],
        Break.ERRORS: [
            Change(before, "Fares come from the new rate table", "ana", BACKEND, BACKEND_AFTER, True)
        ],
        Break.CRASHES: [
            Change(
                before, "Keep the map open between trips", "chidi", MOBILE, f"mobile-v{MOBILE_AFTER}", True
            )
        ],
    }
    return [*new.get(scene.broken, []), *usual]


def routes(scene: Callable[[], Scene]) -> list[web.RouteDef]:
    """Commits (`since`, `until`, `path`), releases, deployments and their statuses, workflow runs; 30 a page."""
    base = f"/repos/{REPOSITORY}"

    def listing(
        shown: Callable[[web.Request, list[Change]], Any],
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            if request.headers.get("Authorization", "").split()[-1:] != [KEYS["GITHUB_TOKEN"]]:
                said = {
                    "message": "Bad credentials",
                    "documentation_url": "https://docs.github.com/rest",
                    "status": "401",
                }
                return web.json_response(said, status=401)
            return web.json_response(shown(request, changes(scene())))

        return answer

    async def unknown(request: web.Request) -> web.Response:
        said = {"message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": "404"}
        return web.json_response(said, status=404)

    return [
        web.get(f"{base}/commits", listing(_commits)),
        web.get(f"{base}/compare/{{revisions}}", listing(_compared)),
        web.get(f"{base}/releases", listing(_releases)),
        web.get(f"{base}/deployments", listing(_deployments)),
        web.get(f"{base}/deployments/{{id}}/statuses", listing(_statuses)),
        web.get(f"{base}/actions/runs", listing(_runs)),
        web.route("*", "/{rest:.*}", unknown),
    ]


def _page(request: web.Request, items: list[Json]) -> list[Json]:
    size, page = int(request.query.get("per_page", "30")), int(request.query.get("page", "1"))
    return items[(page - 1) * size : page * size]


def _commits(request: web.Request, found: list[Change]) -> list[Json]:
    asked = request.query
    return _page(
        request,
        [
            _commit(each)
            for each in found
            if asked.get("since", "") <= iso(each.at) <= asked.get("until", "9999")
            and each.path.startswith(asked.get("path", "").strip("/"))
        ],
    )


def _commit(change: Change) -> Json:
    person = {
        "name": change.author.capitalize(),
        "email": f"{change.author}@rodistaa.example",
        "date": iso(change.at),
    }
    return {
        "sha": change.sha,
        "html_url": f"https://github.com/{REPOSITORY}/commit/{change.sha}",
        "commit": {"author": person, "committer": person, "message": change.message, "comment_count": 0},
        "author": {"login": change.author, "id": 1, "type": "User"},
        "committer": {"login": change.author, "id": 1, "type": "User"},
        "parents": [],
    }


def _releases(request: web.Request, found: list[Change]) -> list[Json]:
    return _page(
        request,
        [
            {
                "id": _number(each),
                "tag_name": each.release,
                "name": each.release,
                "target_commitish": "main",
                "draft": False,
                "prerelease": False,
                "created_at": iso(each.at),
                "published_at": iso(each.at + timedelta(minutes=1)),
                "html_url": f"https://github.com/{REPOSITORY}/releases/tag/{each.release}",
                "author": {"login": each.author, "id": 1, "type": "User"},
                "body": each.message,
            }
            for each in found
            if each.release
        ],
    )


def _deployments(request: web.Request, found: list[Change]) -> list[Json]:
    asked = request.query
    return _page(
        request,
        [
            {
                "id": _number(each),
                "sha": each.sha,
                "ref": each.release,
                "task": "deploy",
                "environment": _place(each),
                "original_environment": _place(each),
                "description": each.message,
                "creator": {"login": each.author, "id": 1, "type": "User"},
                "created_at": iso(each.at + timedelta(minutes=1)),
                "updated_at": iso(each.at + timedelta(minutes=2)),
                "statuses_url": str(
                    request.url.origin() / request.path.strip("/") / str(_number(each)) / "statuses"
                ),
                "production_environment": True,
            }
            for each in found
            if each.deployed is not None
            and asked.get("sha", each.sha) == each.sha
            and asked.get("ref", each.release) == each.release
            and asked.get("environment", _place(each)) == _place(each)
        ],
    )


def _place(change: Change) -> str:
    return "production" if change.path == BACKEND else "play-store"


def _compared(request: web.Request, found: list[Change]) -> Json:
    """`BASE...HEAD`: what came after the base, the oldest first. Everything is on one branch."""
    base = request.match_info["revisions"].partition("...")[0]
    at = next((place for place, each in enumerate(found) if base in (each.sha, each.release)), len(found))
    after = found[:at][::-1]
    return {
        "html_url": f"https://github.com/{REPOSITORY}/compare/{base}...HEAD",
        "status": "ahead" if after else "identical",
        "ahead_by": len(after),
        "behind_by": 0,
        "total_commits": len(after),
        "commits": _page(request, [_commit(each) for each in after]),
    }


def _statuses(request: web.Request, found: list[Change]) -> list[Json]:
    return [
        {
            "id": _number(each) + 1,
            "state": "success" if each.deployed else "failure",
            "environment": _place(each),
            "description": "",
            "created_at": iso(each.at + timedelta(minutes=2)),
            "updated_at": iso(each.at + timedelta(minutes=2)),
        }
        for each in found
        if str(_number(each)) == request.match_info["id"]
    ]


def _runs(request: web.Request, found: list[Change]) -> Json:
    runs = [
        {
            "id": _number(each) + 2,
            "name": "deploy",
            "display_title": each.message,
            "head_branch": "main",
            "head_sha": each.sha,
            "event": "push",
            "status": "completed",
            "conclusion": "success" if each.deployed else "failure",
            "html_url": f"https://github.com/{REPOSITORY}/actions/runs/{_number(each) + 2}",
            "created_at": iso(each.at),
            "run_started_at": iso(each.at),
            "updated_at": iso(each.at + timedelta(minutes=3)),
        }
        for each in found
        if each.deployed is not None
    ]
    return {"total_count": len(runs), "workflow_runs": _page(request, runs)}


def _number(change: Change) -> int:
    """An id that stays, whenever it is asked for."""
    return int(change.sha[:7], 16)
