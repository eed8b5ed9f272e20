"""Where findings are shown: in private incidents, drills, without a channel; and how often their message is edited."""

import asyncio
from functools import partial
from itertools import pairwise

import pytest

from bot.domain.finding import Verdict
from sandbox.slack import make_refusal, plan_by_table
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

INCIDENTS = "incident-response"
SEEN = "4 of 6 tasks running."


@pytest.fixture
def monitored(world: World) -> Monitored:
    made = Monitored()
    made.answers[STATUS] = finding(Verdict.BAD, SEEN, measure="4/6")
    world.systems = made.systems
    return made


def everywhere(world: World, words: str) -> set[str]:
    """The channels in which somebody can read these words of the bot."""
    return {
        channel.id
        for channel in world.slack.workspace.channels.values()
        if any(words in world.text(message) for message in world.slack.messages(channel.id, of_bot=True))
    }


async def test_what_is_found_in_a_private_incident_is_read_in_its_channel_only(
    world: World, monitored: Monitored
) -> None:
    async with world.bot():
        channel = await world.declared("declare private p1 API is down")
        assert SEEN in world.text(shown(world, channel)[0]) and thread(world, channel, SEEN)
        assert everywhere(world, SEEN) == {channel}
        await world.incident("chidi", "run INC-1")
        assert "INC-1 doesn't exist" in world.heard("chidi")


async def test_what_is_found_in_a_drill_is_marked_in_every_message(
    world: World, monitored: Monitored
) -> None:
    async with world.bot():
        channel = await world.declared("drill p0 API is down")
        assert SEEN in thread(world, channel, SEEN)[0]
        about = world.posts(channel, SEEN)
        assert len(about) >= 2 and all("DRILL" in world.text(each) for each in about)


async def test_without_a_channel_the_findings_stand_in_the_thread_of_the_announcement(
    world: World, monitored: Monitored
) -> None:
    async with world.bot():
        await world.quiet()
        world.slack.api.faults = plan_by_table({"conversations.create": make_refusal("restricted_action")})
        await world.incident("ana", "declare p0 API is down")
        found = "select 1 from result where verdict is not null and title = %s"
        await world.until(lambda: world.looking.rows(found, METRICS))
        due = "select 1 from outbox where state in ('pending', 'sending') and not_before < now() + interval '5 s'"
        await world.until(lambda: not world.looking.rows(due))
        (announced,) = [post for post in world.posts(INCIDENTS, "INCIDENT ALERT") if post.thread_ts is None]
        (message,) = world.posts(INCIDENTS, "· Checked ")
        assert message.thread_ts == announced.ts and "7 OK" in world.text(message)
        (evidence,) = [post for post in world.posts(INCIDENTS, "· read ") if STATUS in world.text(post)]
        assert evidence.thread_ts == announced.ts
        world.ask_anew()
        monitored.answers[STATUS] = finding(Verdict.OK, "All run.", measure="6/6")
        await world.incident("ana", "run INC-1")
        await world.until(lambda: world.posts(INCIDENTS, "(was 4/6)"))


async def test_a_message_is_edited_once_a_second_at_most_however_fast_the_answers_come(
    world: World, monitored: Monitored
) -> None:
    titles = (STATUS, DEPLOYMENTS, LOGS, METRICS, "Check connections", "Check for locks")
    monitored.held = {title: asyncio.Event() for title in titles}
    found = "select 1 from result where verdict is not null and title = %s"
    async with world.bot():
        channel = await world.declared_soon()
        await world.until(lambda: shown(world, channel))
        for title in titles:
            monitored.held[title].set()
            await world.until(partial(world.looking.rows, found, title))
        await world.quiet()
        (message,) = shown(world, channel)
        calls = [call for call in world.slack.calls if call.method == "chat.update"]
        edits = [call.started for call in calls if call.args.get("ts") == message.ts]
        assert edits and "1 failing, 7 OK" in world.text(message)
        assert all(later - sooner > 0.9 for sooner, later in pairwise(edits))


async def test_of_two_people_who_click_at_once_one_runs_and_the_other_reads_that_it_runs(
    world: World, monitored: Monitored
) -> None:
    async with world.bot():
        channel = await world.declared()
        world.ask_anew()
        monitored.held[METRICS] = asyncio.Event()
        message, action = world.button(channel, "run_diagnostics")
        clicks = (world.slack.people.click(who, message, action) for who in ("ana", "bruno", "ana"))
        assert all(each.ok for each in await asyncio.gather(*clicks))
        await world.until(lambda: "Already running" in world.heard("ana") + world.heard("bruno"))
        monitored.held[METRICS].set()
        await world.quiet()
        assert len(shown(world, channel)) == 2
