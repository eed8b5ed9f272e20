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

from sandbox.monitored_systems.names import (
    BACKEND_AFTER,
    BACKEND_BEFORE,
    KEYS,
    MOBILE_AFTER,
    MOBILE_BEFORE,
    REPOSITORY,
    format_iso,
)
from sandbox.monitored_systems.scenarios import Breakage, Scene
from sandbox.slack.workspace_model import Json

BACKEND, MOBILE = "packages/backend", "packages/mobile/shipper"


RATES = (f"{BACKEND}/src/fares.ts", f"{BACKEND}/migrations/0042_rate_table.sql")
"""What the change of fares has in it."""


@dataclass(frozen=True, slots=True)
class GitHubChange:
    """A commit, and what went out with it: `release` is the tag, `deployed` whether it reached production, `files` what
    it changed."""

    at: datetime
    message: str
    author: str
    path: str
    release: str = ""
    deployed: bool | None = None
    files: tuple[str, ...] = ()

    @property
    def sha(self) -> str:
        return sha1(f"{self.message}{self.path}".encode(), usedforsecurity=False).hexdigest()


def list_changes(scene: Scene) -> list[GitHubChange]:
    """Newest first. Those of the last weeks, and the one that a breakage came with."""
    now = datetime.now(UTC)
    usual = [
        GitHubChange(
            now - timedelta(days=4),
            "Show the driver's name in the booking",
            "devika",
            BACKEND,
            BACKEND_BEFORE,
            True,
        ),
        GitHubChange(
            now - timedelta(days=6), "Faster list of trips", "chidi", MOBILE, f"mobile-v{MOBILE_BEFORE}", True
        ),
        GitHubChange(now - timedelta(days=9), "Round fares to full rupees", "ana", BACKEND, "v2.13.2", True),
    ]
    before = scene.since - timedelta(minutes=3)
    new: Mapping[Breakage | None, list[GitHubChange]] = {
        Breakage.DEPLOYMENT: [
            GitHubChange(
                before, "Read the payment settings from a file", "devika", BACKEND, BACKEND_AFTER, False
            )
        ],
        Breakage.ERRORS: [
            GitHubChange(
                before, "Fares come from the new rate table", "ana", BACKEND, BACKEND_AFTER, True, RATES
            )
        ],
        Breakage.CRASHES: [
            GitHubChange(
                before, "Keep the map open between trips", "chidi", MOBILE, f"mobile-v{MOBILE_AFTER}", True
            )
        ],
    }
    return [*new.get(scene.broken, []), *usual]


def build_routes(scene: Callable[[], Scene]) -> list[web.RouteDef]:
    """Commits (`since`, `until`, `path`), releases, deployments and their statuses, workflow runs; 30 a page."""
    base = f"/repos/{REPOSITORY}"

    def listing(
        shown: Callable[[web.Request, list[GitHubChange]], Any],
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            if request.headers.get("Authorization", "").split()[-1:] != [KEYS["GITHUB_TOKEN"]]:
                said = {
                    "message": "Bad credentials",
                    "documentation_url": "https://docs.github.com/rest",
                    "status": "401",
                }
                return web.json_response(said, status=401)
            return web.json_response(shown(request, list_changes(scene())))

        return answer

    async def unknown(request: web.Request) -> web.Response:
        said = {"message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": "404"}
        return web.json_response(said, status=404)

    return [
        web.get(f"{base}/commits", listing(_commits)),
        web.get(f"{base}/compare/{{revisions}}", listing(_compare_commits)),
        web.get(f"{base}/releases", listing(_releases)),
        web.get(f"{base}/deployments", listing(_deployments)),
        web.get(f"{base}/deployments/{{id}}/statuses", listing(_statuses)),
        web.get(f"{base}/actions/runs", listing(_runs)),
        web.route("*", "/{rest:.*}", unknown),
    ]


def _page(request: web.Request, items: list[Json]) -> list[Json]:
    size, page = int(request.query.get("per_page", "30")), int(request.query.get("page", "1"))
    return items[(page - 1) * size : page * size]


def _commits(request: web.Request, found: list[GitHubChange]) -> list[Json]:
    asked = request.query
    return _page(
        request,
        [
            _commit(change)
            for change in found
            if asked.get("since", "") <= format_iso(change.at) <= asked.get("until", "9999")
            and change.path.startswith(asked.get("path", "").strip("/"))
        ],
    )


def _commit(change: GitHubChange) -> Json:
    person = {
        "name": change.author.capitalize(),
        "email": f"{change.author}@rodistaa.example",
        "date": format_iso(change.at),
    }
    return {
        "sha": change.sha,
        "html_url": f"https://github.com/{REPOSITORY}/commit/{change.sha}",
        "commit": {"author": person, "committer": person, "message": change.message, "comment_count": 0},
        "author": {"login": change.author, "id": 1, "type": "User"},
        "committer": {"login": change.author, "id": 1, "type": "User"},
        "parents": [],
    }


def _releases(request: web.Request, found: list[GitHubChange]) -> list[Json]:
    return _page(
        request,
        [
            {
                "id": _number(change),
                "tag_name": change.release,
                "name": change.release,
                "target_commitish": "main",
                "draft": False,
                "prerelease": False,
                "created_at": format_iso(change.at),
                "published_at": format_iso(change.at + timedelta(minutes=1)),
                "html_url": f"https://github.com/{REPOSITORY}/releases/tag/{change.release}",
                "author": {"login": change.author, "id": 1, "type": "User"},
                "body": change.message,
            }
            for change in found
            if change.release
        ],
    )


def _deployments(request: web.Request, found: list[GitHubChange]) -> list[Json]:
    asked = request.query
    return _page(
        request,
        [
            {
                "id": _number(change),
                "sha": change.sha,
                "ref": change.release,
                "task": "deploy",
                "environment": _place(change),
                "original_environment": _place(change),
                "description": change.message,
                "creator": {"login": change.author, "id": 1, "type": "User"},
                "created_at": format_iso(change.at + timedelta(minutes=1)),
                "updated_at": format_iso(change.at + timedelta(minutes=2)),
                "statuses_url": str(
                    request.url.origin() / request.path.strip("/") / str(_number(change)) / "statuses"
                ),
                "production_environment": True,
            }
            for change in found
            if change.deployed is not None
            and asked.get("sha", change.sha) == change.sha
            and asked.get("ref", change.release) == change.release
            and asked.get("environment", _place(change)) == _place(change)
        ],
    )


def _place(change: GitHubChange) -> str:
    return "production" if change.path == BACKEND else "play-store"


def _compare_commits(request: web.Request, found: list[GitHubChange]) -> Json:
    """`BASE...HEAD`: what came after the base, the oldest first. Everything is on one branch."""
    base = request.match_info["revisions"].partition("...")[0]
    at = next(
        (place for place, commit in enumerate(found) if base in (commit.sha, commit.release)), len(found)
    )
    after = found[:at][::-1]
    return {
        "html_url": f"https://github.com/{REPOSITORY}/compare/{base}...HEAD",
        "status": "ahead" if after else "identical",
        "ahead_by": len(after),
        "behind_by": 0,
        "total_commits": len(after),
        "commits": _page(request, [_commit(commit) for commit in after]),
        "files": [{"filename": name, "status": "modified"} for commit in after for name in commit.files],
    }


def _statuses(request: web.Request, found: list[GitHubChange]) -> list[Json]:
    return [
        {
            "id": _number(change) + 1,
            "state": "success" if change.deployed else "failure",
            "environment": _place(change),
            "description": "",
            "created_at": format_iso(change.at + timedelta(minutes=2)),
            "updated_at": format_iso(change.at + timedelta(minutes=2)),
        }
        for change in found
        if str(_number(change)) == request.match_info["id"]
    ]


def _runs(request: web.Request, found: list[GitHubChange]) -> Json:
    runs = [
        {
            "id": _number(change) + 2,
            "name": "deploy",
            "display_title": change.message,
            "head_branch": "main",
            "head_sha": change.sha,
            "event": "push",
            "status": "completed",
            "conclusion": "success" if change.deployed else "failure",
            "html_url": f"https://github.com/{REPOSITORY}/actions/runs/{_number(change) + 2}",
            "created_at": format_iso(change.at),
            "run_started_at": format_iso(change.at),
            "updated_at": format_iso(change.at + timedelta(minutes=3)),
        }
        for change in found
        if change.deployed is not None
    ]
    return {"total_count": len(runs), "workflow_runs": _page(request, runs)}


def _number(change: GitHubChange) -> int:
    """An id that stays, whenever it is asked for."""
    return int(change.sha[:7], 16)
