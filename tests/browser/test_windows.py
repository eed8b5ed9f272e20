"""Several windows at once, what only one person sees, errors beside fields, and what a screen reader meets."""

import asyncio
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from sandbox.slack import Slack
from sandbox.slack.posting import show_ephemeral
from tests.browser.conftest import PHONE, Window, Windows
from tests.scenarios.conftest import World

pytestmark = pytest.mark.whole  # several windows side by side

SERIOUS = ("serious", "critical")


async def test_one_clicks_and_the_other_sees_it(world: World, window: Windows) -> None:
    async with world.bot():
        ana, bruno = await asyncio.gather(window("ana"), window("bruno"))
        await ana.type("/incident declare p0 API is down")
        # The direct message; who was reached by it is not mentioned in the channel too.
        await expect(bruno.page.locator("#sidebar .count")).to_have_count(1)
        await asyncio.gather(ana.go("inc-1-api-is-down"), bruno.go("Tocsin, messages"))
        await bruno.message("You're being paged").get_by_role("button", name="Acknowledge").click()
        await ana.message("Bruno Keller acknowledged").wait_for()
        await expect(
            bruno.message("You're being paged").get_by_role("button", name="Acknowledge")
        ).to_have_count(0)
        # The direct message is read; the channel names who acknowledged.
        await expect(bruno.page.locator("#sidebar .count")).to_have_count(1)


async def test_what_is_whispered_to_one_is_in_no_other_window(world: World, window: Windows) -> None:
    async with world.bot():
        ana, bruno = await window("ana"), await window("bruno")
        await ana.type("/incident help")
        await ana.message("/incident declare [private]").wait_for()
        await expect(ana.message("/incident declare [private]")).to_contain_text("Only visible to you")
        world.slack.people.say("chidi", "general", "good morning")
        await bruno.message("good morning").wait_for()
        assert await bruno.page.locator(".entry", has_text="/incident declare").count() == 0
        await ana.message("/incident declare [private]").hover()
        await ana.message("/incident declare [private]").get_by_role("button", name="Dismiss").click()
        await expect(ana.page.locator(".entry", has_text="/incident declare")).to_have_count(0)


async def test_errors_stand_beside_their_fields_and_what_was_typed_stays(
    world: World, window: Windows
) -> None:
    async with world.bot():
        await world.declared()
        ana = await window("ana")
        await ana.go("inc-1-api-is-down")
        await ana.message("INCIDENT ALERT").get_by_role("button", name="Post update").click()
        text = ana.modal.get_by_label("What changed?")
        await text.fill("")
        await ana.modal.locator("footer .primary").click()
        await expect(ana.modal.locator(".error")).to_have_text("Please complete this required field.")
        await expect(text).to_have_attribute("aria-invalid", "true")
        await expect(text).to_be_focused()
        await text.fill("kept words")
        await world.incident("bruno", "update something else happened", "inc-1-api-is-down")
        await world.quiet()
        await ana.modal.locator("footer .primary").click()
        await expect(ana.modal).to_contain_text("something else happened")
        await expect(ana.modal.get_by_label("What changed?")).to_have_value("kept words")
        await ana.page.keyboard.press("Escape")
        await expect(ana.modal).to_be_hidden()
        assert world.slack.open_view("ana") is None


async def test_a_channel_that_breaks_off_comes_back_with_everything(slack: Slack, window: Windows) -> None:
    bruno = await window("bruno")
    slack.people.say("ana", "general", "before")
    await bruno.message("before").wait_for()
    await slack.go_away()
    await expect(bruno.page.locator(".away")).to_be_visible()
    slack.people.say("ana", "general", "while it was away")
    await slack.come_back()
    await bruno.message("while it was away").wait_for()
    await expect(bruno.page.locator(".away")).to_be_hidden()
    assert await bruno.page.locator(".entry", has_text="before").count() == 1


async def test_a_message_has_a_menu_a_thread_reactions_and_can_be_edited(
    slack: Slack, window: Windows
) -> None:
    ana = await window("ana")
    await ana.type("the disk is fulll")
    await ana.message("the disk").hover()
    await ana.message("the disk").get_by_label("What to do with this message").click()
    await ana.message("the disk").get_by_role("button", name="Edit").click()
    await ana.type("the disk is full")
    await expect(ana.message("the disk is full")).to_contain_text("(edited)")
    assert slack.messages("general")[-1].text == "the disk is full"
    await ana.message("the disk").hover()
    await ana.message("the disk").get_by_label("What to do with this message").click()
    await ana.message("the disk").get_by_label("React with :eyes:").click()
    await ana.message("the disk").locator(".reactions button").wait_for()
    await ana.message("the disk").hover()
    await ana.message("the disk").get_by_label("What to do with this message").click()
    await ana.message("the disk").get_by_role("button", name="Reply in a thread").click()
    reply = ana.page.locator(".thread textarea")
    await expect(reply).to_be_focused()
    await reply.fill("which one?")
    await reply.press("Enter")
    await ana.page.locator(".thread .entry", has_text="which one?").wait_for()
    await expect(ana.message("the disk")).to_contain_text("1 reply")


async def look(seen: Window, name: str, pictures: Path) -> list[str]:
    """A picture of the window, and what axe-core says of it."""
    await seen.page.screenshot(path=pictures / f"{name}.png")
    found = await Axe().run(seen.page)
    wide = await seen.page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [
        f"{name}: {each['id']}: {each['help']}"
        for each in found.response["violations"]
        if each["impact"] in SERIOUS
    ] + ([f"{name}: wider than the window"] if wide else [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["desktop", "phone"])
async def test_axe_finds_nothing_serious(
    world: World, slack: Slack, window: Windows, tmp_path: Path, scheme: str, size: str
) -> None:
    pictures = Path(__file__).parents[2] / ".tmp" / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    slack.workspace.open_direct(slack.person("ana").id, slack.person("bruno").id)
    async with world.bot():
        room = await world.declared()
        said = slack.people.say("chidi", room, "I see `deadlock detected` in *orders*, <@U0ANA00001>")
        slack.people.say("devika", room, "which table?", said.ts)
        slack.people.react("ana", said, "eyes")
        show_ephemeral(slack.workspace, slack.person("ana").id, room, "only for you")
        ana = await window("ana", PHONE if size == "phone" else None, scheme)
        found = []
        for name, query in {
            "general": "",
            "room": f"&at={room}",
            "thread": f"&at={room}&thread={said.ts}",
        }.items():
            await ana.open(f"{slack.url}/?as=ana{query}")
            found += await look(ana, f"{size}-{scheme}-{name}", pictures)
        await ana.open(f"{slack.url}/?as=ana&at=home")
        await ana.page.get_by_text("API is down").first.wait_for()
        found += await look(ana, f"{size}-{scheme}-home", pictures)
        await slack.people.command("ana", room, "/incident", "update")
        await expect(ana.modal).to_be_visible()
        found += await look(ana, f"{size}-{scheme}-modal", pictures)
        assert found == []


async def test_what_comes_while_somebody_reads_further_up_is_one_press_away(
    slack: Slack, window: Windows
) -> None:
    for number in range(40):
        slack.people.say("ana", "general", f"line {number}")
    bruno = await window("bruno")
    await bruno.page.get_by_role("log").evaluate("list => list.scrollTop = 0")
    slack.people.say("ana", "general", "the newest")
    await bruno.page.get_by_role("button", name="New messages").click()
    await expect(bruno.message("the newest")).to_be_in_viewport()
    await expect(bruno.page.get_by_role("button", name="New messages")).to_be_hidden()
    await expect(bruno.page.locator("#sidebar a.unread")).to_have_count(0)
