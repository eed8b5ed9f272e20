"""Everything that the user's runbook looks at, as real servers on this machine, healthy or broken on purpose.

`async with World.start(folder) as world` starts it; `world.environment` is what a bot, or a person with aws, psql,
redis-cli and curl, needs to look at it.
"""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sandbox.monitored_systems.scenarios import TITLES, Breakage

__all__ = ["TITLES", "Breakage", "SystemsProcess", "SystemsProcessError"]

ROOT = Path(__file__).resolve().parent.parent.parent
STARTS_WITHIN, ENDS_WITHIN, OBEYS_WITHIN = 60.0, 15.0, 20.0


class SystemsProcessError(Exception):
    """The world does not start, or is gone: why, in one sentence."""


class SystemsProcess:
    """A world that runs, in a process of its own which ends with this one, however this one ends.

    `environment` are the settings that lead to it, by their vendors' own names. `addresses` are the bases here of the
    sites that the runbook names, by those outside, without a slash at the end. `notes` say what this machine lacks.
    `changed` is called when somebody has mended what was broken: then it has healed.
    """

    def __init__(self, process: asyncio.subprocess.Process, told: Mapping[str, Any]) -> None:
        self._process = process
        self._one_at_a_time = asyncio.Lock()
        self.environment: Mapping[str, str] = told["environment"]
        self.addresses: Mapping[str, str] = told["addresses"]
        self.notes: tuple[str, ...] = tuple(told["notes"])
        self.broken: Breakage | None = None
        self.changed: Callable[[], None] = lambda: None
        self._lines: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
        self._reading = asyncio.create_task(self._read())

    @classmethod
    @asynccontextmanager
    async def start(cls, folder: Path) -> AsyncIterator["SystemsProcess"]:
        """Start it in this folder, everything healthy; end it afterwards. Raises WorldProblem."""
        process = await _spawn_process(folder)
        try:
            world = cls(process, await _read_line(process, STARTS_WITHIN))
            try:
                yield world
            finally:
                world._reading.cancel()
        finally:
            await _end_process(process)

    async def break_(self, what: Breakage) -> None:
        """Break this, and heal what was broken before; return when it can be seen. Raises WorldProblem."""
        await self._ask({"break": what}, what)

    async def heal(self) -> None:
        """Everything as it was at the start. Raises WorldProblem."""
        await self._ask({"heal": True}, None)

    async def _ask(self, command: Mapping[str, Any], then: Breakage | None) -> None:
        # Once asked it is waited for, or the next one would take this one's answer for its own.
        await asyncio.shield(asyncio.ensure_future(self._send_command(command, then)))

    async def _send_command(self, command: Mapping[str, Any], then: Breakage | None) -> None:
        assert self._process.stdin is not None
        async with self._one_at_a_time:
            if self.broken is then:
                return
            self._process.stdin.write(json.dumps(command).encode() + b"\n")
            await self._hear()
            self.broken = then

    async def _hear(self) -> None:
        """Wait for the answer to a command."""
        try:
            async with asyncio.timeout(OBEYS_WITHIN):
                said = await self._lines.get()
        except TimeoutError:
            raise SystemsProcessError(SILENT.format(OBEYS_WITHIN)) from None
        if "problem" in said:
            self._lines.put_nowait(said)  # it stays so
            raise SystemsProcessError(said["problem"])

    async def _read(self) -> None:
        """Keep the answers; what was mended meanwhile is healed."""
        while True:
            assert self._process.stdout is not None
            said = _parse(await self._process.stdout.readline())
            if "mended" in said:
                self.broken = None
                self.changed()
                continue
            self._lines.put_nowait(said)
            if "problem" in said:
                return


async def _spawn_process(folder: Path) -> asyncio.subprocess.Process:
    """In a session of its own: a Ctrl-C is for us, and we end it in good order."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    with contextlib.ExitStack() as stack:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            log = stack.enter_context((folder / "world.log").open("ab"))
        except OSError as error:
            raise SystemsProcessError(
                f"{folder} cannot be written ({error.strerror}). Name a folder that this user may write."
            ) from None
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "bot", "world", str(folder.resolve())),
            cwd=ROOT,
            env={**kept, "PYTHONPATH": str(ROOT)},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )


async def _read_line(process: asyncio.subprocess.Process, within: float) -> Mapping[str, Any]:
    """The next line from the world."""
    assert process.stdout is not None
    try:
        async with asyncio.timeout(within):
            line = await process.stdout.readline()
    except TimeoutError:
        raise SystemsProcessError(SILENT.format(within)) from None
    said = _parse(line)
    if "problem" in said:
        raise SystemsProcessError(said["problem"])
    return said


SILENT = "The sandbox's world has not answered for {:.0f} s."


def _parse(line: bytes) -> Mapping[str, Any]:
    said: dict[str, Any] = json.loads(line) if line else {"problem": "The sandbox's world has ended."}
    return said


async def _end_process(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(ENDS_WITHIN):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
