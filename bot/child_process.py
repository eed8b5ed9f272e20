"""Programs of our own that run beside the bot and answer in frames: start, framing, timeout, kill and restart.

A frame is the length of its payload in 8 bytes, big-endian, and the payload. Both sides write them to a socket, which
is the child's standard input. The child has a session of its own: Ctrl-C reaches the bot alone, which ends the child.
"""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HEADER_BYTES = 8
CHUNK_BYTES = 1 << 20
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class ChildCommand:
    """What Python gets as words, and all of the child's environment. `has_output` when standard error is the bot's."""

    words: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path = ROOT
    has_output: bool = True

    @classmethod
    def of_module(cls, name: str, environment: Mapping[str, str] | None = None) -> "ChildCommand":
        """Run one of our modules, with nothing of the bot's environment but what is given."""
        return cls(("-P", "-m", name), {"PYTHONPATH": str(ROOT), **(environment or {})})

    @property
    def program(self) -> tuple[str, ...]:
        return (sys.executable, *self.words)

    def build_options(self, link: socket.socket) -> dict[str, Any]:
        """How it is started, for `subprocess` and `asyncio` alike."""
        return {
            "stdin": link.fileno(),
            "stdout": subprocess.DEVNULL,
            "stderr": None if self.has_output else subprocess.DEVNULL,
            "cwd": self.folder,
            "env": dict(self.environment),
            "start_new_session": True,
        }


def pack_frame(payload: bytes) -> bytes:
    """The payload as it is sent."""
    return len(payload).to_bytes(HEADER_BYTES, "big") + payload


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    """The next payload. Raises EOFError when the other side is gone."""
    try:
        return await reader.readexactly(int.from_bytes(await reader.readexactly(HEADER_BYTES), "big"))
    except (asyncio.IncompleteReadError, ConnectionError):
        raise EOFError from None


class BlockingChild:
    """A child for threads. Raises OSError where it cannot be started."""

    def __init__(self, command: ChildCommand) -> None:
        self._link, theirs = socket.socketpair()
        with theirs:
            try:
                self.process = subprocess.Popen(command.program, **command.build_options(theirs))
            except BaseException:
                self._link.close()
                raise

    def request(self, payload: bytes, timeout_s: float, max_bytes: int) -> bytes:
        """Its answer. Raises TimeoutError, EOFError when it is gone, ValueError for more than `max_bytes`; then it is
        of no use any more."""
        deadline = time.monotonic() + timeout_s
        try:
            self._link.settimeout(timeout_s)
            self._link.sendall(pack_frame(payload))
            length = int.from_bytes(self._receive(HEADER_BYTES, deadline), "big")
            if length > max_bytes:
                raise ValueError(f"the answer has {length} bytes, more than {max_bytes}")
            return self._receive(length, deadline)
        except ConnectionError:
            raise EOFError from None

    def _receive(self, length: int, deadline: float) -> bytes:
        received = bytearray()
        while len(received) < length:
            self._link.settimeout(max(deadline - time.monotonic(), 0.001))
            part = self._link.recv(min(length - len(received), CHUNK_BYTES))
            if not part:
                raise EOFError
            received += part
        return bytes(received)

    def kill(self) -> None:
        """End it, whatever it does."""
        self._link.close()
        self.process.kill()
        self.process.wait()


@dataclass(slots=True)
class AsyncChild:
    """A child for the event loop, and the way to it."""

    process: asyncio.subprocess.Process
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def start(cls, command: ChildCommand) -> "AsyncChild":
        """Raises OSError where it cannot be started."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                process = await asyncio.create_subprocess_exec(
                    *command.program, **command.build_options(theirs)
                )
            except BaseException:
                ours.close()
                raise
        try:
            reader, writer = await asyncio.open_connection(sock=ours)
        except BaseException:
            ours.close()
            process.kill()
            raise
        return cls(process, reader, writer)

    def kill(self) -> None:
        """End it; `process.wait()` tells when it is gone."""
        with suppress(ProcessLookupError):
            self.process.kill()

    async def close(self) -> None:
        """Kill it and wait until it is gone."""
        self.writer.close()
        self.kill()
        await self.process.wait()


class RequestProcess:
    """A child that answers one request at a time. It starts with the first, and again after one that failed or timed
    out, when it was killed: its late answer would be taken for the next one's."""

    def __init__(self, command: ChildCommand) -> None:
        self._command = command
        self._one_at_a_time = asyncio.Lock()
        self.child: AsyncChild | None = None

    async def request(self, payload: bytes, timeout_s: float) -> bytes:
        """The answer; start and wait for its turn are in the timeout. Raises TimeoutError, EOFError, OSError."""
        async with asyncio.timeout(timeout_s), self._one_at_a_time:
            try:
                child = await self._ensure_started()
                child.writer.write(pack_frame(payload))
                await child.writer.drain()
                return await read_frame(child.reader)
            except BaseException:
                await self.aclose()
                raise

    async def _ensure_started(self) -> AsyncChild:
        if self.child is not None and self.child.process.returncode is not None:
            await self.aclose()
        if self.child is None:
            self.child = await AsyncChild.start(self._command)
        return self.child

    async def aclose(self) -> None:
        """End the child."""
        child, self.child = self.child, None
        if child is not None:
            await child.close()


def take_parent_socket() -> socket.socket:
    """In the child: the socket to the bot. What the child starts itself gets an empty standard input in its place."""
    link = socket.socket(fileno=os.dup(0))
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    return link


def serve_requests(answer: Callable[[bytes], bytes]) -> None:
    """In the child: answer one request after the other until the bot is gone."""
    with take_parent_socket() as link, link.makefile("rwb") as stream:
        while header := stream.read(HEADER_BYTES):
            stream.write(pack_frame(answer(stream.read(int.from_bytes(header, "big")))))
            stream.flush()
