"""Clocks that are minutes apart: said at once, and nothing is doubled because of them."""

import pytest

from bot.errors import SettingsProblem
from sandbox.chaos.clock_steps import set_database_clock
from sandbox.slack import make_drop, plan_by_table
from tests.scenarios.conftest import World
from tests.scenarios.test_start import readyz, run

TEN_MINUTES = 600
WRONG_CLOCK = """
create function tocsin.off() returns trigger language plpgsql as $$
begin
    new.first_sent_at := new.first_sent_at + make_interval(mins => {minutes});
    return new;
end
$$;
create trigger off before update on tocsin.outbox for each row
    when (old.first_sent_at is null and new.first_sent_at is not null) execute function tocsin.off()
"""
"""The instant of the first attempt as a database with a wrong clock writes it."""


@pytest.mark.parametrize(("seconds", "how"), [(TEN_MINUTES, "behind"), (-TEN_MINUTES, "ahead of")])
async def test_a_machine_whose_clock_is_ten_minutes_off_slacks_does_not_start(
    world: World, seconds: float, how: str
) -> None:
    world.slack.workspace.clocks.advance(seconds)
    code, said = await run(world)
    assert (code, len(said)) == (2, 1)
    assert f"this machine's clock is 10 min {how} that of Slack: beyond five minutes" in said[0]
    assert said[0].endswith("Set it right (NTP). Nothing was started.")


async def test_a_clock_that_goes_wrong_later_is_named_at_readyz_and_by_the_refusals(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async with world.bot():
        channel = await world.declared()
        assert (await readyz(world))[1] == {"status": "ok"}
        world.slack.workspace.clocks.advance(TEN_MINUTES)
        assert (await world.incident("ana", "list")).status == 401
        assert "five minutes off: a replay, or this machine's clock is wrong" in caplog.text
        world.looking.sooner(15)
        await world.until(lambda: world.posts(channel, "status update is due"))
        status, said = await readyz(world)
        assert (status, said["status"]) == (200, "degraded")
        assert "behind that of Slack" in str(said["reasons"])


async def test_a_clock_that_is_two_minutes_off_slacks_is_a_warning(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.slack.workspace.clocks.advance(-120)
    async with world.bot():
        assert "this machine's clock is 2 min ahead of that of Slack" in caplog.text
        await world.declared("declare p3 Search is slow")


@pytest.mark.parametrize("minutes", [10, -10])
async def test_with_a_database_whose_clock_is_ten_minutes_off_nothing_is_doubled(
    world: World, minutes: int
) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        world.looking.rows(WRONG_CLOCK.format(minutes=minutes))
        world.slack.api.faults = plan_by_table({"chat.postMessage": [make_drop(after_work=True)] * 2})
        await world.incident("ana", "update Rolled back", channel)
        await world.quiet(20)
        for place in (channel, "incident-response"):
            assert len(world.posts(place, "What changed")) == 1


@pytest.mark.parametrize("hours", [1, -1])
async def test_with_a_database_whose_clock_is_an_hour_off_no_unanswered_call_is_made_twice(
    world: World, hours: int
) -> None:
    assert world.settings.database_url is not None
    set_database_clock(world.settings.database_url.get_secret_value(), hours * 3600.0)
    async with world.bot():
        await world.quiet()
        world.slack.api.faults = plan_by_table(
            {name: [make_drop(after_work=True)] for name in ("chat.postMessage", "conversations.create")}
        )
        channel = await world.declared("declare p3 Search is slow")
        await world.incident("ana", "update Rolled back", channel)
        await world.quiet(20)
        rooms = [each.name for each in world.slack.channels(of_bot=True) if each.name.startswith("inc-")]
        assert len(rooms) == 1
        for place in (channel, "incident-response"):
            assert len(world.posts(place, "What changed")) == 1


async def test_the_databases_clock_is_measured_and_a_wrong_one_is_named(world: World) -> None:
    async with world.bot() as running:
        await world.quiet()
        assert abs(running.store.clock_ahead) < 30
        running.health.database_ahead = lambda: running.store.clock_ahead + TEN_MINUTES
        _, said = await readyz(world)
        assert said["reasons"] == [
            "this machine's clock is 10 min behind that of the database: times that people read and reminders "
            "follow the database's. Set it right (NTP)"
        ]


async def test_a_bot_beside_a_slack_that_is_far_off_says_both_ways_in_one_start(world: World) -> None:
    world.slack.workspace.clocks.advance(TEN_MINUTES)
    with pytest.raises(SettingsProblem) as problem:
        async with world.bot():
            pass
    assert len(problem.value.problems) == 1
