"""A provider's HTTP interface: one call once, within bounds; what a failure means for who made it."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

import httpx

from bot.ports import MAY_SEND

NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""What is raised before anything was sent."""

LIMITED = frozenset({420, 429})
WAIT = timedelta(minutes=1)
"""How long a provider wants to be left alone that does not say how long."""

UNFIT = frozenset({400, 413, 422})
"""How a provider says that what was sent does not suit it."""

NOT_IN_TIME = timedelta(seconds=1)
MAX_WORDS = 200
MAX_DIGITS = 5

Json = Any


class BusyError(Protocol):
    """Makes the error that says: nothing was done, again after `delay`."""

    def __call__(self, why: str, delay: timedelta = ..., /) -> Exception: ...


@dataclass(frozen=True, slots=True)
class ApiRules:
    """What a call may take, and what its failures are called by who made it.

    `refused` would be refused again; after `lost` it may have been done. `refusals` has the sentence for a status, with
    `{name}` for the provider; every other refusal has the provider's own words, and is `unfit` where what was sent does
    not suit it, if that matters to who made it. The statuses `returned` are an answer like any other: all of them where
    it is None.
    """

    refused: Callable[[str], Exception]
    busy: BusyError
    lost: Callable[[str], Exception]
    refusals: Mapping[int, str]
    returned: frozenset[int] | None
    timeout_s: float
    max_body: int
    max_wait: timedelta
    unfit: Callable[[str], Exception] | None = None


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """A provider's answer: its status, its JSON (None where it has none), and its own words about a failure."""

    status: int
    json: Json
    words: str

    @property
    def is_gone(self) -> bool:
        return self.status in {404, 410}


class ProviderApi:
    """Calls one provider by its rules. `start` is called before each call, and may raise what keeps it back."""

    def __init__(
        self,
        name: str,
        base: str,
        headers: Mapping[str, str],
        rules: ApiRules,
        transport: httpx.AsyncBaseTransport | None = None,
        start: Callable[[], None] = lambda: None,
    ) -> None:
        self.name, self._rules, self._start = name, rules, start
        self._client = httpx.AsyncClient(
            base_url=base,
            headers={"Accept": "application/json", **headers},
            timeout=rules.timeout_s,
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
        self._require_lease()
        self._start()
        try:
            async with asyncio.timeout(self._rules.timeout_s):  # the client counts each wait by itself
                sent = self._client.stream(method, path, json=body, params=query or None)
                async with sent as answer:
                    content = await self._read(answer)
        except NOT_SENT:
            raise self._rules.busy(f"{self.name} cannot be reached.") from None
        except (httpx.HTTPError, TimeoutError) as error:
            raise self._unanswered(f"{self.name} did not answer ({type(error).__name__}).", reads) from None
        return self._judge(answer, content, reads)

    async def _read(self, answer: httpx.Response) -> bytes:
        """The answer's body; of one that is too long a little more than is allowed."""
        body = bytearray()
        async for part in answer.aiter_bytes():
            body += part
            if len(body) > self._rules.max_body:
                break
        return bytes(body)

    def _require_lease(self) -> None:
        """What somebody else may have taken over meanwhile is not sent."""
        may_send = MAY_SEND.get()
        if may_send is not None and not may_send():
            raise self._rules.busy(f"{self.name} was not asked in time.", NOT_IN_TIME)

    def _unanswered(self, words: str, reads: bool) -> Exception:
        return self._rules.busy(words) if reads else self._rules.lost(words)

    def _judge(self, answer: httpx.Response, content: bytes, reads: bool) -> ApiAnswer:
        status, rules = answer.status_code, self._rules
        if _is_limited(answer):
            raise rules.busy(f"{self.name} asks to wait (HTTP {status}).", self._find_wait(answer))
        if status >= 500:
            raise self._unanswered(f"{self.name} failed (HTTP {status}).", reads)
        if status in rules.refusals:
            raise rules.refused(rules.refusals[status].format(name=self.name))
        if len(content) > rules.max_body:
            said = f"{self.name}'s answer is too long."
            raise rules.refused(said) if reads else rules.lost(said)
        parsed = _parse(content)
        found = ApiAnswer(status, parsed, explain(parsed))
        if not answer.is_success and rules.returned is not None and status not in rules.returned:
            words = f": {found.words}" if found.words else ""
            refused = rules.unfit if rules.unfit and status in UNFIT else rules.refused
            raise refused(f"{self.name} says no (HTTP {status}{words}).")
        return found

    def _find_wait(self, answer: httpx.Response) -> timedelta:
        """By `Retry-After` in seconds."""
        said = answer.headers.get("retry-after", "")
        if not (said.isascii() and said.isdigit() and len(said) <= MAX_DIGITS):
            return WAIT
        return min(timedelta(seconds=max(1, int(said))), self._rules.max_wait)

    async def aclose(self) -> None:
        """Close its connections."""
        await self._client.aclose()


def _is_limited(answer: httpx.Response) -> bool:
    """GitHub says its secondary limits with 403."""
    is_told = "retry-after" in answer.headers or answer.headers.get("x-ratelimit-remaining") == "0"
    return answer.status_code in LIMITED or (answer.status_code == 403 and is_told)


def _parse(content: bytes) -> Json:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def explain(said: Json) -> str:
    """A provider's own words about a failure, in one short line: `message` and `error`, with the details below them."""
    if not isinstance(said, dict):
        return ""
    first = said.get("message") or said.get("error") or said.get("errorMessages")
    told = [*_list_words(first), *_list_words(said.get("errors"))]
    return " ".join("; ".join(told).split())[:MAX_WORDS]


def _list_words(value: Json) -> list[str]:
    if isinstance(value, dict):
        return [f"{name}: {why}" for name, why in value.items()]
    listed = value if isinstance(value, list) else [value]
    words = (part.get("message") if isinstance(part, dict) else part for part in listed)
    return [str(word) for word in words if word]
