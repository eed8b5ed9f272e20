"""A deadline for a whole response of botocore, whose own timeouts hold for each read alone."""

import functools
import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from urllib3.exceptions import HTTPError as BrokenOff
from urllib3.exceptions import ReadTimeoutError as NothingRead

PIECE = 65_536
MAX_RESPONSE_BYTES = 20_000_000
"""Bytes of one answer that are read at most."""


class DeadlineError(Exception):
    """The time is over: nothing more is sent or read."""


class ResponseSizeError(Exception):
    """An answer of more than MOST bytes."""


class InvalidResponseError(Exception):
    """Something that is no answer of AWS's, which botocore would take for an empty one."""


class DeadlineTransport(threading.local):
    """By when the thread that sends has to be done, by the monotonic clock."""

    by = float("inf")

    def attach(self, client: Any) -> Any:
        """The client, whose requests end at `by` from now on."""
        protocol = client.meta.service_model.resolved_protocol
        sent = functools.partial(self._send_request, client._endpoint.http_session, protocol)
        client.meta.events.register("before-send", sent)
        return client

    def _send_request(self, session: Any, protocol: str, request: Any, **_: Any) -> AWSResponse | None:
        if request.stream_output:
            return None
        if time.monotonic() >= self.by:
            raise DeadlineError
        request.stream_output = True  # so that nothing of the body has been read yet
        response = session.send(request)
        try:
            body = b"".join(self._pieces(response.raw))
        except NothingRead as error:
            raise ReadTimeoutError(endpoint_url=request.url, error=error) from None
        except BrokenOff as error:
            raise ConnectionClosedError(endpoint_url=request.url, error=error, request=request) from None
        except BaseException:
            response.raw.close()
            raise
        if response.status_code < 300:
            _check(body, protocol, str(response.headers.get("content-type", "")))
        return AWSResponse(response.url, response.status_code, response.headers, _BodyBuffer(body))

    def _pieces(self, raw: Any) -> Iterator[bytes]:
        """What arrives, as it arrives: one byte a second never comes to a time limit of botocore's."""
        read: Callable[[int], bytes] = raw.read1
        size = 0
        while piece := read(PIECE):
            size += len(piece)
            if size > MAX_RESPONSE_BYTES:
                raise ResponseSizeError(f"answered with more than {MAX_RESPONSE_BYTES / 1e6:.0f} MB.")
            if time.monotonic() >= self.by:
                raise DeadlineError
            yield piece


def _check(body: bytes, protocol: str, kind: str) -> None:
    """A page of a proxy, half a document, another encoding. Raises NoAnswer."""
    if not body:
        return
    if "html" in kind and protocol != "json":
        raise InvalidResponseError
    if protocol == "json" or (protocol == "rest-json" and "json" in kind):
        try:
            found = json.loads(body.decode())
        except (ValueError, RecursionError):
            raise InvalidResponseError from None
        if not isinstance(found, dict):
            raise InvalidResponseError


class _BodyBuffer(io.BytesIO):
    """A body that has been read, as botocore takes it."""

    def stream(self) -> Iterator[bytes]:
        """All of it."""
        yield self.read()
