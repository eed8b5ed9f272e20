"""A provider's HTTP interface: one call once, within bounds, its rate kept on our side; what a failure means."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from bot.ports.publication_repository import PageAnswerLost, PageBusy, PageRefused

CALL_TIMEOUT_S = 3.0
"""Seconds for one call: the lease of an effect is longer, and what was not answered is looked for after longer."""

MAX_BODY = 5_000_000
WINDOW_S = 60.0
LIMITED = frozenset({420, 429})
MAX_WAIT = timedelta(minutes=5)
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""What is raised before anything was sent."""

Json = Any


class RequestPace:
    """So many calls in the last minute, and no more; `clock` gives seconds that never go back."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute, self._clock = per_minute, clock
        self._calls: deque[float] = deque()

    def take(self) -> None:
        """Count one call. Raises PageBusy with how long to wait instead."""
        now = self._clock()
        while self._calls and self._calls[0] <= now - WINDOW_S:
            self._calls.popleft()
        if len(self._calls) >= self._per_minute:
            wait = timedelta(seconds=self._calls[0] + WINDOW_S - now)
            raise PageBusy("The page takes no more requests in this minute.", wait)
        self._calls.append(now)


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """A provider's answer: what its status says, and its JSON (None where it has none)."""

    status: int
    json: Json


class HttpApi:
    """Calls one provider. Raises PageRefused, PageBusy or PageAnswerLost; 404 is given back."""

    def __init__(
        self,
        name: str,
        base: str,
        headers: Mapping[str, str],
        pace: RequestPace,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.name, self._pace = name, pace
        self._client = httpx.AsyncClient(
            base_url=base,
            headers={**headers, "Accept": "application/json"},
            timeout=CALL_TIMEOUT_S,
            follow_redirects=False,
            transport=transport,
            trust_env=False,
        )

    async def ask(self, method: str, path: str, body: Json = None, **query: str) -> ApiAnswer:
        """One call. A read that fails in any way may be tried again; a write without an answer is lost."""
        self._pace.take()
        reads = method == "GET"
        try:
            async with asyncio.timeout(CALL_TIMEOUT_S):  # the client counts each wait by itself
                answer = await self._client.request(method, path, json=body, params=query or None)
        except NOT_SENT:
            raise PageBusy(f"{self.name} cannot be reached.") from None
        except (httpx.HTTPError, TimeoutError) as error:
            said = f"{self.name} did not answer ({type(error).__name__})."
            raise (PageBusy(said) if reads else PageAnswerLost(said)) from None
        return self._judge(answer, reads)

    def _judge(self, answer: httpx.Response, reads: bool) -> ApiAnswer:
        status = answer.status_code
        if status in LIMITED:
            raise PageBusy(f"{self.name} asks to wait (HTTP {status}).", _find_wait(answer))
        if status >= 500:
            said = f"{self.name} failed (HTTP {status})."
            raise PageBusy(said) if reads else PageAnswerLost(said)
        if status in REFUSALS:
            raise PageRefused(REFUSALS[status].format(name=self.name))
        if status != 404 and not answer.is_success:
            raise PageRefused(f"{self.name} says no (HTTP {status}{_explain(answer)}).")
        if len(answer.content) > MAX_BODY:
            raise PageBusy(f"{self.name}'s answer is too long.")
        return ApiAnswer(status, _parse(answer))

    async def aclose(self) -> None:
        """Close its connections."""
        await self._client.aclose()


REFUSALS = {
    401: "{name} does not take the key (HTTP 401): check it.",
    403: "{name} does not let this key do that (HTTP 403): check its rights.",
}


def _parse(answer: httpx.Response) -> Json:
    try:
        return answer.json()
    except ValueError:
        return None


def _find_wait(answer: httpx.Response) -> timedelta:
    """By `Retry-After` in seconds; a minute where none is said: that is the window."""
    said = answer.headers.get("retry-after", "")
    seconds = int(said) if said.isascii() and said.isdigit() and len(said) < 6 else int(WINDOW_S)
    return min(timedelta(seconds=max(1, seconds)), MAX_WAIT)


def _explain(answer: httpx.Response) -> str:
    """The provider's own words, as far as they are short text."""
    said = _parse(answer)
    words = said.get("error") or said.get("message") or said.get("errors") if isinstance(said, dict) else None
    if isinstance(words, list):
        told = [each.get("message", "") if isinstance(each, dict) else each for each in words]
        words = "; ".join(str(each) for each in told if each)
    return f": {str(words)[:200]}" if words else ""
