"""The six steps of the first minute in the browser, with the real bot: by mouse, and by keyboard alone."""

from playwright.async_api import expect

from tests.browser.conftest import Windows
from tests.scenarios.conftest import World


async def test_the_first_minute_by_mouse(world: World, window: Windows) -> None:
    async with world.bot():
        ana = await window()
        await expect(ana.steps()).to_have_count(0)
        await ana.page.locator("main .composer textarea").fill("/incident declare p0")
        await ana.page.get_by_role("button", name="Send").click()
        await ana.modal.get_by_label("What is wrong?").fill("API is down")
        await ana.modal.get_by_role("button", name="Declare").click()
        await expect(ana.modal).to_contain_text("Declared")
        await ana.modal.get_by_role("button", name="Close").last.click()
        await expect(ana.modal).to_be_hidden()
        await ana.go("inc-1-api-is-down")
        await expect(ana.steps()).to_have_count(1)
        await ana.message("Playbook").scroll_into_view_if_needed()
        await expect(ana.steps()).to_have_count(2)
        await ana.message("INCIDENT ALERT").get_by_role("button", name="Acknowledge").click()
        await ana.message("acknowledged after").wait_for()
        await expect(ana.steps()).to_have_count(3)
        await ana.message("INCIDENT ALERT").get_by_role("button", name="Post update").click()
        await ana.modal.get_by_label("What changed?").fill("We roll the deployment back.")
        await ana.modal.get_by_role("button", name="Post").click()
        await ana.message("We roll the deployment back.").wait_for()
        await expect(ana.steps()).to_have_count(4)
        await ana.message("INCIDENT ALERT").get_by_role("button", name="Resolve").click()
        await ana.modal.get_by_label("What was done?").fill("Rolled back")
        await ana.modal.get_by_role("button", name="Resolve").click()
        await ana.message("Post-incident checklist").get_by_role("button", name="Verify full").click()
        await ana.message("1 of 12 done").wait_for()
        await expect(ana.steps()).to_have_count(6)
        await expect(ana.page.locator(".guide")).to_contain_text("That was a whole incident")


async def test_the_first_minute_by_keyboard_alone(world: World, window: Windows) -> None:
    async with world.bot():
        ana = await window()
        keys, composer = ana.page.keyboard, ana.page.locator("main .composer textarea")
        await keys.type("/inc")
        await keys.press("Tab")
        await expect(composer).to_have_value("/incident declare ")
        await keys.type("p0")
        await keys.press("Enter")
        await expect(ana.modal).to_be_visible()
        await ana.reach(ana.modal.get_by_label("What is wrong?"), "Tab")
        await keys.type("API is down")
        await keys.press("Enter")
        await expect(ana.modal).to_contain_text("Declared")
        await keys.press("Escape")
        await expect(ana.modal).to_be_hidden()
        await expect(composer).to_be_focused()
        await ana.reach(ana.page.locator("#sidebar a", has_text="inc-1-api-is-down"))
        await keys.press("Enter")
        await expect(ana.page.locator("h1")).to_contain_text("inc-1-api-is-down")
        await expect(composer).to_be_focused()
        await ana.message("you are called").wait_for()
        await ana.reach(ana.page.get_by_role("log"))
        await keys.press("End")
        await expect(ana.steps()).to_have_count(2)
        await ana.reach(ana.message("INCIDENT ALERT").get_by_role("button", name="Acknowledge"), "Tab")
        await keys.press("Enter")
        await expect(ana.steps()).to_have_count(3)
        await ana.reach(ana.message("INCIDENT ALERT").get_by_role("button", name="Post update"), "Tab")
        await keys.press("Enter")
        await expect(ana.modal).to_be_visible()
        await ana.reach(ana.modal.get_by_label("What changed?"), "Tab")
        await keys.type("We roll the deployment back.")
        await ana.reach(ana.modal.locator("footer .primary"), "Tab")
        await keys.press("Enter")
        await expect(ana.steps()).to_have_count(4)
        await ana.reach(composer, "Tab")
        await keys.type("/incident resolve Rolled back")
        await keys.press("Enter")
        await expect(ana.modal).to_be_visible()
        await ana.reach(ana.modal.get_by_role("button", name="Resolve"), "Tab")
        await keys.press("Enter")
        await ana.message("Post-incident checklist").wait_for()
        await ana.reach(ana.message("Post-incident checklist").get_by_role("button", name="Verify full"))
        await keys.press("Enter")
        await expect(ana.steps()).to_have_count(6)


PLAYBOOKS = {
    "p0 API is completely down": "API COMPLETELY DOWN",
    "p0 database is unavailable": "DATABASE UNAVAILABLE",
    "p1 payments fail at the gateway": "PAYMENT GATEWAY FAILING",
    "p1 high error rate since the deploy": "HIGH ERROR RATE",
    "p2 slow API response": "SLOW API RESPONSE",
    "p1 mobile app crashes at login": "MOBILE APP CRASHES",
}


async def test_each_playbook_is_found_and_can_be_read(world: World, window: Windows) -> None:
    async with world.bot():
        ana = await window()
        for number, (words, title) in enumerate(PLAYBOOKS.items(), 1):
            await ana.go("general")
            await ana.type(f"/incident declare {words}")
            await ana.page.locator("#sidebar a", has_text=f"inc-{number}-").click()
            await expect(ana.message("Playbook:")).to_contain_text(title)
            await expect(ana.message("Playbook:")).to_contain_text("line ")
