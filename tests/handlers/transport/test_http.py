"""What is believed to come from Slack: the bytes exactly as signed, within five minutes; and the end of the server."""

import asyncio
import gc
import socket
import time
import warnings
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier

from handlers.transport.http import RequestLimits, add_slack_routes, build_web_app, serve
from handlers.transport.slack_signature import MAX_REQUEST_AGE_S, describe_forgery

SECRET = "a signing secret"
VERIFIER = SignatureVerifier(SECRET)
BODY = b"command=%2Fincident&text=list"


def signed(body: bytes = BODY, seconds: int = 0) -> dict[str, str]:
    at = str(int(time.time()) + seconds)
    signature = VERIFIER.generate_signature(timestamp=at, body=body)
    assert signature is not None
    return {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": signature}


def test_signed_bytes_are_believed_until_they_are_five_minutes_off() -> None:
    assert describe_forgery(VERIFIER, BODY, signed()) is None
    assert describe_forgery(VERIFIER, BODY, signed(seconds=-MAX_REQUEST_AGE_S + 5)) is None
    for seconds in (-MAX_REQUEST_AGE_S - 5, MAX_REQUEST_AGE_S + 5):
        why = describe_forgery(VERIFIER, BODY, signed(seconds=seconds))
        assert why is not None
        assert "the timestamp is more than five minutes off" in why


@pytest.mark.parametrize("body", [BODY + b" ", BODY[:-1], b"", BODY.replace(b"list", b"help")])
def test_other_bytes_than_the_signed_ones_are_not_believed(body: bytes) -> None:
    assert describe_forgery(VERIFIER, body, signed()) == "the signature does not match"


ODD = st.one_of(
    st.text(max_size=80), st.integers().map(str), st.from_regex(r"v0=[0-9a-f]{64}", fullmatch=True)
)


@given(st.dictionaries(st.sampled_from(sorted(signed())), ODD), st.binary(max_size=60))
def test_no_headers_and_no_bytes_make_it_raise_or_believe(headers: Mapping[str, str], body: bytes) -> None:
    assert describe_forgery(VERIFIER, body, headers)


@pytest.mark.parametrize("turns", range(6))
async def test_a_connection_that_was_taken_just_before_the_end_is_not_left_open(turns: int) -> None:
    with warnings.catch_warnings(record=True) as complaints:
        warnings.simplefilter("always")
        listener = socket.create_server(("127.0.0.1", 0))
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(serve(web.Application(), listener))
            with socket.create_connection(listener.getsockname()):
                for _ in range(turns):
                    await asyncio.sleep(0)
                await stack.aclose()
                gc.collect()
    assert [str(complaint.message) for complaint in complaints] == []


HURRIED = RequestLimits(beginning=0.3, body=0.3, reading=0.3)
ASK = b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"
LARGE = b"x" * 4_000_000
"""More than what a kernel takes off our hands."""


@asynccontextmanager
async def server(limits: RequestLimits) -> AsyncIterator[tuple[str, int]]:
    """The HTTP face alone, with a page that is larger than any of ours."""

    async def page() -> web.Response:
        return web.Response(text="ok")

    async def large() -> web.Response:
        return web.Response(body=LARGE)

    app = build_web_app(page, page, large)
    add_slack_routes(app, AsyncApp(token="xoxb-1", signing_secret=SECRET), SECRET, limits)
    listener = socket.create_server(("127.0.0.1", 0))
    async with serve(app, listener, limits):
        yield listener.getsockname()


@asynccontextmanager
async def client(
    address: tuple[str, int], words: bytes
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection on which these words are sent."""
    reader, writer = await asyncio.open_connection(*address)
    writer.write(words)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def is_served(address: tuple[str, int]) -> bool:
    """Whether somebody else gets an answer."""
    async with client(address, ASK) as (reader, _):
        return b" 200 " in await reader.readline()


async def ended(reader: asyncio.StreamReader) -> bytes:
    """What came until the server ended the connection."""
    async with asyncio.timeout(60):
        try:
            return await reader.read()
        except ConnectionError:
            return b""


@pytest.mark.parametrize(
    "words", [b"", b"POST /slack", b"POST /slack/events HTTP/1.1\r\nHost: a\r\nX-Slow: 1"]
)
async def test_a_connection_on_which_no_request_begins_in_time_is_ended(words: bytes) -> None:
    async with server(HURRIED) as address, client(address, words) as (reader, _):
        assert await ended(reader) == b""


@pytest.mark.parametrize(
    "length", [b"Content-Length: 900\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n"]
)
async def test_a_body_that_comes_too_slowly_is_refused_and_others_are_served_meanwhile(length: bytes) -> None:
    words = b"POST /slack/events HTTP/1.1\r\nHost: a\r\n" + length
    async with server(HURRIED) as address, client(address, words) as (reader, _):
        assert await is_served(address)
        answer = await ended(reader)
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"the body did not come in time" in answer


async def test_a_connection_that_was_used_once_is_kept_for_the_next_request() -> None:
    async with server(HURRIED) as address, client(address, ASK) as (reader, writer):
        assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200 ")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3 * HURRIED.beginning):
                await reader.read(1)
        writer.write(ASK)
        assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200 ")


async def test_a_client_that_reads_nothing_is_cut_off_and_others_are_served_meanwhile(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with server(HURRIED) as address:
        with socket.socket() as lazy:
            lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            lazy.connect(address)
            lazy.sendall(ASK.replace(b"/livez", b"/metrics") * 20)
            assert await is_served(address)
            async with asyncio.timeout(60):
                while "timeout after 0.3 s, the client did not read the response" not in caplog.text:
                    await asyncio.sleep(0.03)
            assert await asyncio.to_thread(read_all, lazy) < len(LARGE)


def read_all(connection: socket.socket) -> int:
    """How many bytes still come until the connection ends, in whatever way."""
    count = 0
    with suppress(ConnectionError):
        while piece := connection.recv(100_000):
            count += len(piece)
    return count
