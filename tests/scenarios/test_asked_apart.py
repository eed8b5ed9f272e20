"""The process that asks the monitored systems dies or goes on alone: people see what was found and what was not."""

import asyncio
import os
import re
import signal
from pathlib import Path

import pytest

from tests.bot.test_asking import SITE, Site, children, command, gone, site
from tests.scenarios.conftest import World
from tests.scenarios.test_evidence import shown

__all__ = ["site"]
RUNBOOK = (
    "# Runbook\n\n### P0 - CRITICAL\n- **Response Time**: < 5 minutes\n- **Action**: page CTO\n\n"
    f"## P0 INCIDENT: DOWN\n\n```bash\n# 1. Quick\ncurl {SITE}/quick\n\n# 2. Slow\ncurl {SITE}/slow\n```\n"
)


@pytest.fixture
def runbook(tmp_path: Path) -> Path:
    path = tmp_path / "runbook.md"
    path.write_text(RUNBOOK)
    return path


def asking() -> int:
    (pid,) = [pid for pid in children(os.getpid()) if b"bot.looking" in command(pid)]
    return pid


async def test_when_it_dies_its_steps_are_unknown_with_an_id_that_the_log_has_and_the_next_run_is_whole(
    world: World, site: Site, runbook: Path, caplog: pytest.LogCaptureFixture
) -> None:
    world.apart = True
    async with world.bot(runbook=runbook, addresses={SITE: site.url}):
        channel = await world.declared_soon("declare p0 everything is down")
        await asyncio.wait_for(site.asked.wait(), 10)
        await world.until(lambda: "1 to come" in "".join(map(world.text, shown(world, channel))))
        os.kill(asking(), signal.SIGKILL)
        await world.quiet()
        (message,) = shown(world, channel)
        text = world.text(message)
        found = re.search(r"Slow\s+Slow: a fault of mine\. The log has it as error ([0-9a-f]{8})", text)
        assert found, text
        assert f"error {found[1]}" in caplog.text and "Quick" in text
        site.held.set()
        message, action = world.button(channel, "run_diagnostics")
        assert (await world.slack.people.click("bruno", message, action)).ok
        await world.quiet()
        assert "fault" not in world.text(shown(world, channel)[-1])


async def test_it_ends_with_the_bot_in_the_middle_of_a_look(world: World, site: Site, runbook: Path) -> None:
    world.apart = True
    async with world.bot(runbook=runbook, addresses={SITE: site.url}):
        await world.declared_soon("declare p0 everything is down")
        await asyncio.wait_for(site.asked.wait(), 10)
        pid = asking()
    await gone(pid)
    (look,) = world.looking.rows("select ended_at from look")
    assert look["ended_at"] is None
