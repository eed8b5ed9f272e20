"""A server that answers as AWS's do: with a document, with an error, half of one, a byte at a time, or never."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

EACH = 0.05
"""Seconds between the bytes of a body that drips."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `drips`: a body that comes byte by byte and never ends. `hangs`: nothing at all."""

    body: bytes = b"{}"
    status: int = 200
    kind: str = "application/x-amz-json-1.1"
    drips: bool = False
    hangs: bool = False


def answer(**values: object) -> Reply:
    """What the services with JSON answer."""
    return Reply(json.dumps(values).encode())


def error(code: str, message: str = "", status: int = 400) -> Reply:
    """An error of the services with JSON (ECS, CloudWatch Logs):
    https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#operation-error-serialization"""
    return Reply(json.dumps({"__type": f"com.amazonaws#{code}", "message": message}).encode(), status)


def xml_error(code: str, message: str = "", status: int = 400) -> Reply:
    """An error of the services with XML (RDS, ELB, STS):
    https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#operation-error-serialization"""
    text = (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
        "<RequestId>b25f48e8</RequestId></ErrorResponse>"
    )
    return Reply(text.encode(), status, "text/xml")


@dataclass(slots=True)
class AnsweringAws:
    """It gives its replies in turn, and the last of them for ever; `asked` are operations and bodies of what came,
    `keys` the ids of the keys that it was signed with."""

    address: str = ""
    replies: Iterator[Reply] | Callable[[str, bytes], Reply] = field(default_factory=lambda: iter(()))
    asked: list[tuple[str, bytes]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    _last: Reply = Reply()

    def say(self, *replies: Reply) -> None:
        """From now on."""
        self.replies = iter(replies)

    @asynccontextmanager
    async def served(self) -> AsyncIterator["AnsweringAws"]:
        """On a free port of loopback."""
        open_here: set[asyncio.Task[None]] = set()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            open_here.add(task)
            try:
                while await self._one(reader, writer):
                    pass
            except (ConnectionError, asyncio.IncompleteReadError):
                self.gone.set()
            except asyncio.CancelledError:
                return  # the server ends; asyncio would tell of it as of a fault
            finally:
                open_here.discard(task)
                writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()
            for task in open_here:
                task.cancel()
            await asyncio.gather(*open_here, return_exceptions=True)

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        told = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head.split("\r\n")[1:])
        }
        body = await reader.readexactly(int(told.get("content-length", 0)))
        operation = told.get("x-amz-target", "").rpartition(".")[2]
        self.asked.append((operation, body))
        self.keys.append(told.get("authorization", "").partition("Credential=")[2].partition("/")[0])
        self.begun.set()
        if callable(self.replies):
            reply = self.replies(operation, body)
        else:
            reply = self._last = next(self.replies, self._last)
        if reply.hangs:
            await reader.read()
            self.gone.set()
            return False
        length = 10**6 if reply.drips else len(reply.body)
        writer.write(
            f"HTTP/1.1 {reply.status} X\r\ncontent-type: {reply.kind}\r\ncontent-length: {length}\r\n\r\n".encode()
        )
        while reply.drips:
            writer.write(b" ")
            await writer.drain()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(reader.read(1), EACH)
        writer.write(reply.body)
        await writer.drain()
        return True


def isolate_aws(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Keys that open nothing, and no settings of the machine that the tests run on."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_ROLE_ARN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(folder / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(folder / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-south-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
