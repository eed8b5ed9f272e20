"""A clock that is set while the bot runs: what falls due is done all the same, and once."""

import time
from pathlib import Path

import pytest

from sandbox.chaos.clock_steps import WallClock, set_database_clock
from sandbox.demo.bot_process import BotProcess, build_environment
from sandbox.pagerduty.api_server import PagerDutyStandIn
from tests.scenarios.conftest import World
from tests.scenarios.duties import paging
from tests.scenarios.test_start import readyz


@pytest.mark.parametrize("seconds", [-3600.0, 3600.0], ids=["back", "ahead"])
async def test_the_bots_clock_set_by_an_hour_stops_no_reminder_and_doubles_none(
    world: World, tmp_path: Path, seconds: float
) -> None:
    assert world.settings.database_url is not None
    clock = WallClock(tmp_path)
    told = {
        **build_environment(
            world.slack, tmp_path, TOCSIN_DATABASE_URL=world.settings.database_url.get_secret_value()
        ),
        **clock.environment,
    }
    program = BotProcess(told, tmp_path / "bot.log")
    await program.start()
    try:
        world.slack.request_url = program.request_url
        channel = await world.declared("declare p1 Search is slow")
        clock.set(seconds)
        await program.wait_for_log("this machine's clock was set")
        world.looking.sooner(60)
        await world.until(lambda: world.posts(channel, " status update is"))
        await world.quiet()
        assert len(world.posts(channel, " status update is")) == 1
    finally:
        await program.stop()
    assert "Traceback" not in (tmp_path / "bot.log").read_text()


async def test_a_scheduler_that_does_not_tick_is_named_at_readyz(world: World) -> None:
    async with world.bot() as running:
        await world.quiet()
        running.health.last_tick = lambda: time.monotonic() - 7
        assert (await readyz(world)) == (
            200,
            {
                "status": "degraded",
                "reasons": ["the scheduler has not ticked for 7 s: no reminder and no next page"],
            },
        )


@pytest.mark.parametrize("seconds", [-3600.0, 3600.0], ids=["back", "ahead"])
async def test_a_databases_clock_that_jumps_is_said_and_nobody_is_paged_twice(
    world: World, duty: PagerDutyStandIn, tmp_path: Path, seconds: float, caplog: pytest.LogCaptureFixture
) -> None:
    address = world.settings.database_url.get_secret_value()  # type: ignore[union-attr]
    async with paging(world, duty, tmp_path):
        channel = await world.declared()
        await world.until(lambda: len(duty.incidents) == 1)
        set_database_clock(address, seconds)
        how = "back" if seconds < 0 else "ahead"
        await world.until(lambda: f"the database's clock was set {how} by 3600 s" in caplog.text)
        assert f"the database's clock was set {how} by 3600 s" in str((await readyz(world))[1]["reasons"])
        await world.incident("ana", "note It is the index", channel)
        await world.quiet(20)
        assert len({page.key for page in duty.incidents}) == len(duty.incidents)
        assert sum(page.assignee == "PCTO001" for page in duty.incidents) == 1
        assert len(world.slack.direct_messages("bruno")) == 1
