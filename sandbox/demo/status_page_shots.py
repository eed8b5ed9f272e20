"""The picture of the page that customers read, while an incident goes on that people published from Slack."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, async_playwright

from sandbox.demo.demo_session import DemoApp, build_page_settings, open_bot
from sandbox.demo.screenshots import FLAGS, Screenshot
from sandbox.slack.slack import Slack
from sandbox.slack.workspace_model import WorkspaceMessage
from sandbox.web_ui import build_page_routes

STATUS_PAGE_SHOT = Screenshot("", "status-page", "", "", screen=(760, 900))
SOON = 30.0
WORDS = "declare p1 Card payments fail"
TEXTS = (
    "Some card payments fail. Other ways of paying work. We are looking into it.",
    "We have found the cause of the failing card payments and are mending it. Nothing was charged twice.",
)
AFFECTED: Mapping[str, Any] = {
    "public_text": TEXTS[0],
    "public_components-0": ["own:payments"],
    "public_state": "partial_outage",
}
"""What is chosen in the form of the first text."""


async def take_status_page(
    chromium: str, app: DemoApp, folder: Path, database: str, into: Path, say: Callable[[str], None]
) -> None:
    """Declare an incident, publish two texts for customers, and take the page, light and dark."""
    slack = await Slack.start(scopes=app.scopes, events=app.events, also=build_page_routes(app.offer, ""))
    page = build_page_settings()
    try:
        async with async_playwright() as playwright, open_bot(slack, folder, database, **page):
            await slack.people.command("ana", "general", "/incident", WORDS)
            draft = await _wait_for_draft(slack, "Draft for customers")
            await slack.people.click("ana", draft, "edit_public")
            form = await slack.wait_for(lambda: slack.open_view("ana"), SOON, "the form of the draft")
            assert form is not None
            affected = {name: {name: value} for name, value in AFFECTED.items()}
            await slack.people.submit("ana", form, affected)
            room = draft.channel
            await _wait_for_draft(slack, "status: investigating")
            await slack.people.command("ana", room, "/incident", "status identified")
            await slack.people.command("ana", room, "/incident", f"publish {TEXTS[1]}")
            await slack.people.click("ana", await _wait_for_draft(slack, TEXTS[1]), "publish")
            await _wait_for_draft(slack, "status: identified")
            window = await playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
            for dark in (False, True):
                say(str(await _take(window, page["TOCSIN_STATUS_URL"], dark, into)))
            await window.close()
    finally:
        await slack.stop()


async def _wait_for_draft(slack: Slack, words: str) -> WorkspaceMessage:
    """The bot's newest message with these words."""

    def find() -> WorkspaceMessage | None:
        found = [
            message
            for channel in slack.channels(of_bot=True)
            for message in slack.messages(channel, of_bot=True)
            if words in message.text
        ]
        return found[-1] if found else None

    found = await slack.wait_for(find, SOON, words)
    assert found is not None
    return found


async def _take(window: Browser, address: str, dark: bool, into: Path) -> Path:
    width, height = STATUS_PAGE_SHOT.screen
    tab = await window.new_context(
        viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light"
    )
    shown = await tab.new_page()
    await shown.goto(f"{address}/")
    await shown.get_by_text(TEXTS[1]).wait_for()
    path = into / f"{STATUS_PAGE_SHOT.name}-{'dark' if dark else 'light'}.png"
    await shown.screenshot(path=str(path), animations="disabled")
    await tab.close()
    return path
