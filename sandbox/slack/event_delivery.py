"""Requests from Slack to the bot: signed HTTP, honest or not, and events with their repetitions."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from urllib.parse import urlencode

import aiohttp

from sandbox.slack.clocks import Clocks
from sandbox.slack.request_signing import compute_signature
from sandbox.slack.workspace_model import Json

Kind = Literal["slash_commands", "interactive", "events_api"]
USER_AGENT = "Slackbot 1.0 (+https://api.slack.com/robots)"


@dataclass(frozen=True, slots=True)
class DeliveryOptions:
    """How a request is delivered. `copies` go out at the same time: the identical bytes, or with `fresh_ids`.

    `shifted` moves the timestamp by seconds; `headers` replaces headers, or leaves them out with None;
    `body` replaces the bytes after they were signed.
    """

    copies: int = 1
    fresh_ids: bool = False
    wrong_signature: bool = False
    shifted: float = 0.0
    headers: Mapping[str, str | None] = field(default_factory=dict)
    body: bytes | None = None


ONCE = DeliveryOptions()


@dataclass(frozen=True, slots=True)
class BotAnswer:
    """What came back. `status` is 0 when nothing did; `elapsed` in seconds; `problem`: what the person sees.

    `others` are the answers to the further copies.
    """

    status: int
    body: str
    elapsed: float
    headers: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    trigger_id: str = ""
    response_url: str = ""
    others: tuple["BotAnswer", ...] = ()

    @property
    def ok(self) -> bool:
        return self.status == 200 and not self.problem

    @property
    def parsed(self) -> Any:
        """The body as JSON, or as the text it is."""
        try:
            return json.loads(self.body)
        except ValueError:
            return self.body


class Transport(Protocol):
    """A way from Slack to the bot."""

    async def send(
        self,
        kind: Kind,
        payload: Json,
        delivery: DeliveryOptions = ONCE,
        extra: Mapping[str, str] | None = None,
    ) -> BotAnswer:
        """Deliver one payload once; never raises for what the other side does."""


def encode_payload(kind: Kind, payload: Json) -> tuple[str, bytes]:
    """Content type and bytes, as Slack writes each kind."""
    if kind == "events_api":
        return "application/json", json.dumps(payload).encode()
    form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return "application/x-www-form-urlencoded", urlencode(form).encode()


class HttpTransport:
    """Signed HTTP to one request URL; whoever does not answer within `patience` seconds is given up."""

    def __init__(self, secret: str, clocks: Clocks, patience: float) -> None:
        self.request_url = ""
        self._secret, self._clocks, self._patience = secret, clocks, patience
        self._session = aiohttp.ClientSession()

    async def close(self) -> None:
        await self._session.close()

    async def send(
        self,
        kind: Kind,
        payload: Json,
        delivery: DeliveryOptions = ONCE,
        extra: Mapping[str, str] | None = None,
    ) -> BotAnswer:
        content_type, body = encode_payload(kind, payload)
        timestamp = str(int(self._clocks.now() + delivery.shifted))
        secret = "not" + self._secret if delivery.wrong_signature else self._secret
        headers: dict[str, str | None] = {
            "Content-Type": content_type,
            "User-Agent": USER_AGENT,
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": compute_signature(secret, timestamp, body),
            **(extra or {}),
            **delivery.headers,
        }
        honest = {key: value for key, value in headers.items() if value is not None}
        bytes_sent = body if delivery.body is None else delivery.body
        count = 1 if delivery.fresh_ids else delivery.copies
        answers = await asyncio.gather(*(self._post(honest, bytes_sent) for _ in range(count)))
        first = answers[0]
        return BotAnswer(
            first.status, first.body, first.elapsed, first.headers, first.problem, others=tuple(answers[1:])
        )

    async def _post(self, headers: Mapping[str, str], body: bytes) -> BotAnswer:
        started = time.perf_counter()
        if not self.request_url:
            return BotAnswer(0, "", 0.0, problem="dispatch_failed: no request URL is configured")
        try:
            async with asyncio.timeout(self._patience):
                async with self._session.post(self.request_url, data=body, headers=headers) as response:
                    text = await response.text(errors="replace")
                    problem = "" if response.status == 200 else f"http_error {response.status}"
                    elapsed = time.perf_counter() - started
                    return BotAnswer(response.status, text, elapsed, dict(response.headers), problem)
        except TimeoutError:
            return BotAnswer(0, "", time.perf_counter() - started, problem="operation_timeout")
        except aiohttp.ClientError as error:
            return BotAnswer(0, "", time.perf_counter() - started, problem=f"dispatch_failed: {error}")


REASONS = {"operation_timeout": "http_timeout", "dispatch_failed": "connection_failed"}


FAMILIES = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}


def find_subscription(event: Json) -> str:
    """The name under which an event is subscribed: messages by the kind of conversation they stand in."""
    kind = str(event["type"])
    return f"{kind}.{FAMILIES[event['channel_type']]}" if kind == "message" else kind


def _no_more(answer: BotAnswer) -> bool:
    """Whether the bot asked not to be told again."""
    return any(name.lower() == "x-slack-no-retry" and word == "1" for name, word in answer.headers.items())


class EventSender:
    """Delivers subscribed events without holding up what caused them, and again if they are refused.

    `waiting` counts those that will be delivered again when the clock says so.
    """

    def __init__(
        self,
        transport: Transport,
        wrap: Callable[[Json], Json],
        types: frozenset[str],
        again: tuple[float, ...],
    ) -> None:
        self.types = types
        self.waiting = 0
        self.delivered: list[tuple[Json, BotAnswer]] = []
        self._transport, self._wrap, self._again = transport, wrap, again
        self._running: set[asyncio.Task[BotAnswer]] = set()
        self.enabled: Callable[[], bool] = lambda: True
        self.hears: Callable[[Json], bool] = lambda event: True
        self.after: Callable[[], None] = lambda: None
        self.pause: Callable[[float], Awaitable[None]] = asyncio.sleep

    def emit(self, event: Json) -> None:
        """Deliver the event if its type is subscribed and the app may hear of it."""
        if find_subscription(event) in self.types and self.enabled() and self.hears(event):
            task = asyncio.create_task(self.deliver(event))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def deliver(self, event: Json, delivery: DeliveryOptions = ONCE) -> BotAnswer:
        """Deliver an event until it is taken, at most once and then after each pause of `again`."""
        payload = self._wrap(event)
        answer = await self._transport.send("events_api", payload, delivery)
        for number, pause in enumerate(self._again, 1):
            if 200 <= answer.status < 300 or delivery is not ONCE or _no_more(answer):
                break
            await self._wait(pause)
            reason = REASONS.get(answer.problem.partition(":")[0], "http_error")
            extra = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": reason}
            answer = await self._transport.send("events_api", payload, delivery, extra)
        self.delivered.append((payload, answer))
        self.after()
        return answer

    async def _wait(self, pause: float) -> None:
        self.waiting += 1
        self.after()
        try:
            await self.pause(pause)
        finally:
            self.waiting -= 1

    async def close(self) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
