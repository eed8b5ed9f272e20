"""Channels that cannot be made, are lost and come back, scopes that are taken away: said where people look, and the
incident goes on.
"""

import asyncio
from pathlib import Path

import pytest

from bot.app import open_bot
from sandbox.slack import make_delay, make_refusal, make_server_error, plan_by_table
from sandbox.slack.workspace import BOT_USER
from tests.scenarios.conftest import RUNBOOK, World

INCIDENTS = "incident-response"


def thread(world: World, words: str = "") -> list[str]:
    """What stands in the thread of INC-1's announcement."""
    (announced,) = [post for post in world.posts(INCIDENTS, "INCIDENT ALERT") if post.thread_ts is None]
    said = [post for post in world.posts(INCIDENTS, words) if post.thread_ts == announced.ts]
    return [world.text(each) for each in said if each.ts != announced.ts]


def now(world: World, kind: str) -> None:
    """Let the effects of this kind be due."""
    world.looking.rows("update outbox set not_before = now() where kind = %s and state = 'pending'", kind)


async def without_channel(world: World) -> None:
    """Declare INC-1 while Slack makes no channels."""
    await world.quiet()
    world.slack.api.faults = plan_by_table({"conversations.create": make_refusal("restricted_action")})
    await world.incident("ana", "declare p0 API is down")
    await settled(world)
    assert thread(world, "INCIDENT ALERT")


async def settled(world: World) -> None:
    """Wait until nothing that is due waits."""
    due = (
        "select 1 from outbox where state in ('pending', 'sending') and not_before <= now() + interval '5 s'"
    )
    await world.until(lambda: not world.looking.rows(due))


async def test_the_incident_moves_when_its_channel_comes_after_all(world: World) -> None:
    async with world.bot():
        await without_channel(world)
        await world.incident("ana", "update INC-1 in the thread")
        await settled(world)
        assert thread(world, "in the thread")
        now(world, "MoveToChannel")
        await settled(world)
        assert world.looking.rows("select channel from incident") == [{"channel": None}]
        # The answer is lost, though the channel was made.
        world.slack.api.faults = plan_by_table({"conversations.create": [make_server_error(after_work=True)]})
        now(world, "MoveToChannel")
        await world.until(lambda: world.looking.rows("select channel from incident")[0]["channel"])
        await settled(world)
        room = world.slack.channel(world.looking.rows("select channel from incident")[0]["channel"])
        assert room.name == "inc-1-api-is-down"
        assert [each.name for each in world.slack.channels(of_bot=True)].count(room.name) == 1
        assert len(world.posts(room.id, "INCIDENT ALERT")) == 1
        assert len(world.posts(room.id, "Playbook: ")) == 1
        assert [world.text(room.messages[pin.ts])[:20] for pin in room.pins]
        assert (len(room.pins), len(room.bookmarks)) == (1, 1)
        assert room.topic["value"].startswith("P0")
        handles = {world.slack.person(member).handle for member in room.members}
        assert {"ana", "bruno", "chidi", "devika"} <= handles
        assert len(thread(world, "This incident continues in #inc-1-api-is-down")) == 1
        await world.incident("ana", "update INC-1 in the channel")
        await world.incident("ana", "severity P1", room.id)
        await settled(world)
        assert len(world.posts(room.id, "What changed by")) == 1
        assert [each for each in thread(world, "in the channel") if "What changed" in each] == []
        (card,) = thread(world, "INCIDENT ALERT")
        assert "INCIDENT ALERT - P1" in card, "the thread's copy is kept up to date"
        assert "INCIDENT ALERT - P1" in world.text(world.posts(room.id, "INCIDENT ALERT")[0])
        assert "channel_opened" in world.looking.kinds(1)
        assert "War Room: #inc-1-api-is-down" in world.text(world.posts(INCIDENTS, "INCIDENT ALERT")[0])


async def test_a_resolved_incident_does_not_move(world: World) -> None:
    async with world.bot():
        await without_channel(world)
        await world.cancel("ana", "INC-1 by mistake")
        await settled(world)
        world.slack.api.faults = plan_by_table({})
        now(world, "MoveToChannel")
        await settled(world)
        assert (
            world.looking.rows("select 1 from outbox where kind = 'MoveToChannel' and state = 'pending'")
            == []
        )
        assert world.slack.workspace.find_channel("inc-1-api-is-down") is None


async def lose(world: World, channel: str, how: str, told: bool) -> None:
    """Take the channel away from the bot, with or without the event that tells so."""
    types, place = world.slack.events.types, world.slack.channel(channel)
    if not told:
        world.slack.events.types = frozenset()
    if how == "archived":
        world.slack.people.archive("ana", channel)
    elif how == "removed":
        world.slack.people.leave(world.slack.workspace.users[BOT_USER], channel)
    else:
        del world.slack.workspace.channels[place.id]
        world.slack.workspace.emit({"type": "channel_deleted", "channel": place.id})
    world.slack.events.types = types


WHAT_TO_DO = {
    ("archived", True): "it was archived. Unarchive it to go back there",
    ("archived", False): "it was archived. Unarchive it to go back there",
    ("removed", True): "I was taken out of it. Invite me to go back there",
    ("removed", False): "I was taken out of it. Invite me to go back there",
    ("deleted", True): "it was deleted",
    ("deleted", False): "it was deleted, or hidden from me. If it is still there, invite me",
}
"""What is said of a lost channel, with and without Slack's event."""


@pytest.mark.parametrize("told", [True, False], ids=["with the event", "without the event"])
@pytest.mark.parametrize("how", ["archived", "removed", "deleted"])
async def test_when_its_channel_is_lost_the_incident_goes_on_in_the_thread(
    world: World, how: str, told: bool
) -> None:
    async with world.bot():
        channel = await world.declared()
        await lose(world, channel, how, told)
        await world.incident("ana", "update INC-1 still down")
        await world.incident("ana", "severity INC-1 P1")
        await settled(world)
        assert len(thread(world, "I cannot write in")) == 1
        assert len(thread(world, WHAT_TO_DO[how, told])) == 1
        assert len([each for each in thread(world) if "still down" in each and "What changed" in each]) == 1
        (card,) = thread(world, "INCIDENT ALERT - P1")
        assert "[Post update]  [Resolve]" in card, "slash commands do not work in threads"
        assert "War Room: the thread of its announcement" in card
        assert len(thread(world, "changed severity")) == 1
        assert thread(world, "I couldn't do this") == []
        assert "channel_lost" in world.looking.kinds(1)
        assert world.looking.rows("select key, error from outbox where state = 'dead'") == []
        if how != "deleted":
            await world.incident("ana", "note seen here", channel)
            assert world.looking.kinds(1)[-1] == "note_added", "words in the lost channel are about it still"


async def test_the_event_that_is_for_the_app_alone_tells_it_too(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        world.slack.events.types = frozenset({"channel_left"})
        world.slack.people.leave(world.slack.workspace.users[BOT_USER], channel)
        await world.until(lambda: thread(world, WHAT_TO_DO["removed", True]))
        assert "channel_lost" in world.looking.kinds(1), "nothing was posted there to find it out"


async def test_so_does_a_private_one(world: World) -> None:
    async with world.bot():
        await world.incident("ana", "declare private p1 Payroll was copied")
        await world.quiet()
        channel = world.looking.rows("select channel from incident")[0]["channel"]
        world.slack.events.types = frozenset({"group_left"})
        world.slack.people.leave(world.slack.workspace.users[BOT_USER], channel)
        await world.until(lambda: "channel_lost" in world.looking.kinds(1))
        await settled(world)
        heard = "\n".join(world.text(message) for message in world.slack.direct_messages("ana"))
        assert WHAT_TO_DO["removed", True] in heard
        assert world.posts(INCIDENTS, "copied") == []


async def test_what_changes_while_the_card_is_on_its_way_into_the_thread_is_shown_there(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        world.slack.api.faults = plan_by_table({"chat.postMessage": [None, make_delay(1.5)]})
        await lose(world, channel, "deleted", told=True)
        await world.until(lambda: thread(world, "INCIDENT ALERT - P0"))
        assert world.looking.rows(
            "select 1 from outbox where key = 'alert:1:thread' and state = 'sending'"
        ), "Slack has it, and the bot has not heard so yet"
        await world.incident("ana", "severity INC-1 P1")
        await settled(world)
        (card,) = thread(world, "INCIDENT ALERT")
        assert "INCIDENT ALERT - P1" in card


@pytest.mark.parametrize("how", ["archived", "removed"])
async def test_it_goes_back_when_the_channel_can_be_used_again(world: World, how: str) -> None:
    async with world.bot():
        channel = await world.declared()
        await lose(world, channel, how, told=True)
        await world.until(lambda: thread(world, "I cannot write in"))
        if how == "archived":
            world.slack.people.unarchive("ana", channel)
        else:
            world.slack.people.join(world.slack.workspace.users[BOT_USER], channel)
        await world.until(lambda: world.posts(channel, "this incident continues here"))
        await settled(world)
        (card,) = thread(world, "INCIDENT ALERT")
        assert "War Room: #inc-1-api-is-down" in card, "the thread's copy leads back"
        await world.incident("ana", "update INC-1 mended", channel)
        await settled(world)
        assert len(world.posts(channel, "What changed by")) == 1
        assert len(thread(world, "This incident continues in #inc-1-api-is-down")) == 1
        assert world.looking.kinds(1).count("channel_back") == 1


async def test_a_private_incident_that_loses_its_channel_goes_on_with_its_commander(world: World) -> None:
    async with world.bot():
        await world.incident("ana", "declare private p1 Payroll was copied")
        await world.quiet()
        channel = world.looking.rows("select channel from incident")[0]["channel"]
        world.slack.people.archive("ana", channel)
        await world.until(lambda: "channel_lost" in world.looking.kinds(1))
        await world.incident("ana", "update INC-1 who copied it")
        await settled(world)
        heard = "\n".join(world.text(message) for message in world.slack.direct_messages("ana"))
        assert "I cannot write in" in heard
        assert "who copied it" in heard
        assert world.posts(INCIDENTS, "copied") == []


async def test_a_channel_that_somebody_renames_stays_the_incidents_channel(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        world.slack.people.rename("ana", channel, "war-room-tonight")
        await world.until(lambda: "channel_renamed" in world.looking.kinds(1))
        await world.incident("ana", "update here we go on", channel)
        await world.incident("ana", "rename Checkout is down", channel)
        await settled(world)
        assert len(world.posts(channel, "here we go on")) >= 1
        assert world.slack.channel(channel).name == "inc-1-checkout-is-down"
        assert world.looking.kinds(1).count("channel_renamed") == 1


async def test_a_scope_that_is_taken_away_is_named_with_where_to_add_it(world: World) -> None:
    async with world.bot():
        await world.quiet()
        world.slack.api.scopes = world.slack.api.scopes - {"pins:write"}
        channel = await world.declared()
        await settled(world)
        (said,) = world.posts(channel, "I couldn't do this")
        assert "add the scope pins:write at api.slack.com/apps under OAuth & Permissions" in world.text(said)
        assert len(world.posts(channel, "INCIDENT ALERT")) == 1


async def test_without_the_right_to_write_everything_waits_and_the_health_page_says_so(world: World) -> None:
    async with world.bot() as running:
        await world.quiet()
        scopes = world.slack.api.scopes
        world.slack.api.scopes = scopes - {"chat:write"}
        await world.incident("ana", "declare p0 API is down")

        async def trouble() -> str:
            return (await running.health.readyz()).text or ""

        async with asyncio.timeout(60):
            while "add the scope chat:write" not in await trouble():
                await asyncio.sleep(0.05)
        world.slack.api.scopes = scopes
        world.looking.rows("update outbox set not_before = now() where state = 'pending'")
        await world.quiet(30)
        channel = world.looking.rows("select channel from incident")[0]["channel"]
        assert len(world.posts(channel, "INCIDENT ALERT")) == 1
        assert len(world.slack.direct_messages("bruno")) == 1
        assert "chat:write" not in await trouble()


async def test_when_the_incidents_channel_is_archived_the_room_is_told_and_the_incident_goes_on(
    world: World,
) -> None:
    async with world.bot():
        await world.quiet()
        world.slack.people.archive("ana", INCIDENTS)
        channel = await world.declared()
        await settled(world)
        assert len(world.posts(channel, "I couldn't do this: the announcement")) == 1
        await world.incident("ana", "update still down", channel)
        await settled(world)
        assert len(world.posts(channel, "What changed by")) == 1


async def test_a_start_without_a_readable_runbook_says_so_once_in_the_incidents_channel(
    world: World, tmp_path: Path
) -> None:
    broken = tmp_path / "runbook.md"
    broken.write_bytes(RUNBOOK.read_bytes())
    async with world.bot(runbook=broken):
        await world.quiet()
    broken.write_bytes(b"# Runbook\n\xff\xfe broken")
    for _ in range(2):
        async with world.bot(runbook=broken):
            await world.quiet()
            assert "INC-" in (await world.incident("ana", "declare p3 A typo")).body
    async with open_bot(world.settings.model_copy(update={"runbook": broken})):
        await world.quiet()
    said = world.posts(INCIDENTS, "I can't read the runbook")
    assert len(said) == 1
    assert "line 2" in world.text(said[0])
    assert "I keep using the last good version." in world.text(said[0])


async def test_what_can_be_repaired_in_a_runbook_is_said_with_its_file_and_line(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    twice = RUNBOOK.read_text() + "\n## P0 INCIDENT: API COMPLETELY DOWN\n### Symptoms\n- ðŸš¨\n"
    mended = tmp_path / "runbook.md"
    mended.write_text(twice)
    async with world.bot(runbook=mended):
        last = len(twice.splitlines())
        assert f"{mended}, line {last}: 1 line was encoded as UTF-8 twice" in caplog.text
        assert f"{mended}, line {last - 2}: Another playbook, at line" in caplog.text
