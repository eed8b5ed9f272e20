"""Who follows an incident without joining it reads each piece of news once, in a direct message, until it is over."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.scenarios.conftest import World
from tests.scenarios.killing import theatre

STOP = "To stop: /incident unfollow INC-1"


def told(world: World, who: str = "bruno") -> list[str]:
    """What somebody was told as a follower, oldest first."""
    texts = [world.text(message) for message in world.slack.direct_messages(who)]
    return [each for each in texts if STOP in each or "This is your last message about it." in each]


async def resolved(world: World, channel: str) -> None:
    await world.incident("ana", "resolve", channel)
    form = await world.form("ana")
    done = {"resolution": {"resolution": "Rolled back"}, "root_cause": {"root_cause": "A bad deploy"}}
    assert (await world.slack.people.submit("ana", form, done)).ok
    await world.quiet()


async def test_updates_severity_and_the_end_come_once_each_and_it_says_that_it_ends(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 API is down")
        await world.incident("bruno", "follow INC-1")
        assert "You follow INC-1: API is down." in world.heard("bruno")
        assert STOP in world.heard("bruno")
        await world.incident("ana", "update Rolled back <!channel> to 1.42", channel)
        await world.incident("ana", "status monitoring", channel)
        await world.incident("ana", "severity p2 logins fail too", channel)
        await world.quiet()
        first, second = told(world)
        assert "P3: API is down (INC-1)" in first or "P2: API is down (INC-1)" in first
        assert "What changed, by @Ana Duarte" in first
        assert "Rolled back <!channel> to 1.42" in first
        assert "changed severity: P3 → P2: logins fail too" in second
        assert "<!channel>" not in next(
            message.text for message in world.slack.direct_messages("bruno") if "Rolled back" in message.text
        )
        await resolved(world, channel)
        last = told(world)[2:]
        assert len(last) == 1
        for words in (
            "Resolved after",
            "by @Ana Duarte",
            "Done: Rolled back",
            "Cause: A bad deploy",
            "last message",
        ):
            assert words in last[0]
        await world.incident("ana", "reopen", channel)
        await world.incident("ana", "update It is back", channel)
        await world.quiet()
        assert len(told(world)) == 3
        assert world.looking.rows("select 1 from follower") == []


async def test_a_changed_impact_is_told_alone_with_an_update_and_at_the_end(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 API is down")
        await world.incident("bruno", "follow INC-1")
        assert "impact" in world.heard("bruno")
        await world.incident("chidi", "impact Nobody can pay", channel)
        await world.incident("chidi", "impact Nobody can pay", channel)
        await world.quiet()
        (alone,) = told(world)
        assert "API is down (INC-1)" in alone
        assert "@Chidi Okafor set the impact: Nobody can pay." in alone
        await world.incident("ana", "impact Half can pay", channel)
        await world.incident("ana", "update Rolled back", channel)
        await world.incident("ana", "update Still watching", channel)
        await world.quiet()
        _, changed, with_update, after = told(world)
        assert "@Ana Duarte set the impact: Half can pay (was: Nobody can pay)." in changed
        assert "Impact: Half can pay" in with_update
        assert "Impact" not in after
        await resolved(world, channel)
        assert "Impact: Half can pay" in told(world)[-1]


async def test_who_joins_gets_no_double_and_who_leaves_is_told_again(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 API is down")
        await world.incident("bruno", "follow INC-1")
        await world.incident("bruno", "join INC-1")
        await world.quiet()
        await world.until(lambda: world.slack.person("bruno").id in world.slack.channel(channel).members)
        await world.incident("ana", "update One", channel)
        await world.quiet()
        assert told(world) == []
        world.slack.people.leave("bruno", channel)
        await world.until(lambda: "left" in world.looking.kinds(1))
        await world.incident("ana", "update Two", channel)
        await world.quiet()
        (only,) = told(world)
        assert "Two" in only
        await world.incident("chidi", "join INC-1")
        await world.quiet()
        await world.incident("chidi", "follow", channel)
        assert "You're in its channel, so you read its updates there. If you leave it," in world.heard(
            "chidi"
        )


async def test_a_guest_follows_an_incident_whose_channel_they_are_in_and_reads_nothing_outside_it(
    world: World,
) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 API is down")
        await world.incident("gus", "follow INC-1")
        assert "INC-1 doesn't exist." in world.heard("gus")
        await world.incident("sasha", "follow INC-1", "partners")
        assert "You belong to another workspace" in world.heard("sasha")
        assert world.looking.rows("select 1 from follower") == []
        world.slack.people.join("gus", channel)
        await world.incident("gus", "follow", channel)
        assert "You follow INC-1: API is down." in world.heard("gus")
        assert "Guests get none outside it." in world.heard("gus")
        await world.incident("gus", "note x", channel)
        assert "Guests can read here" in world.heard("gus")
        world.slack.people.leave("gus", channel)
        await world.until(lambda: "left" in world.looking.kinds(1))
        await world.incident("ana", "update One", channel)
        await world.cancel("ana", "a test", channel)
        await world.quiet()
        assert told(world, "gus") == []


async def test_unfollowing_following_twice_and_what_is_over(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 API is down")
        for words, said in (
            ("unfollow INC-1", "You aren't following INC-1."),
            ("follow INC-1", "You follow INC-1: API is down."),
            ("follow INC 1", "You already follow INC-1."),
            ("unfollow inc-1", "You no longer follow INC-1."),
            ("follow INC-9", "INC-9 doesn't exist."),
            ("follow INC-1 because of it", "because of it"),
            ("folow INC-1", "Did you mean /incident follow?"),
        ):
            await world.incident("bruno", words)
            assert said in world.heard("bruno"), (words, world.heard("bruno"))
        await world.incident("ana", "update One", channel)
        await world.quiet()
        assert told(world) == []
        await world.incident("bruno", "follow INC-1")
        await world.cancel("ana", "a test", channel)
        await world.quiet()
        (only,) = told(world)
        assert "False alarm, cancelled by @Ana Duarte: a test" in only
        await world.incident("bruno", "follow INC-1")
        assert "INC-1 is already cancelled. Nothing was changed." in world.heard("bruno")


async def test_a_private_one_is_followed_by_members_only_and_by_nobody_who_is_none_any_more(
    world: World,
) -> None:
    async with world.bot():
        channel = await world.declared("declare private p3 Payroll was copied", "devika")
        await world.incident("bruno", "follow INC-1")
        assert "INC-1 doesn't exist." in world.heard("bruno")
        await world.incident("devika", "assign scribe @chidi", channel)
        await world.quiet()
        await world.incident("chidi", "follow INC-1")
        assert "You follow INC-1" in world.heard("chidi")
        world.slack.people.leave("chidi", channel)
        await world.until(lambda: "left" in world.looking.kinds(1))
        await world.incident("devika", "update It was an export", channel)
        await world.quiet()
        assert told(world, "chidi") == []
        assert (
            world.looking.rows(
                "select person from follower where person = %s", world.slack.person("bruno").id
            )
            == []
        )


async def test_the_home_lists_what_is_followed(world: World) -> None:
    async with world.bot():
        await world.declared("declare p3 API is down")
        await world.incident("bruno", "follow INC-1")
        await world.slack.people.open_home("bruno")
        await world.until(
            lambda: "you follow it" in json.dumps(getattr(world.slack.home("bruno"), "payload", {}))
        )
        shown = json.dumps(getattr(world.slack.home("bruno"), "payload", {}))
        assert "INC-1 P3" in shown.partition("Open incidents")[2].partition("you follow it")[0]


async def test_who_follows_one_that_is_merged_is_told_where_it_goes_on(world: World) -> None:
    async with world.bot():
        one = await world.declared("declare p3 Search is slow")
        await world.declared("declare p3 API is down")
        await world.incident("bruno", "follow INC-1")
        await world.incident("ana", "merge INC-2", one)
        await world.slack.people.click("ana", world.slack.ephemerals("ana")[-1], "merge")
        await world.quiet()
        (only,) = told(world)
        assert "Merged into INC-2, by @Ana Duarte" in only
        assert "/incident follow INC-2" in only


@pytest.mark.parametrize("moment", ["before_answer", "after_answer"])
async def test_killed_while_it_is_sent_each_follower_reads_it_once(
    database: str, tmp_path: Path, moment: str
) -> None:
    async with theatre(database, tmp_path) as scene:
        await scene.declared()
        people = scene.slack.people
        for who in ("ana", "eve"):
            if who == "eve":
                scene.slack.add_person("eve", "Eve Stone")
            await people.command(who, "general", "/incident", "follow INC-1")
        struck = asyncio.Event()

        async def hook(number: int, method: str) -> None:
            followers = scene.looking.rows("select 1 from outbox where kind = 'TellFollower'")
            if followers and method == "chat.postMessage" and not struck.is_set():
                struck.set()
                scene.program.kill()

        setattr(scene.slack.api, moment, hook)
        room = scene.looking.rows("select channel from incident")[0]["channel"]
        typing = asyncio.create_task(people.command("ana", room, "/incident", "update Rolled back"))
        await scene.until(struck.is_set, what="the blow")
        await asyncio.gather(typing, return_exceptions=True)
        setattr(scene.slack.api, moment, None)
        await scene.start()
        await scene.until(scene.quiet, what="after the kill")
        for who in ("ana", "eve"):
            texts = [scene.text(message) for message in scene.slack.direct_messages(who)]
            assert sum("Rolled back" in each and STOP in each for each in texts) == 1, (who, texts)
