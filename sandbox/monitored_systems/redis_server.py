"""The monitored Redis, where `redis-server` is on PATH: a private one, with TLS by an authority of its own."""

import asyncio
import contextlib
import ipaddress
import itertools
import secrets
import shutil
import socket
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as NotYet

from sandbox.monitored_systems.scenarios import Breakage, Scene, build_healthy_scene

PROGRAM = "redis-server"
MEMORY, LITTLE = 64 * 2**20, 3 * 2**20
"""Bytes: what it may use, and what is left to it while an endpoint is slow, so that it throws keys out."""

KEYS_OF_APP, LARGE = 200, "x" * 40_000
START_TIMEOUT_S = 10.0
CERTIFICATE, KEY = "redis.crt", "redis.key"
PRESS_EVERY = 0.1
"""Seconds between two writes of an app that has too little memory."""


class RedisServer:
    """One Redis. `note` says what is missing where there is none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._program = shutil.which(PROGRAM)
        self._password = secrets.token_hex(8)
        self._port = 0
        self._running: asyncio.subprocess.Process | None = None
        self._pressing: asyncio.Task[None] | None = None

    @property
    def note(self) -> str:
        return "" if self._program else f"There is no {PROGRAM} on this machine: the Redis is left out."

    @property
    def environment(self) -> Mapping[str, str]:
        if self._running is None:
            return {}
        return {
            "REDIS_HOST": "127.0.0.1",
            "REDIS_PORT": str(self._port),
            "REDIS_PASSWORD": self._password,
            "REDIS_CACERT": str(self._folder / CERTIFICATE),
        }

    async def start(self) -> None:
        """Start it with the app's keys; where there is none, nothing."""
        if self._program is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        make_certificate(self._folder)
        self._port = _free_port()
        self._running = await asyncio.create_subprocess_exec(
            *(self._program, "--bind", "127.0.0.1", "--port", "0", "--dir", str(self._folder)),
            *("--tls-port", str(self._port), "--tls-auth-clients", "no"),
            *("--tls-cert-file", CERTIFICATE, "--tls-key-file", KEY, "--tls-ca-cert-file", CERTIFICATE),
            *("--save", "", "--appendonly", "no", "--maxmemory", str(MEMORY)),
            *("--maxmemory-policy", "allkeys-lru", "--requirepass", self._password),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(START_TIMEOUT_S), self._client() as client:
            while True:
                with contextlib.suppress(NotYet):
                    await client.ping()
                    break
                await asyncio.sleep(0.02)
        await self.show(build_healthy_scene())

    async def is_mended(self, scene: Scene) -> bool:
        """Nobody mends anything here."""
        return False

    async def show(self, scene: Scene) -> None:
        """Little memory and keys thrown out while an endpoint is slow; else room for all."""
        if self._running is None:
            return
        async with self._client() as client:
            await client.flushall()
            await client.config_resetstat()
            await client.config_set("maxmemory", LITTLE if scene.has(Breakage.SLOW) else MEMORY)
            value = LARGE if scene.has(Breakage.SLOW) else "x"
            for number in range(KEYS_OF_APP):
                await client.set(f"session:{number}", value)
            await client.mget([f"session:{number}" for number in range(KEYS_OF_APP)])
        if self._pressing is not None:
            self._pressing.cancel()
            self._pressing = None
        if scene.has(Breakage.SLOW):
            self._pressing = asyncio.create_task(self._press())

    async def _press(self) -> None:
        """What the app does while memory is short: it writes what it did not find, and throws out what others need."""
        async with self._client() as client:
            for number in itertools.count(KEYS_OF_APP):
                await client.set(f"session:{number % 1000}", LARGE)
                await client.mget([f"session:{number % 1000}", f"session:{(number * 7) % 1000}"])
                await asyncio.sleep(PRESS_EVERY)

    async def stop(self) -> None:
        """End it; it kept nothing."""
        if self._pressing is not None:
            self._pressing.cancel()
        if self._running is not None and self._running.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._running.kill()
            await self._running.wait()

    def _client(self) -> Redis:
        return Redis(
            host="127.0.0.1",
            port=self._port,
            password=self._password,
            ssl=True,
            ssl_ca_certs=str(self._folder / CERTIFICATE),
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_certificate(folder: Path) -> None:
    """A certificate for 127.0.0.1 that is its own authority, and its key, for some days."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "The sandbox's Redis")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=7))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    (folder / CERTIFICATE).write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / KEY).write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    (folder / KEY).chmod(0o600)
