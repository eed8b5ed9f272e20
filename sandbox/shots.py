"""`./tocsin shots`: the pictures of the documentation, taken of the page while it is used, so that they never lie."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from sandbox import evidence
from sandbox.demo import App, running_bot
from sandbox.page import page_of
from sandbox.page.links import link
from sandbox.slack import Slack
from sandbox.story import EVERY, Story, Stuck
from sandbox.world import Break, World

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--force-color-profile=srgb")
DESK, PHONE = (1180, 820), (390, 780)
SETTLED = "!document.querySelector('[aria-busy=true]') && document.fonts.status === 'loaded'"


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: after which chapter of the story, its name, who looks, at what (the room, or their direct message
    with Tocsin), the words of the message that stands on top, and on what screen (width, height)."""

    after: str
    name: str
    who: str
    words: str
    direct: bool = False
    screen: tuple[int, int] = DESK


SHOTS = (
    Shot("declare", "called", "bruno", "you are called", direct=True, screen=PHONE),
    Shot("acknowledge", "alert", "ana", "INCIDENT ALERT"),
    Shot("acknowledge", "phone", "chidi", "INCIDENT ALERT", screen=PHONE),
    Shot("acknowledge", "playbook", "ana", "Playbook:"),
    Shot("reminder", "update", "ana", "We roll it back."),
    Shot("tick", "checklist", "ana", "Post-incident checklist"),
)


def browser() -> str | None:
    """The path of a Chromium; None when there is none."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


async def take(
    chromium: str, app: App, folder: Path, database: str, into: Path, say: Callable[[str], None]
) -> int:
    """Play the story and take each picture, light and dark, into a folder. Gives 0, or 1 when the story is stuck.

    `folder` is ours for the time, `database` an address.
    """
    into.mkdir(parents=True, exist_ok=True)
    slack = await Slack.start(scopes=app.scopes, events=app.events, also=page_of(app.offer, ""))
    try:
        async with async_playwright() as playwright:
            window = await playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))

            async def after(chapter: str, room: str) -> None:
                for shot in SHOTS:
                    if shot.after == chapter:
                        for dark in (False, True):
                            say(str(await _taken(window, slack, room, shot, dark, into)))

            async with World.start(folder / "world") as world:
                told = evidence.settings(world)
                async with running_bot(slack, folder, database, **told, TOCSIN_UPDATE_EVERY=EVERY):
                    await Story(slack, quiet, after=after).play()
                    texts = {}
                    for scene in [*Break][1:] + [*Break][:1]:  # what the story looked at is read anew by then
                        found = await evidence.found(slack, world, scene)
                        texts[scene] = evidence.told(slack, found)
                        shot = Shot("", f"evidence-{scene.value}", "ana", texts[scene].splitlines()[0][4:])
                        for dark in (False, True):
                            say(str(await _taken(window, slack, found.channel, shot, dark, into)))
                say(str(evidence.write({scene: texts[scene] for scene in Break}, into.parent)))
            await window.close()
    except Stuck as stuck:
        say(f"The story is stuck: {stuck}.")
        return 1
    finally:
        await slack.stop()
    return 0


def quiet(line: str) -> None:
    """The story goes on without words."""


async def _taken(window: Browser, slack: Slack, room: str, shot: Shot, dark: bool, into: Path) -> Path:
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
    await page.goto(f"{slack.url}{link(person, place)}")
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
