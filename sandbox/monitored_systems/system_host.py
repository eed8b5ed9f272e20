"""The world's own process: starts everything, then does what it is told until nobody is there to tell it.

Its standard input carries `{"break": "slow"}` and `{"heal": true}`, its standard output one line for each and one for
the start, and `{"mended": true}` when somebody has mended what was broken: then everything heals. When the input ends,
whatever became of who held it, everything that was started here ends too.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from sandbox.monitored_systems.aws import MotoServer
from sandbox.monitored_systems.database import SETTINGS, AppDatabase, PostgresServer
from sandbox.monitored_systems.names import KEYS
from sandbox.monitored_systems.redis_server import RedisServer
from sandbox.monitored_systems.scenarios import Breakage, Scene, build_broken_scene, build_healthy_scene
from sandbox.monitored_systems.sites import Sites

LOOKS_EVERY = 0.2
"""Seconds between looks whether somebody has mended what is broken."""


class SystemGroup(Protocol):
    """One part of the world."""

    @property
    def environment(self) -> Mapping[str, str]: ...
    async def start(self) -> None: ...
    async def show(self, scene: Scene) -> None: ...
    async def is_mended(self, scene: Scene) -> bool: ...
    async def stop(self) -> None: ...


ServerFactory = Callable[[Path, Mapping[str, str]], PostgresServer]
"""A private PostgreSQL in this folder, with these settings."""


async def run_systems(folder: Path, postgres: ServerFactory) -> None:
    """Everything, until standard input ends. What is in the way is told to who started us, in one sentence."""
    commands = await _standard_input()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, commands.over.set)
    ended = asyncio.create_task(_here(folder, postgres, commands))
    gone = asyncio.create_task(commands.over.wait())
    await asyncio.wait((ended, gone), return_when=asyncio.FIRST_COMPLETED)
    ended.cancel()
    gone.cancel()
    await asyncio.gather(ended, gone, return_exceptions=True)
    if not ended.cancelled() and (problem := ended.exception()):
        _tell({"problem": _sentence(problem)})
        raise problem


def _sentence(problem: BaseException) -> str:
    """What is in the way; of several things the first."""
    while isinstance(problem, BaseExceptionGroup):
        problem = problem.exceptions[0]
    return " ".join(str(problem).split()) or repr(problem)


async def _here(folder: Path, postgres: ServerFactory, commands: "_Commands") -> None:
    sites = Sites(folder / "google-key.json")
    cache = RedisServer(folder / "redis")
    rooms: list[SystemGroup] = [
        AppDatabase(postgres(folder / "postgres", SETTINGS)),
        MotoServer(),
        cache,
        sites,
    ]
    try:
        async with asyncio.TaskGroup() as group:
            for room in rooms:
                group.create_task(room.start())
        environment = {name: value for room in rooms for name, value in room.environment.items()} | KEYS
        _tell(
            {
                "environment": environment,
                "addresses": sites.addresses,
                "notes": [cache.note] if cache.note else [],
            }
        )
        scene = build_healthy_scene()
        while True:
            asked = await commands.next(LOOKS_EVERY)
            if asked is not None:
                scene = await _obey(rooms, asked)
                _tell({"done": asked})
            elif scene.broken is not None and await _is_mended(rooms, scene):
                scene = await _obey(rooms, {})
                _tell({"mended": True})
    finally:
        await asyncio.gather(*(room.stop() for room in rooms), return_exceptions=True)


async def _is_mended(rooms: list[SystemGroup], scene: Scene) -> bool:
    return any([await room.is_mended(scene) for room in rooms])


async def _obey(rooms: list[SystemGroup], asked: Mapping[str, Any]) -> Scene:
    scene = build_broken_scene(Breakage(asked["break"])) if "break" in asked else build_healthy_scene()
    await asyncio.gather(*(room.show(scene) for room in rooms))
    return scene


class _Commands:
    """The lines of standard input. `over` is set when it has ended."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self.over = asyncio.Event()
        self._lines: asyncio.Queue[bytes] = asyncio.Queue()
        self._reading = asyncio.create_task(self._read(reader))

    async def next(self, within: float) -> dict[str, Any] | None:
        """The next command; None when there is none for so many seconds."""
        try:
            async with asyncio.timeout(within):
                line = await self._lines.get()
        except TimeoutError:
            return None
        read: dict[str, Any] = json.loads(line)
        return read

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            self._lines.put_nowait(line)
        self.over.set()


async def _standard_input() -> _Commands:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    return _Commands(reader)


def _tell(said: Mapping[str, Any]) -> None:
    """One line for who started us; nobody hears it when they are gone."""
    try:
        print(json.dumps(said), flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
