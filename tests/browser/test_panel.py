"""The panel that breaks the world, where the machine lacks a program: its note can be read."""

from pathlib import Path

import pytest
from playwright.async_api import Browser

from sandbox.monitored_systems import SystemsProcess
from sandbox.slack import Slack
from sandbox.web_ui import build_page_routes
from sandbox.web_ui.fault_panel import FaultPanel
from tests.browser.conftest import browser as browser
from tests.browser.eyes import watched
from tests.sandbox.browsing import OFFER
from tests.sandbox.web_ui.test_panel import path_without


async def test_what_the_machine_lacks_can_be_read_in_the_light_and_in_the_dark(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(path_without("redis-server", tmp_path / "bin")))
    panel = FaultPanel()
    slack = await Slack.start(also=build_page_routes(OFFER, panel=panel))
    try:
        async with SystemsProcess.start(tmp_path / "world") as world:
            panel.ready(world)
            for dark in (False, True):
                async with watched(browser, slack.url, dark=dark) as eyes:
                    await eyes.page.goto(f"{slack.url}/?as=ana")
                    await eyes.page.get_by_text("There is no redis-server").wait_for()
                    assert await eyes.stumbles() == []
    finally:
        await slack.stop()
