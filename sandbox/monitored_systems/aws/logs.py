"""The backend's log group: JSON lines of the last two hours, and those that come while somebody looks."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from threading import Lock

from moto.logs.models import LogGroup, LogStream, logs_backends

from sandbox.monitored_systems.names import ACCOUNT, LOG_GROUP, REGION
from sandbox.monitored_systems.scenarios import Breakage, Scene, build_healthy_scene

STREAM = "backend/backend/5d0c1f6be6d94c7fa3c0a2f1f4f6a911"
KEPT, SLOT = 7200, 10
"""Seconds: how far back the lines go, and the piece of time in which the same lines come whenever they are made."""

ENDPOINTS = ("/v1/bookings", "/v1/trucks/search", "/v1/trips", "/v1/payments", "/v1/users/me")
SEARCH = ENDPOINTS[1]


@dataclass(frozen=True, slots=True)
class LogTemplate:
    """Something that the backend says while a thing is broken: so often in a slot; `{n}` differs each time."""

    times: int
    text: str
    level: str = "ERROR"
    endpoint: str = "/v1/bookings"
    status: int = 500
    duration: int = 40


WHILE_BROKEN = {
    Breakage.DEPLOYMENT: (
        LogTemplate(2, "Error: Cannot find module './config/payments' Require stack: - /app/dist/server.js",
             endpoint="", status=0),
        LogTemplate(1, "Error: Process exited with code 1", endpoint="", status=0),
    ),
    Breakage.DATABASE: (
        LogTemplate(5, "Error: sorry, too many clients already", duration=30),
        LogTemplate(2, "Error: remaining connection slots are reserved for roles with the SUPERUSER attribute",
             endpoint="/v1/trips"),
        LogTemplate(2, "Error: timeout of {n} ms exceeded waiting for a connection",
             endpoint=SEARCH, status=504, duration=9800),
    ),
    Breakage.PAYMENTS: (
        LogTemplate(2, "Error: razorpay payment pay_{n} failed: bank_technical_error for shipper{n}@example.com",
             endpoint="/v1/payments", status=502, duration=2900),
        LogTemplate(1, "Error: razorpay webhook signature mismatch for event evt_{n}",
             endpoint="/v1/webhooks/razorpay", status=400),
    ),
    Breakage.ERRORS: (
        LogTemplate(6, "Error: Cannot read properties of undefined (reading 'fare') booking {n}"),
        LogTemplate(2, "Error: rate table has no entry for route {n}", endpoint=SEARCH),
        LogTemplate(1, "Error: upstream maps.example answered 429", endpoint="/v1/trips", status=502),
    ),
    Breakage.SLOW: (
        LogTemplate(4, "GET /v1/trucks/search 200", "INFO", SEARCH, 200, 2400),
        LogTemplate(1, "Error: canceling statement due to statement timeout", endpoint=SEARCH, status=504,
         duration=5000),
    ),
}  # fmt: skip
"""A crash of the app leaves nothing in the backend's log."""


class _LogState:
    scene = build_healthy_scene()
    written = 0
    """The slot that comes next."""

    lock = Lock()


def make() -> None:
    """The group and its one stream."""
    backend = logs_backends[ACCOUNT][REGION]
    backend.create_log_group(LOG_GROUP, {})
    backend.create_log_stream(LOG_GROUP, STREAM)


def show(scene: Scene) -> None:
    """Two hours of lines of this scene instead of what was there."""
    with _LogState.lock:
        _LogState.scene = scene
        _LogState.written = int(datetime.now(UTC).timestamp() - KEPT) // SLOT
        _stream().events = []
    append_new_lines()


def append_new_lines() -> None:
    """Write the lines of the time that has passed since the last ones."""
    with _LogState.lock:
        ends = int(datetime.now(UTC).timestamp()) // SLOT
        if ends > _LogState.written:
            lines = [
                line for slot in range(_LogState.written, ends) for line in _lines(_LogState.scene, slot)
            ]
            _stream().put_log_events([{"timestamp": at, "message": text} for at, text in sorted(lines)])
            _LogState.written = ends


def _stream() -> LogStream:
    group: LogGroup = logs_backends[ACCOUNT][REGION].groups[LOG_GROUP]
    return group.streams[STREAM]


def _lines(scene: Scene, slot: int) -> Iterator[tuple[int, str]]:
    """Instants in milliseconds and lines."""
    chance, begins = Random(slot), slot * SLOT
    broken = scene.broken if datetime.fromtimestamp(begins, UTC) >= scene.since else None

    def line(said: LogTemplate) -> tuple[int, str]:
        duration = max(1, round(said.duration * chance.uniform(0.7, 1.4)))
        text = said.text.replace("{n}", str(chance.randrange(10_000, 99_999)))
        about = {"level": said.level, "message": text, "endpoint": said.endpoint, "status": said.status,
                 "duration": duration, "requestId": f"{chance.getrandbits(64):016x}"}  # fmt: skip
        return begins * 1000 + chance.randrange(SLOT * 1000), json.dumps(about)

    if broken is not Breakage.DEPLOYMENT:
        endpoint = chance.choice(ENDPOINTS)
        yield line(LogTemplate(1, f"GET {endpoint} 200", "INFO", endpoint, 200, 60))
        if slot % 12 == 0:
            yield line(LogTemplate(1, "razorpay payment pay_{n} captured", "INFO", "/v1/payments", 200, 480))
        if slot % 90 == 7:
            yield line(LogTemplate(1, "Error: pincode must have 6 digits", status=400))
    for said in WHILE_BROKEN.get(broken, ()) if broken else ():
        for _ in range(said.times):
            yield line(said)
