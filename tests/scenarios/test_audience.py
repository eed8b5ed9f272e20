"""All hands that reach nobody: people of the incidents channel are counted, and it is said where there are none."""

import asyncio
import os

import pytest

from sandbox.slack import make_refusal, plan_by_table
from tests.bot_template import TEMPLATE
from tests.scenarios.conftest import RUNBOOK, World
from tests.scenarios.duties import asks, due, shown
from tests.scenarios.test_start import readyz

EMPTY = "0 people are in #incident-response: invite them"


@pytest.fixture
def world(world: World) -> World:
    """Nobody joins the incidents channel by themselves."""
    world.slack.workspace.joining.clear()
    return world


def people(world: World) -> object:
    rows = world.looking.rows("select people from place")
    return rows[0]["people"] if rows else None


async def join(world: World, who: str) -> None:
    """Somebody comes into the incidents channel, and it is counted anew."""
    world.slack.people.join(who, "incident-response")
    await world.until(lambda: people(world) == 1)


async def test_after_the_first_start_the_log_and_readyz_say_that_nobody_is_there_until_somebody_joins(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async with world.bot():
        await world.until(lambda: people(world) == 0)
        await world.quiet()
        assert EMPTY in caplog.text
        assert (await readyz(world))[1] == {"status": "degraded", "reasons": [EMPTY]}
        await join(world, "devika")
        await world.until(lambda: people(world) == 1)
        assert (await readyz(world))[1] == {"status": "ok"}
        world.slack.people.leave("devika", "incident-response")
        await world.until(lambda: people(world) == 0)


async def test_bots_are_no_people(world: World) -> None:
    world.slack.workspace.joining["incident-response"] = (world.slack.person("statusbot").id,)
    async with world.bot():
        await world.until(lambda: people(world) == 0)


async def test_a_start_counts_anew_in_a_channel_that_it_knows(world: World) -> None:
    async with world.bot():
        await world.until(lambda: people(world) == 0)
    world.slack.channel("incident-response").members.append(world.slack.person("ana").id)
    async with world.bot():
        await world.until(lambda: people(world) == 1)


async def test_all_hands_into_an_empty_channel_are_never_said_to_be_called(world: World) -> None:
    async with world.bot():
        await world.until(lambda: people(world) == 0)
        answer = await world.incident("ana", "declare p0 API is down")
        assert EMPTY in answer.body
        assert "@channel posted" not in answer.body
        await world.quiet()
        room = str(world.looking.rows("select channel from incident")[0]["channel"])
        assert len(world.posts(room, EMPTY)) == 1
        for _ in range(4):
            due(world)
            await asyncio.sleep(0)
            await world.quiet()
        assert "Paged: everyone" not in shown(world, room)
        assert EMPTY in await asks(world, "ana", "page everyone", room)
        await world.quiet()
        assert "paged everyone" not in shown(world, room)


async def test_everyone_in_an_empty_channel_is_not_called_beside_others(world: World) -> None:
    async with world.bot():
        await world.until(lambda: people(world) == 0)
        room = await world.declared("declare p3 Search is slow")
        for typed, called in (
            ("page CTO, everyone", "paged CTO"),
            ("page @gus and everyone", "paged gus"),
            ("page everyone @gus", "paged @Gus Holm"),
        ):
            before = len(world.posts(room))
            said = await asks(world, "ana", typed, room)
            await world.quiet()
            said = "\n".join([said, *map(world.text, world.posts(room)[before:])])
            assert called in said and EMPTY in said, (typed, said)
            assert world.looking.rows(
                "select detail ->> 'to' as who from timeline_entry where kind = 'page_requested' "
                "order by id desc limit 1"
            )[0]["who"] in ("CTO", ""), typed
        await world.quiet()
        told = shown(world, room)
        assert "paged CTO" in told
        assert told.count(f"{EMPTY}. The @channel message there reached nobody.") == 3


async def test_somebody_who_is_there_is_called_as_ever(world: World) -> None:
    async with world.bot():
        await world.until(lambda: people(world) == 0)
        await join(world, "devika")
        answer = await world.incident("ana", "declare p0 API is down")
        assert "@channel posted in the incidents channel: all hands" in answer.body
        await world.quiet()
        room = str(world.looking.rows("select channel from incident")[0]["channel"])
        assert EMPTY not in shown(world, room)


async def test_who_left_unheard_is_found_out_when_the_channel_is_used(world: World) -> None:
    world.slack.workspace.joining["incident-response"] = (world.slack.person("devika").id,)
    async with world.bot():
        await world.until(lambda: people(world) == 1)
        world.slack.channel("incident-response").members.remove(world.slack.person("devika").id)
        room = await world.declared()
        await world.until(lambda: world.posts(room, EMPTY))
        assert people(world) == 0


async def test_several_known_members_are_not_counted_again_for_an_announcement(world: World) -> None:
    world.slack.workspace.joining["incident-response"] = tuple(
        world.slack.person(who).id for who in ("devika", "bruno", "chidi")
    )
    async with world.bot():
        await world.until(lambda: people(world) == 3)
        world.slack.calls.clear()
        await world.declared()
        assert world.slack.calls.of("conversations.members") == []


async def test_while_slack_does_not_tell_who_is_there_nothing_is_claimed(world: World) -> None:
    world.slack.api.faults = plan_by_table({"conversations.members": make_refusal("missing_scope")})
    async with world.bot():
        answer = await world.incident("ana", "declare p0 API is down")
        assert "0 people" not in answer.body
        await world.quiet()
        assert people(world) is None


async def check(world: World, **more: str) -> str:
    """What `check` says beside its report, for whoever has the bot's token."""
    told = {"SLACK_BOT_TOKEN": world.slack.bot_token, "SLACK_API_URL": world.slack.api_url, **more}
    done = await asyncio.to_thread(TEMPLATE.run, ["check", str(RUNBOOK)], os.environ | told)
    return done.stderr


async def test_check_says_whether_anybody_would_read_the_incidents_channel(world: World) -> None:
    assert "#incident-response does not exist yet" in await check(world)
    async with world.bot():
        await world.until(lambda: people(world) == 0)
        assert f"tocsin: {EMPTY}." in await check(world)
        assert "#elsewhere does not exist yet" in await check(world, TOCSIN_CHANNEL="elsewhere")
        await join(world, "ana")
        assert "people are in" not in await check(world)
    world.slack.api.faults = plan_by_table({"conversations.list": make_refusal("missing_scope")})
    assert "Who is in #incident-response is not known" in await check(world)
    assert "Who is in" not in await check(world, SLACK_BOT_TOKEN="")
