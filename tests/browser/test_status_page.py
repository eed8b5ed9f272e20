"""Our own status page in a real browser, and the form that publishes on it."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from bot.adapters.status_pages.folder import Folder
from templates.status_page import build_site
from tests.browser.conftest import Windows
from tests.browser.eyes import watched
from tests.scenarios.conftest import World
from tests.templates.test_status_page import HOSTILE, incident, page

PATHS = ("index.html", "history.html", "incidents/000000000001.html", "incidents/000000000002.html")


@pytest.fixture
def site(tmp_path: Path) -> str:
    """A page with open and past incidents and hostile words, as files; gives the folder's address."""
    shown = page(
        incident(1, open=True, text=HOSTILE),
        incident(2, days=3),
        incident(3, days=40, text="W" * 500),
        components=4,
    )
    Folder(tmp_path / "status").write(build_site(shown))
    return (tmp_path / "status").as_uri()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
async def test_axe_finds_nothing_on_any_page_and_nobody_scrolls_sideways(
    browser: Browser, site: str, width: int, dark: bool
) -> None:
    async with watched(browser, site, width=width, dark=dark) as eyes:
        for path in PATHS:
            await eyes.page.goto(f"{site}/{path}")
            assert await eyes.stumbles() == [], path
            assert await eyes.wider() == [], path
        assert eyes.noise == []


async def test_it_is_read_and_walked_through_without_javascript(browser: Browser, site: str) -> None:
    context = await browser.new_context(java_script_enabled=False)
    shown = await context.new_page()
    await shown.goto(f"{site}/index.html")
    await expect(shown.get_by_role("status")).to_contain_text("Partial System Outage")
    await shown.get_by_role("link", name="History").click()
    await shown.get_by_role("link", name="Incident 2").click()
    await expect(shown.locator("main")).to_contain_text("Affected: Part 0")
    await shown.get_by_role("link", name="Acme status").click()
    await expect(shown.get_by_role("heading", level=1)).to_be_visible()
    await context.close()


async def test_what_is_published_with_an_update_fits_the_status_that_is_chosen(
    world: World, window: Windows, tmp_path: Path
) -> None:
    async with world.bot(status_page=str(tmp_path / "status"), status_name="Acme status"):
        channel = await world.declared()
        ana = await window()
        await ana.go("inc-1-api-is-down")
        await ana.type("/incident update")
        await ana.modal.get_by_label("What changed?").fill("Found it")
        await ana.modal.get_by_label("Status", exact=True).select_option("identified")
        await ana.modal.get_by_label("Also publish").check()
        text = ana.modal.get_by_label("What customers read")
        await text.wait_for()
        assert "Status: Identified" in await text.input_value()
        await expect(ana.modal.get_by_label("What changed?")).to_have_value("Found it")
        await ana.modal.get_by_role("button", name="Post and publish").click()
        await world.until(lambda: world.posts(channel, "Public on Acme status: identified"))
        context = ana.page.context
        public = await context.new_page()
        await public.goto((tmp_path / "status" / "index.html").as_uri())
        await expect(public.locator("main")).to_contain_text("Status: Identified")
