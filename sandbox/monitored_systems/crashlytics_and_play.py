"""Crashlytics and Google Play, which tell of the app's crashes, behind an OAuth token.

Shapes: https://firebase.google.com/docs/reference/crashlytics/rest/v1alpha/projects.apps.reports and
https://developers.google.com/play/developer/reporting/reference/rest/v1beta1/vitals.crashrate.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from aiohttp import web

from sandbox.monitored_systems.names import (
    KEYS,
    MOBILE_AFTER,
    MOBILE_APP,
    MOBILE_BEFORE,
    MOBILE_NUMBER,
    MOBILE_PACKAGE,
    format_iso,
)
from sandbox.monitored_systems.scenarios import Breakage, Scene
from sandbox.slack.workspace_model import Json

LATE = timedelta(days=1)
"""So far behind are the figures of Google Play."""

CODES = {MOBILE_BEFORE: "50201", MOBILE_AFTER: "50300"}
TITLES = {
    "topIssues": "Top Issues",
    "topVersions": "Top Versions",
    "topAndroidDevices": "Top Android Devices",
    "topOperatingSystems": "Top Operating Systems",
}


def build_crashlytics_routes(scene: Callable[[], Scene]) -> list[web.RouteDef]:
    """`GET /v1alpha/projects/…/apps/…/reports/…`, for the last week or the interval that is asked for."""

    async def report(request: web.Request) -> web.Response:
        if wrong := _refuse_unauthorised(request):
            return wrong
        kind = request.match_info["report"]
        if kind not in TITLES:
            return _refusal(404, "NOT_FOUND", "Requested entity was not found.")
        until = datetime.now(UTC)
        try:
            first = datetime.fromisoformat(
                request.query.get("filter.interval.startTime", format_iso(until - timedelta(days=7)))
            )
            until = datetime.fromisoformat(request.query.get("filter.interval.endTime", format_iso(until)))
        except ValueError:
            return _refusal(400, "INVALID_ARGUMENT", "Invalid value at 'filter.interval' (TYPE_TIMESTAMP).")
        groups = _groups(scene(), kind, first, until)
        body: Json = {
            "name": request.path.removeprefix("/v1alpha/"),
            "displayName": TITLES[kind],
            "totalSize": len(groups),
        }
        return web.json_response({**body, "groups": groups[: int(request.query.get("pageSize", "25"))]})

    place = f"/v1alpha/projects/{MOBILE_NUMBER}/apps/{MOBILE_APP}/reports/{{report}}"
    return [web.get(place, report)]


def build_play_routes(scene: Callable[[], Scene]) -> list[web.RouteDef]:
    """`POST /v1beta1/apps/…/crashRateMetricSet:query` and, for its freshness, the same by GET."""
    place = f"/v1beta1/apps/{MOBILE_PACKAGE}/crashRateMetricSet"

    async def freshness(request: web.Request) -> web.Response:
        latest = {"aggregationPeriod": "DAILY", "latestEndTime": _day(datetime.now(UTC) - LATE)}
        body = {"name": place.removeprefix("/v1beta1/"), "freshnessInfo": {"freshnesses": [latest]}}
        return _refuse_unauthorised(request) or web.json_response(body)

    async def query(request: web.Request) -> web.Response:
        if wrong := _refuse_unauthorised(request):
            return wrong
        asked = await request.json()
        spec = asked.get("timelineSpec", {})
        if spec.get("aggregationPeriod") != "DAILY" or not spec.get("startTime") or not spec.get("endTime"):
            return _refusal(
                400, "INVALID_ARGUMENT", "timelineSpec needs aggregationPeriod DAILY, startTime and endTime."
            )
        first, end = (_from_day(spec[name]) for name in ("startTime", "endTime"))
        end = min(end, datetime.now(UTC) - LATE)
        days = [first + timedelta(days=count) for count in range(max(0, (end - first).days))]
        by_version = "versionCode" in asked.get("dimensions", [])
        rows = [_row(scene(), day, version, asked.get("metrics", []))
                for day in days for version in (CODES if by_version else [""])]  # fmt: skip
        return web.json_response({"rows": rows} if rows else {})

    return [web.get(place, freshness), web.post(f"{place}:query", query)]


def _refuse_unauthorised(request: web.Request) -> web.Response | None:
    if request.headers.get("Authorization") == f"Bearer {KEYS['GOOGLE_OAUTH_ACCESS_TOKEN']}":
        return None
    return _refusal(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")


def _refusal(status: int, word: str, message: str) -> web.Response:
    return web.json_response({"error": {"code": status, "message": message, "status": word}}, status=status)


def _groups(scene: Scene, kind: str, first: datetime, until: datetime) -> list[Json]:
    """Newest trouble first: what a bad version adds in the part of the interval in which it was there."""
    hours = (until - first).total_seconds() / 3600
    groups = [_group(kind, "old", first, until, round(hours * 1.5), round(hours))]
    if scene.has(Breakage.CRASHES, until):
        bad = (until - max(first, scene.since)).total_seconds() / 3600
        groups.insert(0, _group(kind, "new", first, until, round(bad * 720), round(bad * 300)))
    return groups


def _group(kind: str, which: str, first: datetime, until: datetime, events: int, users: int) -> Json:
    new = which == "new"
    version = (
        f"{MOBILE_AFTER} ({CODES[MOBILE_AFTER]})" if new else f"{MOBILE_BEFORE} ({CODES[MOBILE_BEFORE]})"
    )
    counted = {
        "startTime": format_iso(first),
        "endTime": format_iso(until),
        "eventsCount": str(events),
        "impactedUsersCount": str(users),
    }
    about: Json = {
        "topIssues": {"issue": _issue(new)},
        "topVersions": {"version": {
            "displayVersion": version.partition(" ")[0], "buildVersion": version[-6:-1], "displayName": version}},
        "topAndroidDevices": {"device": {
            "manufacturer": "Xiaomi" if new else "samsung", "model": "Redmi 9A" if new else "SM-A145F",
            "displayName": "Xiaomi (Redmi 9A)" if new else "Samsung (Galaxy A14)", "formFactor": "PHONE"}},
        "topOperatingSystems": {"operatingSystem": {
            "os": "Android", "displayVersion": "10" if new else "14",
            "displayName": "Android (10)" if new else "Android (14)"}},
    }[kind]  # fmt: skip
    return {"metrics": [counted], "subgroups": [], **about}


def _issue(new: bool) -> Json:
    id = "8f3c1d5e7a9b4c2d" if new else "1a2b3c4d5e6f7081"
    version = MOBILE_AFTER if new else MOBILE_BEFORE
    return {
        "id": id,
        "title": "TripMapScreen.kt line 88" if new else "BookingsApi.kt line 31",
        "subtitle": "java.lang.NullPointerException: location" if new else "java.net.SocketTimeoutException",
        "errorType": "FATAL",
        "uri": f"https://console.firebase.google.com/project/rodistaa-prod/crashlytics/app/android:{MOBILE_PACKAGE}/issues/{id}",
        "firstSeenVersion": version,
        "lastSeenVersion": version,
        "signals": [{"signal": "SIGNAL_FRESH", "description": "New issue"}] if new else [],
        "state": "OPEN",
        "name": f"projects/{MOBILE_NUMBER}/apps/{MOBILE_APP}/issues/{id}",
    }


def _row(scene: Scene, day: datetime, version: str, metrics: list[str]) -> Json:
    """The figures of a whole day are not known before it is over: they do not show what has just broken."""
    values = {"crashRate": "0.0062", "userPerceivedCrashRate": "0.0048", "distinctUsers": "41230"}
    sliced = (
        [{"dimension": "versionCode", "int64Value": CODES[version], "valueLabel": version}] if version else []
    )
    return {
        "aggregationPeriod": "DAILY",
        "startTime": _day(day),
        "dimensions": sliced,
        "metrics": [
            {"metric": name, "decimalValue": {"value": values[name]}} for name in metrics if name in values
        ],
    }


def _day(at: datetime) -> Json:
    return {"year": at.year, "month": at.month, "day": at.day, "timeZone": {"id": "America/Los_Angeles"}}


def _from_day(day: Json) -> datetime:
    return datetime(day["year"], day["month"], day["day"], tzinfo=UTC)
