"""Google's programming interfaces: an access token from a service account, and the crash rates of Google Play.

The token: https://developers.google.com/identity/protocols/oauth2/service-account (a signed assertion for a token). It
is signed here, because google-auth brings a client of its own that knows no deadline. Errors:
https://cloud.google.com/apis/design/errors. Crash rates (GET says how fresh, `:query` reads):
https://developers.google.com/play/developer/reporting/reference/rest/v1beta1/vitals.crashrate.
"""

import asyncio
import base64
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

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from diagnostics.answers import line, understood
from diagnostics.finding import CannotTell, Cause
from diagnostics.web import Answer, Web, checked

TOKENS = "https://oauth2.googleapis.com/token"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
PLATFORM = "https://www.googleapis.com/auth/cloud-platform"
REPORTING = "https://www.googleapis.com/auth/playdeveloperreporting"
PLAY = "https://playdeveloperreporting.googleapis.com"
LIFE, MARGIN = 3600, 300
"""Seconds for which a token is asked, and before its end from which on a new one is."""

PACIFIC = ZoneInfo("America/Los_Angeles")
"""Where Google Play's days end, whatever the developer's zone."""

DAYS = timedelta(days=7)
CAUSES = {
    400: (Cause.NOT_UNDERSTOOD, "does not take the question"),
    401: (Cause.FORBIDDEN, "refuses the token: it has expired, or is none of Google's"),
    403: (Cause.FORBIDDEN, "does not let this account read"),
    404: (Cause.NOT_FOUND, "knows no such app or project"),
    429: (Cause.THROTTLED, "has its quota used up"),
}


@dataclass(frozen=True, slots=True)
class Rate:
    """A day's share of users (0 to 1) that met a crash, and that met one while using the app, of `users`.

    `end` is when the day ended; `version` is a code, empty for all of them.
    """

    end: datetime
    crashed: float
    perceived: float
    users: float
    version: str = ""


class Google:
    """One account: GOOGLE_OAUTH_ACCESS_TOKEN, or the key file that GOOGLE_APPLICATION_CREDENTIALS names. `clock` gives
    seconds since 1970."""

    def __init__(
        self,
        web: Web,
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
        """What one method answers. Raises CannotTell."""
        headers = {"authorization": f"Bearer {await self._access(scope, by)}", "accept": "application/json"}
        content = None if body is None else json.dumps(body).encode()
        if content is not None:
            headers["content-type"] = "application/json"
        answer = await self._web.ask(method, url, by, headers=headers, params=params, content=content)
        if answer.status in CAUSES:
            _refuse(answer)
        told = checked(answer).json()
        if not isinstance(told, dict):
            raise CannotTell(Cause.NOT_UNDERSTOOD, "Google answered in a shape that I do not know.")
        return told

    async def rates(self, package: str, by: float, by_version: bool = False) -> tuple[Rate, ...]:
        """Google Play's crash rates of the last week that is known, the newest day first. Raises CannotTell."""
        place = f"{PLAY}/v1beta1/apps/{quote(package, safe='')}/crashRateMetricSet"
        told = await self.ask("GET", place, REPORTING, by)
        with understood(place):
            fresh = told["freshnessInfo"]["freshnesses"]
            (until,) = [
                _date(each["latestEndTime"]) for each in fresh if each["aggregationPeriod"] == "DAILY"
            ]
        spec = {"aggregationPeriod": "DAILY", "startTime": _day(until - DAYS), "endTime": _day(until)}
        body = {
            "timelineSpec": spec,
            "metrics": ["crashRate", "userPerceivedCrashRate", "distinctUsers"],
            "dimensions": ["versionCode"] if by_version else [],
            "pageSize": 1000,
        }
        told = await self.ask("POST", f"{place}:query", REPORTING, by, body=body)
        with understood(place):
            found = [_rate(each) for each in told.get("rows", ())]
        return tuple(sorted(found, key=lambda each: each.end, reverse=True))

    async def _access(self, scope: str, by: float) -> str:
        if self._token:
            return self._token
        if self._credentials is None:
            said = "Google is not asked: neither GOOGLE_APPLICATION_CREDENTIALS nor GOOGLE_OAUTH_ACCESS_TOKEN is set."
            raise CannotTell(Cause.NOT_CONFIGURED, said, "Set one of them where Tocsin runs.")
        async with self._turn:
            until, token = self._kept.get(scope, (0.0, ""))
            if self._clock() < until:
                return token
            form = {
                "grant_type": GRANT,
                "assertion": _assertion(self._credentials, scope, int(self._clock())),
            }
            headers = {"content-type": "application/x-www-form-urlencoded"}
            answer = await self._web.ask(
                "POST", TOKENS, by, headers=headers, content=urlencode(form).encode()
            )
            if answer.status in (400, 401):
                raise CannotTell(
                    Cause.FORBIDDEN,
                    "Google refuses the key in GOOGLE_APPLICATION_CREDENTIALS.",
                    "Make a new key for the service account: it was removed, or the clock here is wrong.",
                )
            told = checked(answer).json()
            with understood(TOKENS):
                token, seconds = str(told["access_token"]), float(told["expires_in"])
            self._kept[scope] = (self._clock() + seconds - MARGIN, token)
            return token


def _assertion(credentials: Path, scope: str, now: int) -> str:
    """What says that the service account asks. Raises CannotTell when the file is no key of one."""
    try:
        told = json.loads(credentials.read_text("utf-8"))
        key = load_pem_private_key(told["private_key"].encode(), password=None)
        claims = {"iss": told["client_email"], "scope": scope, "aud": TOKENS, "iat": now, "exp": now + LIFE}
        head = {"alg": "RS256", "typ": "JWT", "kid": told.get("private_key_id", "")}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        key = None
    if not isinstance(key, RSAPrivateKey):
        said = "The file that GOOGLE_APPLICATION_CREDENTIALS names is no service account's key."
        raise CannotTell(
            Cause.NOT_CONFIGURED, said, "Name the JSON file that Google gave when the key was made."
        )
    signed = ".".join(_encoded(json.dumps(each).encode()) for each in (head, claims))
    return f"{signed}.{_encoded(key.sign(signed.encode(), PKCS1v15(), SHA256()))}"


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _refuse(answer: Answer) -> NoReturn:
    """Raises CannotTell in Google's own meaning of the status."""
    cause, said = CAUSES[answer.status]
    message = re.search(r'"message"\s*:\s*"([^"]{1,300})', answer.text())
    advice = {
        Cause.FORBIDDEN: "Give the account the role to view it, and switch the interface on in the project.",
        Cause.NOT_FOUND: "Look at the ids of the apps, and at what the account may see.",
    }
    why = f": {line(message[1])}" if message else "."
    raise CannotTell(cause, f"Google {said} ({answer.status}){why}", advice.get(cause, ""))


def _date(told: Mapping[str, Any]) -> date:
    return date(int(told["year"]), int(told["month"]), int(told["day"]))


def _day(day: date) -> dict[str, Any]:
    return {"year": day.year, "month": day.month, "day": day.day, "timeZone": {"id": PACIFIC.key}}


def _rate(row: Mapping[str, Any]) -> Rate:
    values = {each["metric"]: float(each["decimalValue"]["value"]) for each in row["metrics"]}
    dimensions = {
        each["dimension"]: str(
            each.get("valueLabel") or each.get("int64Value") or each.get("stringValue") or ""
        )
        for each in row.get("dimensions", ())
    }
    end = datetime.combine(_date(row["startTime"]) + timedelta(days=1), clock_time(), PACIFIC)
    return Rate(
        end,
        values["crashRate"],
        values["userPerceivedCrashRate"],
        values["distinctUsers"],
        line(dimensions.get("versionCode", "")),
    )
