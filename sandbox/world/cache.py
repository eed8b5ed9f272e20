"""The monitored Redis, where `redis-server` is on PATH: a private one, without TLS."""

import asyncio
import contextlib
import secrets
import shutil
import socket
from collections.abc import Mapping
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import ConnectionError as NotYet

from sandbox.world.breaks import Break, Scene, healthy

PROGRAM = "redis-server"
MEMORY, LITTLE = 64 * 2**20, 3 * 2**20
"""Bytes: what it may use, and what is left to it while an endpoint is slow, so that it throws keys out."""

KEYS_OF_APP, LARGE = 200, "x" * 40_000
STARTS_WITHIN = 10.0


class Cache:
    """One Redis. `note` says what is missing where there is none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._program = shutil.which(PROGRAM)
        self._password = secrets.token_hex(8)
        self._port = 0
        self._running: asyncio.subprocess.Process | None = None

    @property
    def note(self) -> str:
        return "" if self._program else f"There is no {PROGRAM} on this machine: the Redis is left out."

    @property
    def environment(self) -> Mapping[str, str]:
        if self._running is None:
            return {}
        return {"REDIS_HOST": "127.0.0.1", "REDIS_PORT": str(self._port), "REDIS_PASSWORD": self._password}

    async def start(self) -> None:
        """Start it with the app's keys; where there is none, nothing."""
        if self._program is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        self._port = _free_port()
        self._running = await asyncio.create_subprocess_exec(
            *(self._program, "--bind", "127.0.0.1", "--port", str(self._port), "--dir", str(self._folder)),
            *("--save", "", "--appendonly", "no", "--maxmemory", str(MEMORY)),
            *("--maxmemory-policy", "allkeys-lru", "--requirepass", self._password),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(STARTS_WITHIN), self._client() as client:
            while True:
                with contextlib.suppress(NotYet):
                    await client.ping()
                    break
                await asyncio.sleep(0.02)
        await self.show(healthy())

    async def show(self, scene: Scene) -> None:
        """Little memory and keys thrown out while an endpoint is slow; else room for all."""
        if self._running is None:
            return
        async with self._client() as client:
            await client.flushall()
            await client.config_resetstat()
            await client.config_set("maxmemory", LITTLE if scene.has(Break.SLOW) else MEMORY)
            value = LARGE if scene.has(Break.SLOW) else "x"
            for number in range(KEYS_OF_APP):
                await client.set(f"session:{number}", value)
            await client.mget([f"session:{number}" for number in range(KEYS_OF_APP)])

    async def stop(self) -> None:
        """End it; it kept nothing."""
        if self._running is not None and self._running.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._running.kill()
            await self._running.wait()

    def _client(self) -> Redis:
        return Redis(host="127.0.0.1", port=self._port, password=self._password)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
