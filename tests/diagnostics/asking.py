"""Questions for the tests of the diagnostics, and a web that answers from a function."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import httpx

from bot.domain.check_request import CheckRequest
from bot.domain.playbook import Action, Call, Threshold
from diagnostics.clients.http_client import HttpClient
from diagnostics.clients.http_response import HttpResponse
from tests.machine_speed import measure_slowness

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
BEGAN = NOW - timedelta(minutes=5)


def question(call: Call, *told: Threshold, runs: str = "") -> CheckRequest:
    """What a step asks five minutes into an incident."""
    return CheckRequest("Check", Action(runs, call), NOW, told, BEGAN)


def soon(seconds: float = 5.0) -> float:
    """A deadline by the loop's clock."""
    return asyncio.get_running_loop().time() + seconds


@contextlib.asynccontextmanager
async def standstill() -> AsyncIterator[list[float]]:
    """For how many seconds the event loop stood still at a time while the body ran; empty until it has ended.

    What this process did not compute in counts for nothing: then the machine was at something else. A slower machine is
    allowed for.
    """
    loop, found, slowness = asyncio.get_running_loop(), list[float](), measure_slowness()
    gaps: list[float] = []

    async def watch() -> None:
        last, computed = loop.time(), time.process_time()
        while True:
            await asyncio.sleep(0.005)
            gaps.append(min(loop.time() - last, time.process_time() - computed))
            last, computed = loop.time(), time.process_time()

    watching = asyncio.create_task(watch())
    try:
        yield found
        await asyncio.sleep(0.01)
    finally:
        watching.cancel()
        slowness = max(slowness, measure_slowness())
        found += [gap / slowness for gap in gaps]


def answered(
    status: int = 200, body: bytes = b"{}", seconds: float = 0.02, url: str = "https://a.example/"
) -> HttpResponse:
    """An answer as it came."""
    return HttpResponse(status, {"content-type": "application/json"}, body, seconds, url)


def web(handle: Callable[[httpx.Request], httpx.Response], *hosts: str) -> HttpClient:
    """A client whose requests to these hosts are answered by a function."""
    bases = {f"https://{host}": f"https://{host}" for host in hosts}

    def streamed(request: httpx.Request) -> httpx.Response:
        made = handle(request)
        return httpx.Response(made.status_code, headers=made.headers, stream=httpx.ByteStream(made.content))

    return HttpClient(bases, transport=httpx.MockTransport(streamed))
