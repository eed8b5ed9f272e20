"""`./tocsin shots`: the pictures of the documentation, taken of the page while it is used, so that they never lie."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from sandbox.demo import scenes
from sandbox.demo.app_icon import write_icon
from sandbox.demo.demo_session import DemoApp, open_bot
from sandbox.demo.review_script import StoryStuckError
from sandbox.demo.scripted_incident import EVERY, IncidentScript
from sandbox.monitored_systems import Breakage, SystemsProcess
from sandbox.slack.slack import Slack
from sandbox.web_ui import build_page_routes
from sandbox.web_ui.links import build_conversation_url

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--force-color-profile=srgb")
DESK, PHONE = (1180, 820), (390, 780)
SETTLED = "!document.querySelector('[aria-busy=true]') && document.fonts.status === 'loaded'"


@dataclass(frozen=True, slots=True)
class Screenshot:
    """One picture: after which chapter of the story, its name, who looks, at what (the room, or their direct message
    with Tocsin), the words of the message that stands on top, and on what screen (width, height)."""

    after: str
    name: str
    who: str
    words: str
    direct: bool = False
    screen: tuple[int, int] = DESK


SHOTS = (
    Screenshot("declare", "called", "bruno", "you're being paged", direct=True, screen=PHONE),
    Screenshot("acknowledge", "alert", "ana", "INCIDENT ALERT"),
    Screenshot("acknowledge", "phone", "chidi", "INCIDENT ALERT", screen=PHONE),
    Screenshot("acknowledge", "playbook", "ana", "Playbook:"),
    Screenshot("reminder", "update", "ana", "We roll it back."),
    Screenshot("tick", "checklist", "ana", "Post-incident checklist"),
)


READ_BEFORE = "reminder"
"""The chapter before whose pictures somebody reads the evidence."""


def find_browser() -> str | None:
    """The path of a Chromium; None when there is none."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


async def take_screenshots(
    chromium: str, app: DemoApp, folder: Path, database: str, into: Path, say: Callable[[str], None]
) -> int:
    """Play the story and take each picture, light and dark, into a folder. Gives 0, or 1 when the story is stuck.

    `folder` is ours for the time, `database` an address.
    """
    into.mkdir(parents=True, exist_ok=True)
    for path in write_icon(into):
        say(str(path))
    slack = await Slack.start(scopes=app.scopes, events=app.events, also=build_page_routes(app.offer, ""))
    try:
        async with async_playwright() as playwright:
            window = await playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))

            async def after(chapter: str, room: str) -> None:
                if chapter == READ_BEFORE:
                    await _read_evidence(window, slack, room)
                for shot in SHOTS:
                    if shot.after == chapter:
                        for dark in (False, True):
                            say(str(await take_screenshot(window, slack, room, shot, dark, into)))

            async with SystemsProcess.start(folder / "world") as world:
                told = scenes.build_settings(world)
                async with open_bot(slack, folder, database, **told, TOCSIN_UPDATE_EVERY=EVERY):
                    await IncidentScript(slack, ignore_line, after=after).play()
                    texts = {}
                    for scene in [*Breakage][1:] + [*Breakage][
                        :1
                    ]:  # what the story looked at is read anew by then
                        found = await scenes.find_breakage(slack, world, scene)
                        texts[scene] = scenes.read_message(slack, found)
                        shot = Screenshot(
                            "", f"evidence-{scene.value}", "ana", texts[scene].splitlines()[0][4:]
                        )
                        for dark in (False, True):
                            say(str(await take_screenshot(window, slack, found.channel, shot, dark, into)))
                say(str(scenes.write_page({scene: texts[scene] for scene in Breakage}, into.parent)))
            await window.close()
    except StoryStuckError as stuck:
        say(f"The story is stuck: {stuck}.")
        return 1
    finally:
        await slack.stop()
    return 0


def ignore_line(line: str) -> None:
    """The story goes on without words."""


async def _read_evidence(window: Browser, slack: Slack, room: str) -> None:
    """Open the thread of what was found, as somebody would by now."""
    page = await window.new_page()
    await page.goto(f"{slack.url}{build_conversation_url(slack.person('ana'), room)}")
    await page.locator(".messages .thread-link").first.click()
    await page.locator(".guide li.done", has_text="Read the evidence").wait_for()
    await page.close()


async def take_screenshot(
    window: Browser, slack: Slack, room: str, shot: Screenshot, dark: bool, into: Path
) -> Path:
    """One picture in this folder; gives its path."""
    width, height = shot.screen
    tab = await window.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        timezone_id="UTC",
        reduced_motion="reduce",
    )
    page = await tab.new_page()
    person = slack.person(shot.who)
    place = slack.direct_messages(shot.who)[-1].channel if shot.direct else room
    await page.goto(f"{slack.url}{build_conversation_url(person, place)}")
    await _on_top(page, shot.words)
    path = into / f"{shot.name}-{'dark' if dark else 'light'}.png"
    await page.screenshot(path=str(path), animations="disabled")
    await tab.close()
    return path


async def _on_top(page: Page, words: str) -> None:
    """Scroll so that the last message with these words stands at the top, and nothing is on the way any more."""
    message = page.locator(".messages .entry", has_text=words).last
    await message.wait_for()
    await message.evaluate(
        "(entry) => entry.parentElement.scrollTop = entry.offsetTop - entry.parentElement.offsetTop"
    )
    await page.wait_for_function(SETTLED)
