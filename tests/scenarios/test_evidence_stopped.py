"""Looks that are under way when their incident ends, or when the replica that runs them dies."""

import asyncio

import pytest

from bot.domain.finding import Verdict
from tests.scenarios.conftest import World
from tests.scenarios.test_evidence import (
    DEPLOYMENTS,
    LOGS,
    METRICS,
    STATUS,
    Monitored,
    finding,
    shown,
    thread,
)


@pytest.fixture
def monitored(world: World) -> Monitored:
    made = Monitored()
    made.answers[STATUS] = finding(Verdict.BAD, "Nothing runs.")
    made.held = {METRICS: asyncio.Event(), LOGS: asyncio.Event()}
    world.systems = made.systems
    return made


async def looking(world: World) -> str:
    """An incident's channel, where the first finding is shown and two steps are waited for."""
    channel = await world.declared_soon()
    await world.until(lambda: "2 checks running" in "".join(map(world.text, shown(world, channel))))
    return channel


async def resolve(world: World, channel: str) -> None:
    await world.incident("ana", "resolve", channel)
    form = await world.form("ana")
    assert (await world.slack.people.submit("ana", form, {"resolution": {"resolution": "Rolled back"}})).ok


@pytest.mark.parametrize("how", ["resolved", "cancelled", "closed"])
async def test_when_the_incident_ends_nobody_is_asked_any_more_and_the_message_says_that_it_was_stopped(
    world: World, monitored: Monitored, how: str
) -> None:
    held, waiting = monitored.held, {METRICS, LOGS}
    if how == "closed":
        monitored.held = {}
    async with world.bot():
        if how == "closed":
            channel = await world.declared()
            await resolve(world, channel)
            world.ask_anew()
            monitored.held = held
            await world.incident("ana", "run", channel)
            await world.until(lambda: "2 checks running" in world.text(shown(world, channel)[-1]))
            await world.incident("ana", "close anyway it was seen to", channel)
        else:
            channel = await looking(world)
            await (resolve(world, channel) if how == "resolved" else world.cancel("ana", "", channel))
        await world.until(lambda: set(monitored.dropped) == waiting)
        await world.quiet()
        text = world.text(shown(world, channel)[-1])
        assert "1 failing, 5 OK, 2 not checked" in text and "⏳" not in text
        assert f"❔ Stopped before it finished: the incident was {how}. " in text
        assert f"{LOGS}; {METRICS}" in text and "· stopped" in text
        assert not thread(world, channel, "Stopped before")
        kept = world.looking.rows("select detail from timeline_entry where kind = 'looked' order by id")[-1]
        assert (kept["detail"]["bad"], kept["detail"]["unknown"], kept["detail"]["stopped"]) == (
            "1",
            "2",
            how,
        )
        assert len(kept["detail"]["digest"]) == 64


async def test_a_look_that_was_stopped_hides_nothing_that_was_seen_before_it(
    world: World, monitored: Monitored
) -> None:
    held, monitored.held = monitored.held, {}
    async with world.bot():
        channel = await world.declared()
        world.ask_anew()
        monitored.held = held
        await world.incident("ana", "run", channel)
        await world.until(lambda: "2 checks running" in world.text(shown(world, channel)[-1]))
        await resolve(world, channel)
        await world.quiet()
        (alert,) = world.posts(channel, "INCIDENT ALERT")
        assert "🔴 Evidence: 1 failing, 7 OK. First: Nothing runs." in world.text(alert)


async def test_after_the_end_the_checks_can_be_run_to_see_that_all_is_well(
    world: World, monitored: Monitored
) -> None:
    monitored.held, monitored.answers = (
        {},
        {DEPLOYMENTS: finding(Verdict.BAD, "It failed.", measure="FAILED")},
    )
    async with world.bot():
        channel = await world.declared()
        await resolve(world, channel)
        world.ask_anew()
        monitored.answers = {}
        await world.incident("ana", "run", channel)
        await world.quiet()
        text = world.text(shown(world, channel)[-1])
        assert "All 8 checks are OK" in text and "(was FAILED)" in text


async def test_what_a_dead_replica_left_behind_is_brought_to_its_end_in_the_same_message(
    world: World, monitored: Monitored
) -> None:
    async with world.bot():
        channel = await looking(world)
        monitored.held[LOGS].set()
        await world.until(lambda: "1 check running" in world.text(shown(world, channel)[0]))
    monitored.held[METRICS].set()
    monitored.asked.clear()
    monitored.answers[STATUS] = finding(Verdict.OK, "It recovered meanwhile.")
    async with world.bot():
        await world.quiet()
        (message,) = shown(world, channel)
        assert "1 failing, 7 OK" in world.text(message)
        assert [each.name for each in monitored.asked] == [METRICS]
        assert len(thread(world, channel, STATUS)) == 1
        (kept,) = world.looking.rows("select detail from timeline_entry where kind = 'looked'")
        assert (kept["detail"]["bad"], kept["detail"]["ok"]) == ("1", "7")
