"""Clusters of Kubernetes that answer here, and what is said of what they answer."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.command_parsers import classify_command
from bot.domain.check_request import CheckRequest
from bot.domain.finding import Finding
from diagnostics.clients.kubernetes import KubernetesClients
from diagnostics.systems.kubernetes import Kubernetes
from sandbox.monitored_systems.kubernetes import (
    KubernetesCluster,
    write_instant,
    write_kubeconfig,
)
from tests.diagnostics.vendor import soon

NOW = datetime.now(UTC).replace(microsecond=0)
BEGAN = NOW - timedelta(minutes=10)
OLD = NOW - timedelta(days=3)
SECRET = "hunter2-of-the-shop"
Told = dict[str, Any]


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def ended(reason: str, code: int, minutes: float) -> Told:
    return {"terminated": {"reason": reason, "exitCode": code, "finishedAt": write_instant(ago(minutes))}}


@asynccontextmanager
async def serving(
    routes: Iterable[web.AbstractRouteDef], tmp_path: Path, **user: object
) -> AsyncIterator[Kubernetes]:
    app = web.Application()
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    config = tmp_path / "kubeconfig"
    config.write_text(write_kubeconfig(f"http://{host}:{port}", **user))
    clients = KubernetesClients(config)
    try:
        yield Kubernetes(clients)
    finally:
        await clients.aclose()
        await runner.cleanup()


def asking(command: str) -> CheckRequest:
    [action] = classify_command(command).actions
    return CheckRequest("a step", action, NOW, (), BEGAN, command)


async def ask(cluster: KubernetesCluster, command: str, tmp_path: Path) -> Finding:
    cluster.clock = lambda: NOW  # this module may have been read long ago
    async with serving(cluster.build_routes(), tmp_path) as kubernetes:
        found = await kubernetes.run(asking(command), soon())
    assert SECRET not in repr(found)
    return found


def told(found: Finding) -> tuple[str, str]:
    return found.verdict.value, found.headline
