"""Each of the runbook's playbooks, chosen in the form and read in the channel."""

import pytest

from bot.runbook import parse_runbook
from tests.browser.conftest import Windows
from tests.scenarios.conftest import RUNBOOK, World

pytestmark = pytest.mark.whole  # every playbook in a browser

PLAYBOOKS = parse_runbook(RUNBOOK.read_text()).playbooks


@pytest.mark.parametrize("title", [each.title for each in PLAYBOOKS])
async def test_a_playbook_is_chosen_in_the_form_and_read_in_the_channel(
    world: World, window: Windows, title: str
) -> None:
    (playbook,) = [each for each in PLAYBOOKS if each.title == title]
    async with world.bot():
        ana = await window()
        await ana.type(f"/incident declare {playbook.severity or 'p1'}")
        await ana.modal.get_by_label("What is wrong?").fill("Something is wrong")
        await ana.modal.get_by_label("Playbook").select_option(label=title)
        await ana.modal.get_by_role("button", name="Declare").click()
        await ana.modal.get_by_role("button", name="Close").last.click()
        await ana.go("inc-1-something-is-wrong")
        said = ana.message(f"Playbook: {title}")
        await said.wait_for()
        assert await said.locator("pre").count() > 0, "its commands are there to copy"
        assert "[read-only]" in await said.inner_text()


def test_there_are_six() -> None:
    assert len(PLAYBOOKS) == 6
