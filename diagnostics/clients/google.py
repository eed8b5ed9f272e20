"""Client of Google's APIs: access tokens from a service account, and the crash rates of Google Play.

Errors: https://cloud.google.com/apis/design/errors. Crash rates (GET says how fresh, `:query` reads):
https://developers.google.com/play/developer/reporting/reference/rest/v1beta1/vitals.crashrate.
"""

import asyncio
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from bot.domain.finding import Inconclusive, UnknownCause
from bot.google_assertion import TOKENS, build_token_request
from diagnostics.clients.http_client import HttpClient
from diagnostics.clients.http_response import HttpResponse, check_response
from diagnostics.clients.response_parsing import clean_line, guard_parsing

PLATFORM = "https://www.googleapis.com/auth/cloud-platform"
REPORTING = "https://www.googleapis.com/auth/playdeveloperreporting"
PLAY = "https://playdeveloperreporting.googleapis.com"
MARGIN = 300
"""Seconds before a token's end from which on a new one is asked for."""

PACIFIC = ZoneInfo("America/Los_Angeles")
"""Where Google Play's days end, whatever the developer's zone."""

DAYS = timedelta(days=7)
CAUSES = {
    400: (UnknownCause.NOT_UNDERSTOOD, "does not take the question"),
    401: (UnknownCause.FORBIDDEN, "refuses the token: it has expired, or is none of Google's"),
    403: (UnknownCause.FORBIDDEN, "does not let this account read"),
    404: (UnknownCause.NOT_FOUND, "knows no such app or project"),
    429: (UnknownCause.THROTTLED, "has its quota used up"),
}
ADVICE = {
    401: "Renew GOOGLE_OAUTH_ACCESS_TOKEN, which lives for an hour, or set a service account's key.",
    403: "Give the account the role to view it, and switch the interface on in the project.",
    404: "Check the ids of the apps and what the account may see.",
}
"""By status: what to do about it."""


@dataclass(frozen=True, slots=True)
class CrashRate:
    """A day's share of users (0 to 1) that met a crash, and that met one while using the app, of `users`.

    `end` is when the day ended; `version` is a code, empty for all of them.
    """

    end: datetime
    crashed: float
    perceived: float
    users: float
    version: str = ""


class GoogleClient:
    """One account: GOOGLE_OAUTH_ACCESS_TOKEN, or the key file that GOOGLE_APPLICATION_CREDENTIALS names. `clock` gives
    seconds since 1970."""

    def __init__(
        self,
        web: HttpClient,
        token: str = "",
        credentials: Path | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._web, self._token, self._credentials, self._clock = web, token, credentials, clock
        self._kept: dict[str, tuple[float, str]] = {}
        self._turn = asyncio.Lock()

    @property
    def configured(self) -> bool:
        """Whether there is a key."""
        return bool(self._token or self._credentials)

    async def ask(
        self,
        method: str,
        url: str,
        scope: str,
        by: float,
        params: Mapping[str, str | int] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """What one method answers. Raises Inconclusive."""
        headers = {"authorization": f"Bearer {await self._access(scope, by)}", "accept": "application/json"}
        content = None if body is None else json.dumps(body).encode()
        if content is not None:
            headers["content-type"] = "application/json"
        answer = await self._web.ask(method, url, by, headers=headers, params=params, content=content)
        if answer.status in CAUSES:
            _refuse(answer)
        told = check_response(answer).json()
        if not isinstance(told, dict):
            raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, "Google answered in a shape that I do not know.")
        return told

    async def fetch_crash_rates(
        self, package: str, by: float, by_version: bool = False
    ) -> tuple[CrashRate, ...]:
        """Google Play's crash rates of the last week that is known, the newest day first. Raises Inconclusive."""
        place = f"{PLAY}/v1beta1/apps/{quote(package, safe='')}/crashRateMetricSet"
        told = await self.ask("GET", place, REPORTING, by)
        with guard_parsing(place):
            fresh = told["freshnessInfo"]["freshnesses"]
            (until,) = [
                _date(freshness["latestEndTime"])
                for freshness in fresh
                if freshness["aggregationPeriod"] == "DAILY"
            ]
        spec = {"aggregationPeriod": "DAILY", "startTime": _day(until - DAYS), "endTime": _day(until)}
        body = {
            "timelineSpec": spec,
            "metrics": ["crashRate", "userPerceivedCrashRate", "distinctUsers"],
            "dimensions": ["versionCode"] if by_version else [],
            "pageSize": 1000,
        }
        told = await self.ask("POST", f"{place}:query", REPORTING, by, body=body)
        with guard_parsing(place):
            found = [_rate(row) for row in told.get("rows", ())]
        return tuple(sorted(found, key=lambda rate: rate.end, reverse=True))

    async def _access(self, scope: str, by: float) -> str:
        if self._token:
            return self._token
        if self._credentials is None:
            said = (
                "Google skipped: neither GOOGLE_APPLICATION_CREDENTIALS nor GOOGLE_OAUTH_ACCESS_TOKEN is set."
            )
            raise Inconclusive(UnknownCause.NOT_CONFIGURED, said, "Set one of them where Tocsin runs.")
        async with self._turn:
            until, token = self._kept.get(scope, (0.0, ""))
            if self._clock() < until:
                return token
            form = _build_token_request(self._credentials, scope, int(self._clock()))
            headers = {"content-type": "application/x-www-form-urlencoded"}
            answer = await self._web.ask("POST", TOKENS, by, headers=headers, content=form)
            if answer.status in (400, 401):
                raise Inconclusive(
                    UnknownCause.FORBIDDEN,
                    "Google refuses the key in GOOGLE_APPLICATION_CREDENTIALS.",
                    "Make a new key for the service account: it was removed, or the clock here is wrong.",
                )
            told = check_response(answer).json()
            with guard_parsing(TOKENS):
                token, seconds = str(told["access_token"]), float(told["expires_in"])
            self._kept[scope] = (self._clock() + seconds - MARGIN, token)
            return token


def _build_token_request(credentials: Path, scope: str, now: int) -> bytes:
    """What says that the service account asks. Raises Inconclusive when the file is no key of one."""
    try:
        return urlencode(build_token_request(credentials, scope, now)).encode()
    except ValueError:
        said = "The file that GOOGLE_APPLICATION_CREDENTIALS names is no service account's key."
        raise Inconclusive(
            UnknownCause.NOT_CONFIGURED, said, "Name the JSON file that Google gave when the key was made."
        ) from None


def _refuse(answer: HttpResponse) -> NoReturn:
    """Raises Inconclusive in Google's own meaning of the status."""
    cause, said = CAUSES[answer.status]
    message = re.search(r'"message"\s*:\s*"([^"]{1,300})', answer.text())
    why = f": {clean_line(message[1]).rstrip('.')}" if message else ""
    raise Inconclusive(cause, f"Google {said} ({answer.status}){why}.", ADVICE.get(answer.status, ""))


def _date(told: Mapping[str, Any]) -> date:
    return date(int(told["year"]), int(told["month"]), int(told["day"]))


def _day(day: date) -> dict[str, Any]:
    return {"year": day.year, "month": day.month, "day": day.day, "timeZone": {"id": PACIFIC.key}}


def _rate(row: Mapping[str, Any]) -> CrashRate:
    values = {metric["metric"]: float(metric["decimalValue"]["value"]) for metric in row["metrics"]}
    dimensions = {
        dimension["dimension"]: str(
            dimension.get("valueLabel") or dimension.get("int64Value") or dimension.get("stringValue") or ""
        )
        for dimension in row.get("dimensions", ())
    }
    end = datetime.combine(_date(row["startTime"]) + timedelta(days=1), clock_time(), PACIFIC)
    return CrashRate(
        end,
        values["crashRate"],
        values["userPerceivedCrashRate"],
        values["distinctUsers"],
        clean_line(dimensions.get("versionCode", "")),
    )
