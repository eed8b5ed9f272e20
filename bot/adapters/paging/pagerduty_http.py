"""PagerDuty's own clients, each call sent once, read within bounds, never redirected. Imported when first needed.

The clients would wait and repeat by themselves; here every answer that is no success ends the call at once, and the
outbox decides what follows.
"""

import time
from contextlib import closing
from datetime import timedelta
from typing import Any

import httpx2
from pagerduty import ApiClient, EventsApiV2Client, RestApiV2Client

MAX_BODY = 1_000_000
STEP, WHOLE = 4, 8
"""Seconds for the connection and for each read, and for the whole answer."""

NOT_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
)
"""What is raised before anything was sent."""

MAX_RETRY_WAIT = timedelta(minutes=5)


class PagerDutyHttpError(Exception):
    """An HTTP answer that is no success; the body is PagerDuty's, at most MAX_BODY."""

    def __init__(self, response: httpx2.Response) -> None:
        self.status = response.status_code
        self.wait = _wait(response.headers)
        self.body = response.text
        super().__init__(f"HTTP {self.status}")


class ResponseLimitExceeded(Exception):
    """The answer is too long, or too long in coming."""


class _BoundedClient(ApiClient):
    """What both clients do differently from PagerDuty's: once, bounded, and at an address that the settings checked."""

    max_network_attempts = 0
    timeout = STEP

    @property
    def url(self) -> str:
        return self._url or ""

    @url.setter
    def url(self, address: str) -> None:
        self._url = address

    def postprocess(self, response: httpx2.Response, suffix: str | None = None) -> None:
        """PagerDuty's hook after each answer."""
        if not response.is_success:
            raise PagerDutyHttpError(response)

    def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        ends = time.monotonic() + WHOLE
        with closing(super().send(request, **{**options, "stream": True})) as response:
            body = bytearray()
            for piece in response.iter_bytes():
                body += piece
                if len(body) > MAX_BODY or time.monotonic() > ends:
                    raise ResponseLimitExceeded
        return httpx2.Response(
            response.status_code,
            headers={name: response.headers[name] for name in KEPT if name in response.headers},
            content=bytes(body),
            request=request,
        )


KEPT = ("content-type", "retry-after", "ratelimit-reset")


class EventsClient(_BoundedClient, EventsApiV2Client):
    """Events API v2 with one routing key."""


class RestClient(_BoundedClient, RestApiV2Client):
    """The REST API."""


def _wait(headers: httpx2.Headers) -> timedelta | None:
    """How long to wait by `Retry-After` or `ratelimit-reset`, in seconds; None when neither is a number."""
    for name in ("retry-after", "ratelimit-reset"):
        said = headers.get(name, "")
        if said.isascii() and said.isdigit() and len(said) < 10:
            return min(timedelta(seconds=int(said)), MAX_RETRY_WAIT)
    return None
