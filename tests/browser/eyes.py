"""A window of the page, watched for whatever goes on in it besides what is seen."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

WIDER = """() => [...document.querySelectorAll("body, main, .messages, .home, dialog[open]")]
  .filter((each) => each.scrollWidth > each.clientWidth + 1).map((each) => each.className || each.localName)"""


@dataclass
class Eyes:
    """A window and everything that went on in it besides what is seen."""

    page: Page
    home: str
    noise: list[str] = field(default_factory=list)

    async def stumbles(self) -> list[str]:
        """What axe finds wrong, with the first place of each."""
        found = await Axe().run(self.page)
        violations: list[dict[str, Any]] = found.response["violations"]
        return [
            f"{violation['impact']} {violation['id']}: {violation['nodes'][0]['html']}"
            for violation in violations
        ]

    async def wider(self) -> list[str]:
        """What is wider than its place, so that somebody would have to scroll sideways."""
        found: list[str] = await self.page.evaluate(WIDER)
        return found


@asynccontextmanager
async def watched(
    browser: Browser, home: str, *, width: int = 1280, dark: bool = False, zone: str = "Asia/Kolkata"
) -> AsyncIterator[Eyes]:
    """A window on the page at the address `home`. Its noise: errors, refusals of the policy, dialogs, and whatever
    it asks of another address.
    """
    context = await browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
        timezone_id=zone,
        locale="en-GB",
    )
    page = await context.new_page()
    eyes = Eyes(page, home)
    page.on("console", lambda message: eyes.noise.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: eyes.noise.append(f"error: {error}"))

    async def refuse(dialog: Any) -> None:
        eyes.noise.append(f"dialog: {dialog.message}")
        await dialog.dismiss()

    page.on("dialog", refuse)
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((f"{home}/", "data:"))
            else eyes.noise.append(f"asked: {request.url}")
        ),
    )
    yield eyes
    await context.close()
