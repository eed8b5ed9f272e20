"""sentry.io: the issues of an organisation and its projects, behind a bearer token.

Shapes: https://docs.sentry.io/api/events/list-an-organizations-issues,
https://docs.sentry.io/api/events/retrieve-an-issue, https://docs.sentry.io/api/organizations/list-an-organizations-projects.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from sandbox.monitored_systems.names import (
    BACKEND_AFTER,
    BACKEND_BEFORE,
    BACKEND_PROJECT,
    KEYS,
    MOBILE_AFTER,
    MOBILE_BEFORE,
    MOBILE_PROJECT,
    ORGANISATION,
    format_iso,
)
from sandbox.monitored_systems.scenarios import Breakage, Scene
from sandbox.slack.workspace_model import Json

PERIOD = re.compile(r"(\d{1,4})([mhdw])")
UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 604800}
SORTS: Mapping[str, Callable[[Json], Any]] = {
    "date": lambda issue: issue["lastSeen"],
    "new": lambda issue: issue["firstSeen"],
    "freq": lambda issue: int(issue["count"]),
    "user": lambda issue: issue["userCount"],
}


@dataclass(frozen=True, slots=True)
class SentryErrorKind:
    """One kind of error: how often it comes in a minute and how many people meet it in one."""

    id: int
    project: str
    kind: str
    value: str
    culprit: str
    release: str
    a_minute: float
    users_a_minute: float
    level: str = "error"


OLD = (
    SentryErrorKind(5101, BACKEND_PROJECT, "ValidationError", "pincode must have 6 digits", "POST /v1/bookings",
     BACKEND_BEFORE,
            0.03, 0.02),
    SentryErrorKind(5102, MOBILE_PROJECT, "NetworkError", "The request timed out", "useBookings", MOBILE_BEFORE,
     0.05, 0.05,
            "warning"),
)  # fmt: skip
"""What there always is: nothing of it is new."""

NEW = {
    Breakage.DEPLOYMENT: SentryErrorKind(5201, BACKEND_PROJECT, "Error",
     "Cannot find module './config/payments'", "server.js",
                              BACKEND_AFTER, 4, 0, "fatal"),
    Breakage.DATABASE: SentryErrorKind(5202, BACKEND_PROJECT, "error", "sorry, too many clients already",
     "Pool.connect",
                            BACKEND_BEFORE, 60, 22),
    Breakage.PAYMENTS: SentryErrorKind(5203, BACKEND_PROJECT, "RazorpayError", "webhook signature mismatch",
                            "POST /v1/webhooks/razorpay", BACKEND_BEFORE, 6, 3),
    Breakage.ERRORS: SentryErrorKind(5204, BACKEND_PROJECT, "TypeError",
     "Cannot read properties of undefined (reading 'fare')",
                          "POST /v1/bookings", BACKEND_AFTER, 40, 18),
    Breakage.CRASHES: SentryErrorKind(5205, MOBILE_PROJECT, "NullPointerException", "Location is null",
                           "TripMapScreen.onResume", MOBILE_AFTER, 12, 5, "fatal"),
}  # fmt: skip
"""What came with a breakage; a slow endpoint raises nothing."""

PROJECTS = {BACKEND_PROJECT: ("4507001", "node-express"), MOBILE_PROJECT: ("4507002", "android")}


def build_routes(scene: Callable[[], Scene]) -> list[web.RouteDef]:
    """Issues by `statsPeriod`, `query`, `project`, `sort` and `limit`; one issue; the projects; pages for people."""
    base = f"/api/0/organizations/{ORGANISATION}"

    async def issues(request: web.Request) -> web.Response:
        return _refuse_unauthorised(request) or _list_issues(scene(), request)

    async def issue(request: web.Request) -> web.Response:
        if wrong := _refuse_unauthorised(request):
            return wrong
        for issue in _there(scene()):
            if str(issue.id) == request.match_info["id"]:
                release = {"version": issue.release, "shortVersion": issue.release}
                shown = _issue(scene(), issue, timedelta(days=14))
                return web.json_response({**shown, "firstRelease": release, "lastRelease": release})
        return web.json_response({"detail": "The requested resource does not exist"}, status=404)

    async def projects(request: web.Request) -> web.Response:
        return _refuse_unauthorised(request) or web.json_response([_project(slug) for slug in PROJECTS])

    return [
        web.get(f"{base}/issues/", issues),
        web.get(f"{base}/issues/{{id}}/", issue),
        web.get(f"{base}/projects/", projects),
        web.get(f"/organizations/{ORGANISATION}{{rest:(/.*)?}}", _show_sign_in),
    ]


async def _show_sign_in(request: web.Request) -> web.Response:
    """Every page of the organisation, to who is not signed in."""
    return web.Response(text="<!doctype html><title>Sign in | Sentry</title>", content_type="text/html")


def _list_issues(scene: Scene, request: web.Request) -> web.Response:
    query = request.query
    spoken = PERIOD.fullmatch(query.get("statsPeriod", "14d"))
    if not spoken or query.get("sort", "date") not in SORTS:
        return web.json_response({"detail": "Invalid statsPeriod or sort"}, status=400)
    period = timedelta(seconds=int(spoken[1]) * UNITS[spoken[2]])
    projects, words = query.getall("project", []), query.get("query", "is:unresolved").split()
    issues = [
        _issue(scene, issue, period)
        for issue in _there(scene)
        if "is:resolved" not in words and _is_of_projects(issue, projects, words)
    ]
    issues.sort(key=SORTS[query.get("sort", "date")], reverse=True)
    page = issues[: int(query.get("limit", "100"))]
    return web.json_response(page, headers={"Link": _last_page(request)})


def _is_of_projects(issue: SentryErrorKind, ids: list[str], words: list[str]) -> bool:
    """Whether it is asked for by its project: `ids` (none or -1: all) and the `project:` words of the query."""
    slugs = [word.partition(":")[2] for word in words if word.startswith("project:")]
    by_id = not ids or "-1" in ids or PROJECTS[issue.project][0] in ids
    return by_id and (not slugs or issue.project in slugs)


def _refuse_unauthorised(request: web.Request) -> web.Response | None:
    if request.headers.get("Authorization") == f"Bearer {KEYS['SENTRY_AUTH_TOKEN']}":
        return None
    return web.json_response({"detail": "Invalid token"}, status=401)


def _last_page(request: web.Request) -> str:
    here = request.url.with_query(None)
    return (
        f'<{here}?&cursor=0:0:1>; rel="previous"; results="false"; cursor="0:0:1", '
        f'<{here}?&cursor=0:100:0>; rel="next"; results="false"; cursor="0:100:0"'
    )


def _there(scene: Scene) -> tuple[SentryErrorKind, ...]:
    new = NEW.get(scene.broken) if scene.broken else None
    return (*OLD, new) if new else OLD


def _issue(scene: Scene, trouble: SentryErrorKind, period: timedelta) -> Json:
    now = datetime.now(UTC)
    first = now - timedelta(days=40) if trouble in OLD else scene.since + timedelta(seconds=30)
    minutes = (now - max(first, now - period)).total_seconds() / 60
    link = f"https://sentry.io/organizations/{ORGANISATION}/issues/{trouble.id}/"
    return {
        "id": str(trouble.id),
        "shareId": None,
        "shortId": f"{trouble.project.upper()}-{trouble.id % 100}",
        "title": f"{trouble.kind}: {trouble.value}",
        "culprit": trouble.culprit,
        "permalink": link,
        "logger": None,
        "level": trouble.level,
        "status": "unresolved",
        "statusDetails": {},
        "substatus": "ongoing" if trouble in OLD else "new",
        "isPublic": False,
        "platform": PROJECTS[trouble.project][1].partition("-")[0],
        "project": _project(trouble.project),
        "type": "error",
        "metadata": {"type": trouble.kind, "value": trouble.value},
        "numComments": 0,
        "assignedTo": None,
        "isBookmarked": False,
        "isSubscribed": False,
        "hasSeen": False,
        "annotations": [],
        "isUnhandled": trouble.level == "fatal",
        "count": str(max(1, round(trouble.a_minute * minutes))),
        "userCount": round(trouble.users_a_minute * minutes),
        "firstSeen": format_iso(first),
        "lastSeen": format_iso(now - timedelta(seconds=20)),
        "lifetime": {"firstSeen": format_iso(first), "lastSeen": format_iso(now - timedelta(seconds=20))},
        "stats": {
            "24h": [[int(hour.timestamp()), _in_hour(trouble, hour, first, now)] for hour in _hours(now)]
        },
    }


def _hours(now: datetime) -> list[datetime]:
    """The beginnings of the last 24 hours, this one last."""
    this = now.replace(minute=0, second=0, microsecond=0)
    return [this - timedelta(hours=back) for back in range(23, -1, -1)]


def _in_hour(trouble: SentryErrorKind, hour: datetime, first: datetime, now: datetime) -> int:
    span = min(now, hour + timedelta(hours=1)) - max(hour, first)
    return round(trouble.a_minute * max(0.0, span.total_seconds() / 60))


def _project(slug: str) -> Json:
    id, platform = PROJECTS[slug]
    return {"id": id, "name": slug, "slug": slug, "platform": platform}
