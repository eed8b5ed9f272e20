"""Calls Slack's Web API: each call is sent at most once, read within bounds, and each kind of failure has its error.

Nothing that was sent and nothing that Slack answered, apart from its error code, enters an error or a log.
"""

import json
import logging
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from aiohttp.abc import AbstractStreamWriter
from aiohttp.connector import Connection
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from yarl import URL

from bot.adapters.slack.clock import SlackClock, read_steady_s
from bot.adapters.slack.rate_limits import Gate, MethodRateLimits
from bot.errors import (
    SlackCallError,
    SlackOutcomeUnknown,
    SlackRateLimited,
    SlackRejected,
    SlackUnreachable,
)
from bot.ports import MAY_SEND

T = TypeVar("T")
Answer = AsyncSlackResponse
"""A success: the JSON object as a mapping, and `headers`."""


class SendDeadlineExceeded(aiohttp.ClientError):
    """The connection was there only after the time in which the call may go out; nothing was sent."""


class LeaseCheckedRequest(aiohttp.ClientRequest):
    """Looks at the clock right before the first byte: a frozen program that wakes up must not make a call that
    another replica has taken over. Head and body leave here in one piece, as a task after the connection is there.
    """

    async def write_bytes(
        self, writer: AbstractStreamWriter, conn: Connection, content_length: int | None = None
    ) -> None:
        may_send = MAY_SEND.get()
        if may_send is None or may_send():
            await super().write_bytes(writer, conn, content_length)
        elif conn.protocol is not None:
            conn.protocol.set_exception(SendDeadlineExceeded())
            conn.close()


MAX_BODY = 2_000_000
CHUNK = 65_536
SHORTEST_WAIT, LONGEST_WAIT = 1.0, 300.0
WAIT_UNSAID = 5.0
CODE = re.compile(r"[a-z0-9_.:-]{1,80}")
SCOPE_NAMES = re.compile(r"[a-z0-9_.:,-]{1,200}")

LIMITED = frozenset({"ratelimited", "rate_limited", "too_many_requests"})
TRANSIENT = frozenset(
    {
        "internal_error",
        "fatal_error",
        "file_update_failed",
        "request_timeout",
        "service_unavailable",
        "team_added_to_org",
    }
)
NOTHING_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
)
LONG_WAIT = 10.0
"""Seconds; shorter waits are how Slack works on any busy day."""

MISSHAPEN = (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError, OSError)
"""What reading a well-formed JSON of the wrong shape can raise, an impossible timestamp included."""

QUIET = logging.getLogger("bot.adapters.slack.sdk")
QUIET.setLevel(logging.WARNING)  # below it the SDK writes down whole messages


class PartialRejection(SlackRejected):
    """A refusal whose answer may name the people it is about, each with Slack's code; often it names none."""

    def __init__(self, code: str, method: str, needed: str, people: Mapping[str, str]) -> None:
        super().__init__(code, method, needed)
        self.people = people


class BoundedResponse(aiohttp.ClientResponse):
    """A JSON object of at most MAX_BODY bytes, and an empty object in place of anything else."""

    @property
    def content_type(self) -> str:
        return "application/json"  # the SDK reads other types without a bound

    async def json(self, **_: Any) -> dict[str, Any]:
        body = bytearray()
        async for piece in self.content.iter_chunked(CHUNK):
            body += piece
            if len(body) > MAX_BODY:
                self.close()
                return {}
        try:
            parsed = json.loads(body)
        except (ValueError, RecursionError):
            return {}
        return parsed if isinstance(parsed, dict) else {}


class SlackWebClient:
    """Slack's Web API over one shared connection pool, opened by the first call at the latest.

    `clock` is Slack's, by its answers.
    """

    def __init__(self, token: str, base_url: str, timeout: float) -> None:
        self._timeout = aiohttp.ClientTimeout(total=timeout, connect=timeout * 2 / 3)
        self.client = AsyncWebClient(token, base_url=base_url, retry_handlers=[], logger=QUIET)
        self.client.proxy = find_proxy(base_url)
        self._gates = MethodRateLimits()
        self.clock = SlackClock()
        self._unanswered = ""

    @property
    def trouble(self) -> str:
        """What is wrong with Slack since its last answer, or what it asks to wait long for; empty when nothing is."""
        method, seconds = self._gates.find_longest_wait(time.monotonic())
        if not self._unanswered and seconds > LONG_WAIT:
            return f"Slack limits {method}: again in {seconds:.0f} s"
        return self._unanswered

    async def close(self) -> None:
        """Close the connections."""
        if self.client.session is not None:
            await self.client.session.close()

    async def call(self, method: str, read: Callable[[Answer], T], lane: str = "", **arguments: object) -> T:
        """Ask Slack once and return what `read` makes of the answer.

        `lane` is the channel where Slack limits the method by channel. Arguments that are None are left out.
        Raises SlackRejected, SlackRateLimited, SlackUnreachable or SlackOutcomeUnknown.
        """
        gate = (method, lane)
        self._gates.check(gate, time.monotonic())
        self.open()
        form: Any = encode_form(arguments)  # the SDK passes bytes on to aiohttp as they are
        failure: SlackCallError
        asked_at = read_steady_s()
        try:
            answer = await self.client.api_call(method, data=form)
            self._unanswered = ""
            self.clock.record_date(str(answer.headers.get("Date", "")), read_steady_s() - asked_at)
            return read(answer)
        except SlackApiError as refusal:
            failure = self._build_error(gate, refusal.response)
        except (*NOTHING_SENT, SendDeadlineExceeded):
            failure = SlackUnreachable(f"Slack could not be reached for {method}")
        except TimeoutError:
            failure = SlackOutcomeUnknown(f"Slack did not answer {method} in time")
        except aiohttp.ClientError:
            failure = SlackOutcomeUnknown(f"The connection to Slack broke during {method}")
        except MISSHAPEN:
            failure = SlackOutcomeUnknown(f"Slack's answer to {method} was not understood")
        self._unanswered = str(failure) if isinstance(failure, SlackUnreachable | SlackOutcomeUnknown) else ""
        raise failure  # here, outside of the handlers, so that it does not carry the answer along

    def open(self) -> None:
        """Open the connection pool unless it is open."""
        if self.client.session is None or self.client.session.closed:
            self.client.session = aiohttp.ClientSession(
                timeout=self._timeout, response_class=BoundedResponse, request_class=LeaseCheckedRequest
            )

    def _build_error(self, gate: Gate, answer: Any) -> SlackCallError:
        """The error for an answer that is not a success; `answer` is the SDK's response."""
        method, said = gate[0], answer.data.get("error")
        code = said if isinstance(said, str) else ""
        if answer.status_code == 429 or code in LIMITED:
            wait = _wait(answer.headers.get("Retry-After", ""))
            self._gates.close(gate, wait, time.monotonic())
            return SlackRateLimited(wait, method)
        if answer.status_code >= 500 or code in TRANSIENT:
            return SlackOutcomeUnknown(f"Slack failed during {method}")
        if answer.data.get("ok") is not False or not CODE.fullmatch(code):
            return SlackOutcomeUnknown(f"Slack's answer to {method} was not understood")
        needed = str(answer.data.get("needed", ""))
        people = parse_refused_people(answer.data.get("errors"))
        return PartialRejection(code, method, needed if SCOPE_NAMES.fullmatch(needed) else "", people)


def parse_refused_people(errors: object) -> Mapping[str, str]:
    """Each person with the code from a list of errors such as `{"user": "U1", "error": "cant_invite"}`."""
    named = {}
    for entry in errors if isinstance(errors, list) else ():
        match entry:
            case {"user": str(person), "error": str(code)} if CODE.fullmatch(code):
                named[person] = code
    return named


def find_proxy(address: str) -> str | None:
    """The environment's proxy for the address; the SDK's own choice overlooks NO_PROXY and plain HTTP."""
    parts = urlsplit(address)
    scheme = parts.scheme.replace("ws", "http", 1)  # a websocket takes the same way
    return None if proxy_bypass(parts.hostname or "") else getproxies().get(scheme)


def _wait(header: str) -> float:
    """Seconds to wait; an answer that is no number, or beyond reason, is replaced by a bound of our own."""
    if not re.fullmatch(r"\d{1,9}", header):
        return WAIT_UNSAID
    return min(max(float(header), SHORTEST_WAIT), LONGEST_WAIT)


def encode_form(arguments: Mapping[str, object]) -> bytes:
    """Arguments as Slack's form fields, as they are sent: every method takes those, while reading methods take no JSON.
    The standard library's `urlencode` takes ten times as long for a message's blocks."""
    fields = {name: _field(value) for name, value in arguments.items() if value is not None}
    return URL.build(query=fields).raw_query_string.encode("ascii")


def _field(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("utf-8", "replace").decode("utf-8")
