"""The process that asks the monitored systems dies or goes on alone: people see what was found and what was not."""

import asyncio
import os
import re
import signal
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.domain.check_request import CheckRequest
from bot.ports.diagnostics import OnFinding, WorkerHung
from diagnostics.engine.executor import InProcessExecutor
from tests.diagnostics.engine.test_executor import SITE, Site, children, command, gone, site
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
    (pid,) = [pid for pid in children(os.getpid()) if b"diagnostics.engine" in command(pid)]
    return pid


async def killed(site: Site) -> None:
    """The worker dies while the slow step waits for its answer."""
    await asyncio.wait_for(site.asked.wait(), 60)
    site.asked.clear()
    os.kill(asking(), signal.SIGKILL)


async def test_when_it_dies_the_checks_that_it_left_are_asked_once_more(
    world: World, site: Site, runbook: Path
) -> None:
    world.apart = True
    async with world.bot(runbook=runbook, addresses={SITE: site.url}):
        channel = await world.declared_soon("declare p0 everything is down")
        await killed(site)
        await asyncio.wait_for(site.asked.wait(), 60)
        site.held.set()
        await world.quiet()
        (message,) = shown(world, channel)
        assert "unknown" not in world.text(message) and "went wrong" not in world.text(message)


async def test_when_it_dies_again_they_are_unknown_with_an_id_that_the_log_has_and_the_next_run_is_whole(
    world: World, site: Site, runbook: Path, caplog: pytest.LogCaptureFixture
) -> None:
    world.apart = True
    async with world.bot(runbook=runbook, addresses={SITE: site.url}):
        channel = await world.declared_soon("declare p0 everything is down")
        await world.until(lambda: "1 check running" in "".join(map(world.text, shown(world, channel))))
        await killed(site)
        await killed(site)
        await world.quiet()
        (message,) = shown(world, channel)
        text = world.text(message)
        found = re.search(r"Slow\s+Something went wrong on my side \(error ([0-9a-f]{8}) in the log\)", text)
        assert found, text
        assert f"error {found[1]}" in caplog.text and "Quick" in text
        site.held.set()
        message, action = world.button(channel, "run_diagnostics")
        assert (await world.slack.people.click("bruno", message, action)).ok
        await world.quiet()
        assert "went wrong" not in world.text(shown(world, channel)[-1])


class Hung(InProcessExecutor):
    """Finds what is quick; the rest stands still until the worker is ended."""

    async def ask(self, questions: Sequence[CheckRequest], on_finding: OnFinding) -> None:
        if len(questions) > 1:
            await super().ask(questions[:1], on_finding)
        raise WorkerHung


async def test_when_it_hangs_it_is_told_that_nothing_was_measured_and_no_fault_of_anybody(
    world: World, site: Site, runbook: Path
) -> None:
    async with world.bot(runbook=runbook, addresses={SITE: site.url}) as running:
        here = running.looking.executor
        assert isinstance(here, InProcessExecutor)
        running.looking.executor = Hung(here.runner, here.systems, here.value_of)
        channel = await world.declared("declare p0 everything is down")
        (message,) = shown(world, channel)
        text = world.text(message)
        assert re.search(r"Slow\s+Not measured: the checks came to no end in time\. Run it again", text), text
        assert "went wrong" not in text and "🔴" not in text and "Quick" in text


async def test_it_ends_with_the_bot_in_the_middle_of_a_look(world: World, site: Site, runbook: Path) -> None:
    world.apart = True
    async with world.bot(runbook=runbook, addresses={SITE: site.url}):
        await world.declared_soon("declare p0 everything is down")
        await asyncio.wait_for(site.asked.wait(), 60)
        pid = asking()
    await gone(pid)
    (look,) = world.looking.rows("select ended_at from look")
    assert look["ended_at"] is None
