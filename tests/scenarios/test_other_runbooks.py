"""Runbooks of other kinds than the one that Tocsin was built on, used for real: declared at their worst severity."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from sandbox.monitored_systems.kubernetes import KubernetesCluster, build_pod, write_kubeconfig
from tests.scenarios.conftest import World

KINDS = Path(__file__).parents[1] / "bot" / "runbook" / "kinds"
OLD = datetime.now(UTC) - timedelta(days=2)
FACTS = re.compile(r"2031|14:30|Pat Example|\bPST\b|Shop is out|@engineer-name")
"""What strangers wrote into these runbooks as examples."""


@pytest.fixture
async def kubeconfig(tmp_path: Path) -> AsyncIterator[Path]:
    """A cluster in which one of two pods has no image."""
    waiting = {"waiting": {"reason": "ImagePullBackOff"}}
    pods = [build_pod("web-1", OLD), build_pod("web-2", OLD, ready=False, state=waiting)]
    app = web.Application()
    app.add_routes(KubernetesCluster({"pods": pods}).build_routes())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    path = tmp_path / "kubeconfig"
    path.write_text(write_kubeconfig(f"http://{host}:{port}"))
    yield path
    await runner.cleanup()


@pytest.mark.parametrize(
    ("name", "words", "told"),
    [
        ("k01-numbered-alarm", "declare p0 Queue Depth Alarm", ("Queue Depth Alarm", "AWS skipped")),
        ("k08-ladder", "declare p0 everything is down", ("On-Call Engineer",)),
        ("k12-whole-file", "declare p0 Cache is slow", ("Cache is slow",)),
        (
            "k14-literal-template",
            "declare p0 Checkout fails",
            ("not known yet", "INCIDENT P0 - Checkout fails"),
        ),
        (
            "k17-details",
            "declare p0 Checkout down",
            ("web-2 cannot get the image of web (ImagePullBackOff)",),
        ),
        ("k23-de", "declare p1 Kasse steht", ("Bereitschaft", "Kasse steht")),
    ],
)
async def test_a_runbook_of_another_kind_is_declared_called_and_looked_at(
    world: World, kubeconfig: Path, name: str, words: str, told: tuple[str, ...]
) -> None:
    async with world.bot(runbook=KINDS / f"{name}.md", kubeconfig=kubeconfig):
        channel = await world.declared(words)
        in_the_room = "\n".join(world.text(post) for post in world.posts(channel))
        announced = "\n".join(world.text(post) for post in world.posts("incident-response"))
    for each in told:
        assert each in in_the_room + announced, in_the_room
    assert not FACTS.search(in_the_room + announced), in_the_room
