"""The panel of the page: what the runbook looks at is broken and healed in the real world of the demo."""

import os
from pathlib import Path

import aiohttp
import pytest

from sandbox.monitored_systems import SystemsProcess
from sandbox.slack import Slack
from sandbox.web_ui import build_page_routes
from sandbox.web_ui.fault_panel import FaultPanel
from tests.sandbox.browsing import OFFER, Window, state_of


async def test_one_window_breaks_the_world_and_another_sees_it(tmp_path: Path) -> None:
    panel = FaultPanel()
    slack = await Slack.start(also=build_page_routes(OFFER, panel=panel))
    try:
        async with aiohttp.ClientSession() as http, SystemsProcess.start(tmp_path) as world:
            ana, bruno = Window(slack, "ana", http), Window(slack, "bruno", http)
            assert "is starting" in await ana.page()
            assert "nothing like that" in await ana.act("break", what="payments")
            async with bruno.live(state_of(await bruno.page())) as stream:
                panel.ready(world)
                await stream.until("All is well", "panel")
                async with http.get(
                    world.addresses["https://status.razorpay.com"] + "/api/v2/status.json"
                ) as answer:
                    well = await answer.text()
                assert await ana.act("break", what="payments") == ""
                await stream.until("Broken: Payments fail.", "panel")
                async with http.get(
                    world.addresses["https://status.razorpay.com"] + "/api/v2/status.json"
                ) as answer:
                    assert await answer.text() != well
                assert "nothing like that" in await ana.act("break", what="everything")
                assert await ana.act("heal") == ""
                await stream.until("All is well", "panel")
                panel.mark_failed("The sandbox's world has ended.")
                await stream.until("The sandbox&#39;s world has ended.", "panel")
    finally:
        await slack.stop()


def path_without(program: str, into: Path) -> Path:
    """A folder with all that is on PATH but for one program."""
    into.mkdir()
    for folder in map(Path, os.environ["PATH"].split(os.pathsep)):
        for each in folder.iterdir() if folder.is_dir() else ():
            if each.name != program and not (into / each.name).is_symlink():
                (into / each.name).symlink_to(each)
    return into


async def test_what_the_machine_lacks_is_said_in_the_panel_and_the_rest_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(path_without("redis-server", tmp_path / "bin")))
    panel = FaultPanel()
    slack = await Slack.start(also=build_page_routes(OFFER, panel=panel))
    try:
        async with aiohttp.ClientSession() as http, SystemsProcess.start(tmp_path / "world") as world:
            panel.ready(world)
            page = await Window(slack, "ana", http).page()
            assert "There is no redis-server on this machine: the Redis is left out." in page
            assert "REDIS_HOST" not in world.environment
            assert await Window(slack, "ana", http).act("break", what="slow") == ""
    finally:
        await slack.stop()


async def test_a_page_without_a_world_has_no_panel() -> None:
    slack = await Slack.start(also=build_page_routes(OFFER))
    try:
        async with aiohttp.ClientSession() as http:
            ana = Window(slack, "ana", http)
            assert "Break something</h2>" not in await ana.page()
            assert "not there any more" in await ana.act("break", what="payments")
    finally:
        await slack.stop()
