"""The bot's end of the process that others are split off from: one for each task, started at once and without any keys.

Loading what a task needs takes a second; splitting off from what has it loaded takes none.
"""

import asyncio
import os
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

KEPT = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
)
KEPT_BEGINNINGS = ("AWS_", "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
"""What a process inherits: where things are, and who this machine is at AWS, by which a role is assumed."""


class TaskTemplate:
    """Starts the process when it is opened or first needed, and again when it is gone."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._requests: socket.socket | None = None
        self._starting = asyncio.Lock()
        self._running: set[int] = set()

    async def ask(self, task: bytes) -> bytes:
        """The answer of one process to one task; empty where it ended without one. Who is cancelled ends it.
        Raises OSError when none can be started."""
        requests = await self.open()
        said = await self._ask_once(requests, task)
        if (
            said is None
        ):  # what they are split off from was gone; nobody had the task, so that another one may have it
            if requests is self._requests:
                await self._close()
            said = await self._ask_once(await self.open(), task)
        return said or b""

    async def _ask_once(self, requests: socket.socket, task: bytes) -> bytes | None:
        """None where the process surely never had the task."""
        reader, writer = await asyncio.open_connection(sock=_split_off(requests))
        pid = 0
        try:
            if not (name := await reader.readline()):
                return None
            pid = int(name)
            self._running.add(pid)
            writer.write(task)
            writer.write_eof()
            said = await reader.read()
            self._running.discard(pid)
            return said
        except ConnectionError:
            return b"" if pid else None
        finally:
            writer.close()
            if pid in self._running:
                self._running.discard(pid)
                _kill(pid)

    async def aclose(self) -> None:
        """End what runs: what was under way is looked for later."""
        for pid in self._running:
            _kill(pid)
        self._running.clear()
        await self._close()

    async def _close(self) -> None:
        """End what they are split off from; what was split off goes on."""
        async with self._starting:
            if self._requests is not None:
                self._requests.close()
                self._requests = None
            if self._process is not None:
                with suppress(ProcessLookupError):
                    self._process.kill()
                await self._process.wait()

    async def open(self) -> socket.socket:
        """Start what they are split off from, where it does not run, and give the way to it. Raises OSError."""
        async with self._starting:
            if self._requests is None:
                await self._start()
            assert self._requests is not None
            return self._requests

    async def _start(self) -> None:
        own = {
            name: text
            for name, text in os.environ.items()
            if name in KEPT or name.startswith(KEPT_BEGINNINGS)
        }
        path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "bot.adapters.remediation.task_process"),
                stdin=theirs.fileno(),
                stdout=asyncio.subprocess.DEVNULL,
                env={**own, "PYTHONPATH": path},
                start_new_session=True,  # Ctrl-C is the bot's
            )
        self._requests = ours


def _split_off(requests: socket.socket) -> socket.socket:
    """Our end of what leads to a new process."""
    ours, theirs = socket.socketpair()
    with theirs, suppress(OSError):  # then it ends at once, which is seen at our end
        socket.send_fds(requests, [b"+"], [theirs.fileno()])
    ours.setblocking(False)
    return ours


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
