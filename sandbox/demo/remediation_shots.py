"""The pictures of remediations: playbooks from what was found to what worked, by two people in two windows."""

from collections.abc import Callable, Mapping
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from sandbox.demo import scenes
from sandbox.demo.demo_session import DemoApp, open_bot
from sandbox.demo.screenshots import FLAGS, Screenshot, take_screenshot
from sandbox.monitored_systems import Breakage, SystemsProcess
from sandbox.slack.plain_text import render_message_lines
from sandbox.slack.slack import Slack
from sandbox.slack.workspace_model import WorkspaceMessage
from sandbox.web_ui import build_page_routes

WORDS: Mapping[Breakage, str] = {
    Breakage.DEPLOYMENT: "fix rollback because the new release does not start",
    Breakage.DATABASE: "fix end idle sessions over 1 s because the pool does not let them go",
    Breakage.ERRORS: "fix rollback because the errors came with the release",
    Breakage.SLOW: "fix end blocker because one session holds up the others",
    Breakage.CRASHES: "fix switch trip_map off in rodistaa/production/flags because it crashes on the map",
}
"""What Ana proposes in each scene. Bruno approves."""

CARD = "R1: "
REMEDIATION_SHOTS = tuple(
    Screenshot(scene.value, f"remediation-{scene.value}-{part}", who, CARD)
    for scene in WORDS
    for part, who in (("proposed", "bruno"), ("done", "ana"))
)
SOON, IN_THE_END = 30.0, 120.0


async def take_remediation(
    chromium: str,
    app: DemoApp,
    folder: Path,
    database: str,
    into: Path,
    scene: Breakage,
    say: Callable[[str], None],
) -> str:
    """Break the scene, declare it, mend it, and take its pictures. Gives the result as a person reads it."""
    slack = await Slack.start(scopes=app.scopes, events=app.events, also=build_page_routes(app.offer, ""))
    before, after = (shot for shot in REMEDIATION_SHOTS if shot.after == scene.value)
    try:
        async with (
            async_playwright() as playwright,
            SystemsProcess.start(folder / "world") as world,
            open_bot(slack, folder, database, **scenes.build_settings(world)),
        ):
            window = await playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
            found = await scenes.find_breakage(slack, world, scene)
            await slack.people.command("ana", found.channel, "/incident", WORDS[scene])
            card = await slack.wait_for(lambda: _find_card(slack, found.channel), SOON, "the card")
            assert card is not None
            await _take(window, slack, found.channel, before, into, say)
            await slack.people.click("bruno", card, "approve_remediation")

            def result() -> str | None:
                shown = _find_card(slack, found.channel)
                text = _read(slack, shown) if shown else ""
                return next((line for line in text.splitlines() if line.startswith("Result: ")), None)

            told = await slack.wait_for(result, IN_THE_END, "the result")
            assert told is not None
            await _take(window, slack, found.channel, after, into, say)
            await window.close()
            return told
    finally:
        await slack.stop()


def _find_card(slack: Slack, room: str) -> WorkspaceMessage | None:
    messages = slack.messages(room, of_bot=True)
    return next((message for message in messages if _read(slack, message).startswith(CARD)), None)


def _read(slack: Slack, message: WorkspaceMessage) -> str:
    return "\n".join(render_message_lines(slack.workspace, message))


async def _take(
    window: Browser, slack: Slack, room: str, shot: Screenshot, into: Path, say: Callable[[str], None]
) -> None:
    for dark in (False, True):
        say(str(await take_screenshot(window, slack, room, shot, dark, into)))
