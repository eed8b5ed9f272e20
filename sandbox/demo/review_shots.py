"""The pictures of what comes after an incident: the review with the charts of its evidence, an action item at the
tracker, what the runbook learns as a diff, and the statistics."""

from collections.abc import Callable
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from sandbox.demo import scenes
from sandbox.demo.code_host import DemoHosts, open_hosts
from sandbox.demo.demo_session import RUNBOOK, DemoApp, open_bot
from sandbox.demo.review_script import ReviewScript
from sandbox.demo.screenshots import DESK, FLAGS, PHONE, Screenshot, ignore_line, take_screenshot
from sandbox.demo.scripted_incident import TYPED, IncidentScript
from sandbox.monitored_systems import Breakage, SystemsProcess
from sandbox.slack.slack import Slack
from sandbox.web_ui import build_page_routes

FIX = "fix rollback because the new release does not start"
LONG_PHONE = (390, 1140)
"""A phone on which the statistics stand with their whole picture."""

PAGES = (
    Screenshot("review", "after-review", "", "Evidence", screen=DESK),
    Screenshot("review", "after-review-phone", "", "Evidence", screen=PHONE),
    Screenshot("learn", "after-runbook", "", "Changes", screen=DESK),
)
"""Of the code host: which pull request, and the heading that stands on top."""

MESSAGES = (
    Screenshot("", "after-action", "chidi", "A1", screen=PHONE),
    Screenshot("", "after-checklist", "ana", "Post-incident checklist", screen=DESK),
    Screenshot("", "after-statistics", "ana", "Times: the median", screen=LONG_PHONE),
)
REVIEW_SHOTS = (*PAGES, *MESSAGES)


async def take_review(
    chromium: str, app: DemoApp, folder: Path, database: str, into: Path, say: Callable[[str], None]
) -> None:
    """Break the release, declare it, resolve it, play what comes after, and take the pictures."""
    slack = await Slack.start(scopes=app.scopes, events=app.events, also=build_page_routes(app.offer, ""))
    try:
        async with (
            async_playwright() as playwright,
            SystemsProcess.start(folder / "world") as world,
            open_hosts(folder / "repository", RUNBOOK) as hosts,
            open_bot(slack, folder, database, **scenes.build_settings(world), **hosts.settings),
        ):
            assert hosts.code is not None
            room = (await scenes.find_breakage(slack, world, Breakage.DEPLOYMENT)).channel
            script = IncidentScript(slack, ignore_line, hosts=hosts, room=room)
            slack.people.say("bruno", room, TYPED)
            await script.resolve()
            review = ReviewScript(script, hosts)
            await review.write_review()
            await review.improve_runbook()
            await review.add_action()
            await script.wait(lambda: script.in_room("#1"), "the issue's link")
            await slack.people.command("ana", room, "/incident", "stats")
            await script.wait(lambda: "by week" in str(slack.ephemerals("ana")[-1].blocks), "the picture")
            window = await playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
            for dark in (False, True):
                for shot in PAGES:
                    say(str(await _take_page(window, hosts, shot, dark, into)))
                for shot in MESSAGES:
                    say(str(await take_screenshot(window, slack, room, shot, dark, into)))
            await window.close()
    finally:
        await slack.stop()


async def _take_page(window: Browser, hosts: DemoHosts, shot: Screenshot, dark: bool, into: Path) -> Path:
    """A pull request of the code host, from its heading on."""
    assert hosts.code is not None
    number = next(
        each.number for each in hosts.code.pulls if ("runbook" in each.branch) == (shot.after == "learn")
    )
    width, height = shot.screen
    tab = await window.new_context(
        viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light"
    )
    page = await tab.new_page()
    await page.goto(f"{hosts.code.url}/{hosts.code.NAME}/-/merge_requests/{number}")
    heading = page.get_by_role("heading", name=shot.words, exact=True)
    await heading.wait_for()
    if shot.after == "review":
        await page.locator("article li", has=page.locator("img")).first.evaluate(
            "(shown) => shown.scrollIntoView()"
        )
    path = into / f"{shot.name}-{'dark' if dark else 'light'}.png"
    await page.screenshot(path=str(path), animations="disabled")
    await tab.close()
    return path
