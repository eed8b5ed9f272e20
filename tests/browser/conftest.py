"""The page in a real browser, with the real bot behind it. Skipped without Chromium, required in CI."""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from bot.adapters.slack import list_required_scopes
from handlers import EVENTS
from handlers.slack.command_parser import HELP, WORDS
from sandbox.slack import Slack
from sandbox.web_ui import build_page_routes
from sandbox.web_ui.app_commands import read_app_commands
from tests.scenarios.conftest import PATIENCE, World
from tests.scenarios.conftest import world as world

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
NETWORK = "Failed to load resource"
"""What a browser says of a refusal (409) or of a connection that broke: the page tells it itself."""
expect.set_options(timeout=PATIENCE * 1000)
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no chromium on PATH: in CI the browser's tests are required")
        pytest.skip(
            "NO BROWSER: install chromium (Debian: apt-get install chromium), these tests prove the page"
        )
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        await running.close()


@pytest.fixture
async def slack(browser: Browser) -> AsyncIterator[Slack]:
    """The stand-in with its page, as the demo serves it."""
    page = build_page_routes(read_app_commands(ROOT / "manifest.yml", WORDS, HELP))
    running = await Slack.start(scopes=list_required_scopes(), events=EVENTS, also=page)
    yield running
    await running.stop()


@dataclass
class Window:
    """One tab: whose it is, and what can be done in it."""

    page: Page
    who: str
    trouble: list[str]

    async def open(self, url: str) -> None:
        await self.page.goto(url)

    async def go(self, name: str) -> None:
        """Follow the sidebar's link to a conversation. What is typed before the page's script runs would be lost."""
        await self.page.locator("#sidebar a", has=self.page.get_by_text(name, exact=True)).first.click()
        await self.page.locator("h1", has_text=name.partition(",")[0]).wait_for()
        await self.page.wait_for_load_state("load")

    async def type(self, words: str) -> None:
        """Write into the composer and send it."""
        composer = self.page.locator("main .composer textarea")
        await composer.fill(words)
        await composer.press("Enter")

    def message(self, words: str) -> Locator:
        """The newest message with these words."""
        return self.page.locator("main .entry", has_text=words).last

    @property
    def modal(self) -> Locator:
        return self.page.locator("dialog.modal")

    async def reach(self, wanted: Locator, key: str = "Shift+Tab") -> None:
        """Press a key until this has the focus, as somebody without a mouse does."""
        for _ in range(120):
            if await wanted.evaluate("element => element === document.activeElement"):
                return
            await self.page.keyboard.press(key)
        raise AssertionError(f"{key} does not lead to {wanted}")

    def steps(self, state: str = "done") -> Locator:
        return self.page.locator(f".guide li.{state}")


Windows = Callable[..., Awaitable[Window]]


@pytest.fixture
async def window(browser: Browser, slack: Slack) -> AsyncIterator[Windows]:
    """Makes windows, each with a browser profile of its own. At the end: no error was said in any console."""
    opened: list[Window] = []

    async def make(who: str = "ana", viewport: dict[str, int] | None = None, scheme: str = "light") -> Window:
        context = await browser.new_context(viewport=viewport or DESKTOP, color_scheme=scheme)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE * 1000)
        made = Window(await context.new_page(), who, [])
        made.page.on("pageerror", lambda error: made.trouble.append(str(error)))
        made.page.on(
            "console",
            lambda said: (
                made.trouble.append(said.text) if said.type == "error" and NETWORK not in said.text else None
            ),
        )
        await made.open(f"{slack.url}/?as={who}")
        opened.append(made)
        return made

    yield make
    assert [each.trouble for each in opened if each.trouble] == []


__all__ = ["World"]
