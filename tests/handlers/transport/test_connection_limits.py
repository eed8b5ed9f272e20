"""Connections that nobody needs do not keep out those that somebody does."""

import asyncio
import logging
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncApp

from handlers.transport.connection_limits import compute_max_connections, raise_file_limit
from handlers.transport.http import RequestLimits, add_slack_routes, build_web_app, serve
from sandbox.slack.request_signing import compute_signature

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
HURRIED = RequestLimits(beginning=0.3, body=0.3, reading=0.3)
PATIENT = RequestLimits(beginning=30, body=5, reading=5)
ASK = b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"


@asynccontextmanager
async def server(limits: RequestLimits = PATIENT, most: int = 20) -> AsyncIterator[tuple[str, int]]:
    async def page() -> web.Response:
        return web.Response(text="ok")

    app = build_web_app(page, page, page)
    add_slack_routes(app, AsyncApp(token="xoxb-1", signing_secret=SECRET), SECRET, limits)
    listener = socket.create_server(("127.0.0.1", 0))
    async with serve(app, listener, limits, most):
        yield listener.getsockname()


class Client:
    """One connection to the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def to(cls, address: tuple[str, int], words: bytes = b"") -> "Client":
        client = cls(*await asyncio.open_connection(*address))
        client.say(words)
        return client

    def say(self, words: bytes) -> None:
        self._writer.write(words)

    async def hear(self) -> bytes:
        """The status line, or nothing when the connection is over."""
        async with asyncio.timeout(60):
            try:
                line = await self._reader.readline()
                if line:
                    head = await self._reader.readuntil(b"\r\n\r\n")
                    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
                    await self._reader.readexactly(length)
            except ConnectionError:
                return b""
        return line

    async def is_over(self) -> bool:
        self.say(ASK)
        try:
            return await self.hear() == b""
        except ConnectionError:
            return True

    def close(self) -> None:
        self._writer.close()


def signed(path: str = "/slack/events") -> bytes:
    """A request that Slack signed: somebody writes in a channel."""
    event = b'{"type":"message","channel_type":"channel","user":"U1"}'
    body, at = b'{"type":"event_callback","event":' + event + b"}", str(int(time.time()))
    lines = (f"POST {path} HTTP/1.1", "Host: a", "Content-Type: application/json", f"Content-Length: {len(body)}",
             f"X-Slack-Request-Timestamp: {at}",
              f"X-Slack-Signature: {compute_signature(SECRET, at, body)}")  # fmt: skip
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def test_idle_connections_without_end_keep_nobody_out_and_those_of_slack_stay() -> None:
    async with server(most=20) as address:
        slack = await Client.to(address, signed())
        assert await slack.hear()
        idle = [await Client.to(address) for _ in range(100)]
        newcomer = await Client.to(address, ASK)
        assert b" 200 " in await newcomer.hear()
        slack.say(signed())
        assert await slack.hear(), "what came signed is closed last"
        assert sum([await each.is_over() for each in idle[:60]]) == 60, "the oldest ones went"
        for each in (slack, newcomer, *idle):
            each.close()


async def test_where_all_are_slacks_the_longest_unused_is_closed() -> None:
    async with server(most=3) as address:
        clients = [await Client.to(address, signed()) for _ in range(3)]
        for client in clients:
            assert await client.hear()
        clients[0].say(signed())
        assert await clients[0].hear()
        newcomer = await Client.to(address, ASK)
        assert b" 200 " in await newcomer.hear()
        assert [await client.is_over() for client in clients] == [False, True, False]
        for each in (newcomer, *clients):
            each.close()


async def test_a_forged_request_does_not_make_a_connection_stay() -> None:
    async with server(most=3) as address:
        slack = await Client.to(address, signed())
        assert await slack.hear()
        forger = await Client.to(
            address, signed().replace(b"v0=", b"v0=0", 1).replace(b"Host: a", b"Host: b")
        )
        assert b" 401 " in await forger.hear()
        others = [await Client.to(address, ASK) for _ in range(3)]
        assert b" 200 " in await others[-1].hear()
        slack.say(signed())
        assert await slack.hear()
        assert await forger.is_over()
        for each in (slack, forger, *others):
            each.close()


@pytest.mark.parametrize("first", [ASK, signed()], ids=["a page", "a signed request"])
async def test_the_headers_of_each_request_on_a_connection_have_to_come_in_time(first: bytes) -> None:
    async with server(HURRIED) as address:
        client = await Client.to(address, first)
        assert await client.hear()
        client.say(b"POST /slack/events HTTP/1.1\r\nHost: a\r\nX-Slow: ")
        assert await client.hear() == b"", "ended"
        client.close()


async def test_headers_that_trickle_do_not_buy_more_time() -> None:
    async with server(HURRIED) as address:
        client = await Client.to(address, ASK)
        assert await client.hear()
        started = asyncio.get_running_loop().time()
        client.say(ASK.removesuffix(b"\r\n") + b"X-Slow: ")
        over = asyncio.ensure_future(client.hear())
        while not over.done():
            client.say(b"X")
            await asyncio.wait({over}, timeout=0.05)
        assert over.result() == b""
        assert asyncio.get_running_loop().time() - started < 2
        client.close()


@contextmanager
def few_files(more: int) -> Iterator[None]:
    """This process may open so many files more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest = os.dup(1)
    os.close(lowest)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest + more, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


CROWD = """
import resource, socket, sys, urllib.request
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
held = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(200)]
print(urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/livez", timeout=60).status)
"""


async def test_a_process_without_files_left_closes_idle_connections_and_says_so_in_a_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with server(most=2_000) as address:
        with few_files(30):
            crowd = await asyncio.create_subprocess_exec(
                sys.executable, "-c", CROWD, str(address[1]), stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
            said, problems = await asyncio.wait_for(crowd.communicate(), 90)
    assert (said.strip(), problems) == (b"200", b"")
    lines = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert any("no connection can be taken: Too many open files" in line.getMessage() for line in lines)
    assert len(lines) < 10
    assert not any(line.exc_info for line in lines)


@pytest.mark.parametrize(
    ("files", "most"), [(256, 128), (512, 256), (1024, 768), (4096, 2000), (1_048_576, 2000)]
)
def test_connections_leave_files_for_everything_else(files: int, most: int) -> None:
    assert compute_max_connections(files) == most


def test_the_limit_of_open_files_is_raised_to_what_the_system_lets() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, hard))
    try:
        files = raise_file_limit()
        assert files == resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        assert files == (65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
