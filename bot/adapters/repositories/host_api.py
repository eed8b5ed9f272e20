"""A code host's HTTP interface: one call once, within bounds; what a failure means."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from bot.ports import MAY_SEND
from bot.ports.code_host import HostAnswerLost, HostBusy, HostRefused

CALL_TIMEOUT_S = 3.0
"""Seconds for one call: the lease of an effect is longer, and what was not answered is looked for after longer."""

MAX_BODY = 20_000_000
MAX_WAIT, USUAL_WAIT = timedelta(minutes=10), timedelta(minutes=1)
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""What is raised before anything was sent."""

Json = Any


@dataclass(frozen=True, slots=True)
class HostAnswer:
    """A host's answer: its status, its JSON (None where it has none), and its own words for people."""

    status: int
    json: Json
    words: str


class HostApi:
    """Calls one host. Raises HostBusy, HostRefused (the token) or HostAnswerLost; any other answer is given back."""

    def __init__(
        self,
        title: str,
        base: str,
        headers: Mapping[str, str],
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.title = title
        self._client = httpx.AsyncClient(
            base_url=base,
            headers=headers,
            timeout=CALL_TIMEOUT_S,
            follow_redirects=False,
            transport=transport,
            trust_env=False,
        )

    async def ask(
        self, method: str, path: str, body: Json = None, changes: bool | None = None, **query: str
    ) -> HostAnswer:
        """One call. `changes` where the method alone does not say whether it does."""
        may_send = MAY_SEND.get()
        if may_send is not None and not may_send():
            raise HostBusy(f"{self.title} was not asked in time.", timedelta(seconds=1))
        writes = method != "GET" if changes is None else changes
        try:
            async with asyncio.timeout(CALL_TIMEOUT_S):  # the client counts each wait by itself
                answer = await self._client.request(method, path, json=body, params=query or None)
        except NOT_SENT:
            raise HostBusy(f"{self.title} cannot be reached.") from None
        except (httpx.HTTPError, TimeoutError) as error:
            said = f"{self.title} did not answer ({type(error).__name__})."
            raise (HostAnswerLost(said) if writes else HostBusy(said)) from None
        return self._judge(answer, writes)

    def _judge(self, answer: httpx.Response, writes: bool) -> HostAnswer:
        status = answer.status_code
        if _is_limited(answer):
            raise HostBusy(f"{self.title} asks to wait (HTTP {status}).", _find_wait(answer))
        if status >= 500:
            said = f"{self.title} failed (HTTP {status})."
            raise HostAnswerLost(said) if writes else HostBusy(said)
        if status == 401:
            raise HostRefused(f"{self.title} does not take TOCSIN_REVIEW_TOKEN (HTTP 401): set a valid one.")
        if len(answer.content) > MAX_BODY:
            raise HostRefused(f"{self.title}'s answer is too long.")
        parsed = _parse(answer)
        return HostAnswer(status, parsed, explain(parsed))

    async def aclose(self) -> None:
        """Close its connections."""
        await self._client.aclose()


def build_refusal(title: str, what: str, answer: HostAnswer) -> HostRefused:
    """What the host said to what was asked of it."""
    hint = RIGHTS if answer.status in (403, 404) else ""
    said = f": {answer.words}" if answer.words else ""
    return HostRefused(f"{title} does not let me {what} (HTTP {answer.status}{said}).{hint}")


RIGHTS = " TOCSIN_REVIEW_TOKEN needs to write contents and pull requests of that repository."


def _is_limited(answer: httpx.Response) -> bool:
    """GitHub says its secondary limits with 403."""
    is_told = "retry-after" in answer.headers or answer.headers.get("x-ratelimit-remaining") == "0"
    return answer.status_code == 429 or (answer.status_code == 403 and is_told)


def _find_wait(answer: httpx.Response) -> timedelta:
    said = answer.headers.get("retry-after", "")
    if not (said.isascii() and said.isdigit() and len(said) < 6):
        return USUAL_WAIT
    return min(timedelta(seconds=max(1, int(said))), MAX_WAIT)


def _parse(answer: httpx.Response) -> Json:
    try:
        return answer.json()
    except ValueError:
        return None


def explain(said: Json) -> str:
    """The host's own words, as far as they are short text."""
    words = said.get("message") or said.get("error") if isinstance(said, dict) else None
    details = said.get("errors") if isinstance(said, dict) else None
    more = [each.get("message", "") if isinstance(each, dict) else str(each) for each in details or ()]
    if isinstance(words, list):
        words = "; ".join(map(str, words))
    told = "; ".join(each for each in (str(words or ""), *more) if each)
    return " ".join(told.split())[:200]
