"""A tracker's HTTP interface: one call once, within bounds; what a failure means."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from bot.ports.tracker import TrackerAnswerLost, TrackerBusy, TrackerRefused

CALL_TIMEOUT_S = 4.0
"""Seconds for one call: the lease of an effect is longer."""

MAX_BODY = 5_000_000
MAX_WAIT, DEFAULT_WAIT = timedelta(minutes=15), timedelta(minutes=1)
MAX_WORDS = 200
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""What is raised before anything was sent."""

GONE = frozenset({404, 410})
REFUSALS = {
    401: "{name} does not take the token (HTTP 401): set TOCSIN_TRACKER_TOKEN right.",
    403: "{name} does not let this token do that (HTTP 403): give it the right to create and edit issues.",
}

Json = Any


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """A tracker's answer: its status, and its JSON (None where it has none)."""

    status: int
    json: Json

    @property
    def is_gone(self) -> bool:
        return self.status in GONE


class TrackerApi:
    """Calls one tracker. Raises TrackerRefused, TrackerBusy or TrackerAnswerLost; what is not there is given back."""

    def __init__(
        self,
        name: str,
        base: str,
        headers: Mapping[str, str],
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.name = name
        self._client = httpx.AsyncClient(
            base_url=base,
            headers={"Accept": "application/json", **headers},
            timeout=CALL_TIMEOUT_S,
            follow_redirects=False,
            transport=transport,
            trust_env=False,
        )

    async def ask(
        self,
        method: str,
        path: str,
        body: Json = None,
        *,
        reads: bool = False,
        query: Mapping[str, str] | None = None,
    ) -> ApiAnswer:
        """One call. What only `reads`, as every GET does, may be tried again whatever became of it; a change without an
        answer is lost."""
        reads = reads or method == "GET"
        try:
            async with asyncio.timeout(CALL_TIMEOUT_S):  # the client counts each wait by itself
                answer = await self._client.request(method, path, json=body, params=query)
        except NOT_SENT:
            raise TrackerBusy(f"{self.name} cannot be reached.") from None
        except (httpx.HTTPError, TimeoutError) as error:
            said = f"{self.name} did not answer ({type(error).__name__})."
            raise (TrackerBusy(said) if reads else TrackerAnswerLost(said)) from None
        return self._judge(answer, reads)

    def _judge(self, answer: httpx.Response, reads: bool) -> ApiAnswer:
        status = answer.status_code
        if status == 429 or (status == 403 and _is_over_limit(answer)):
            raise TrackerBusy(f"{self.name} asks to wait (HTTP {status}).", _find_wait(answer))
        if status >= 500:
            said = f"{self.name} failed (HTTP {status})."
            raise TrackerBusy(said) if reads else TrackerAnswerLost(said)
        if status in REFUSALS:
            raise TrackerRefused(REFUSALS[status].format(name=self.name))
        if status not in GONE and not answer.is_success:
            raise TrackerRefused(f"{self.name} says no (HTTP {status}{_explain(answer)}).")
        if len(answer.content) > MAX_BODY:
            raise TrackerBusy(f"{self.name}'s answer is too long.", MAX_WAIT)
        return ApiAnswer(status, _parse(answer))

    async def aclose(self) -> None:
        """Close its connections."""
        await self._client.aclose()


def _is_over_limit(answer: httpx.Response) -> bool:
    """GitHub says so by 403 too."""
    return answer.headers.get("x-ratelimit-remaining") == "0" or "retry-after" in answer.headers


def _find_wait(answer: httpx.Response) -> timedelta:
    said = answer.headers.get("retry-after", "")
    if said.isascii() and said.isdigit() and len(said) < 6:
        return min(timedelta(seconds=max(1, int(said))), MAX_WAIT)
    return DEFAULT_WAIT


def _parse(answer: httpx.Response) -> Json:
    try:
        return answer.json()
    except ValueError:
        return None


def _explain(answer: httpx.Response) -> str:
    """The tracker's own words, as far as they are short text."""
    said = _parse(answer)
    if not isinstance(said, dict):
        return ""
    words = said.get("message") or said.get("error") or said.get("errorMessages") or said.get("errors")
    if isinstance(words, dict):
        words = [f"{name}: {why}" for name, why in words.items()]
    if isinstance(words, list):
        words = "; ".join(str(each) for each in words)
    return f": {' '.join(str(words).split())[:MAX_WORDS]}" if words else ""
