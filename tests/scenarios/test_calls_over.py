"""The direct messages of people who were called say when nobody waits for an answer any more, or again."""

from pathlib import Path

import pytest

from sandbox.pagerduty.api_server import PagerDutyStandIn
from sandbox.slack.mentions import find_mentions
from tests.scenarios.asking import contacts
from tests.scenarios.conftest import World
from tests.scenarios.duties import asks, due, paging, shown
from tests.scenarios.test_ladder import quiet_for

TEAM = """
"CTO" = "slack:U0BRUNO001"
"On-Call Engineer" = "slack:U0CHIDI001"
"DevOps Lead" = "slack:devika@team.example"
"""
TWO = TEAM.rpartition('"DevOps Lead"')[0]


def called(world: World, who: str) -> str:
    """What the direct message that called somebody says now, its buttons in brackets."""
    (message,) = world.slack.direct_messages(who)
    return world.text(message).removeprefix("━ ")


def notified(world: World, who: str) -> str:
    """What a list of conversations and a screen reader say of it."""
    (message,) = world.slack.direct_messages(who)
    return message.text


async def resolved(world: World, channel: str, who: str = "ana") -> None:
    await world.incident(who, "resolve", channel)
    form = await world.form(who)
    assert (await world.slack.people.submit(who, form, {"resolution": {"resolution": "Rolled back"}})).ok
    await world.quiet()


async def ended(world: World, channel: str, how: str) -> None:
    await (resolved(world, channel) if how == "resolved" else world.cancel("ana", "a false alarm", channel))
    await world.quiet()


@pytest.mark.parametrize("how", ["resolved", "cancelled"])
async def test_after_the_end_nobody_who_was_called_is_asked_for_anything(
    world: World, tmp_path: Path, how: str
) -> None:
    async with world.bot(**contacts(tmp_path, TEAM)):
        channel = await world.declared()
        await world.incident("bruno", "ack", channel)
        await world.quiet()
        assert "[Acknowledge]" in called(world, "chidi") and "🚨" in called(world, "chidi")
        await ended(world, channel, how)
        for who in ("bruno", "chidi", "devika"):
            text = called(world, who)
            assert text.startswith(f"{how.title()}: P0: API is down\n")
            assert f"\nINC-1 was {how} at " in text
            assert not any(each in text for each in ("🚨", "[Acknowledge]", "Please acknowledge", "You're"))
            assert notified(world, who).startswith(f"{how.title()}: ")


async def test_a_lower_severity_says_so_to_whom_it_does_not_call_and_a_higher_one_calls_them_again(
    world: World, tmp_path: Path
) -> None:
    async with world.bot(**contacts(tmp_path, TWO)):
        channel = await world.declared()
        await asks(world, "ana", "page @devika please look", channel)
        await world.quiet()
        await world.incident("ana", "severity p2", channel)
        await world.quiet()
        text = called(world, "bruno")
        assert text.startswith("No longer paged: P2: API is down\n")
        assert "\nIt is P2 now, which doesn't page you (since " in text
        assert not any(each in text for each in ("🚨", "[Acknowledge]", "Please acknowledge"))
        assert "CTO: DM" not in shown(world, channel)
        for who in ("chidi", "devika"):
            assert called(world, who).startswith("🚨 P2: API is down\n"), (
                "the severity, or somebody, calls them"
            )
            assert "[Acknowledge]" in called(world, who)
        await world.incident("ana", "severity p0", channel)
        await world.quiet()
        for who in ("bruno", "chidi", "devika"):
            assert called(world, who).startswith("🚨 P0: API is down\n")
            assert "[Acknowledge]" in called(world, who)
        ring = world.posts(channel, "you're being paged for INC-1")[-1]
        last = [who for _, who in find_mentions(ring.text, ring.blocks)]
        assert world.slack.person("bruno").id in last, "an edit does not ring"
        assert world.slack.person("chidi").id not in last


async def test_who_answered_and_is_not_called_any_more_is_told_too(world: World, tmp_path: Path) -> None:
    async with world.bot(**contacts(tmp_path, TEAM)):
        channel = await world.declared()
        await world.incident("bruno", "ack", channel)
        await world.quiet()
        assert "Acknowledged by @Bruno Keller" in called(world, "bruno")
        await world.incident("ana", "severity p2", channel)
        await world.quiet()
        assert "It is P2 now, which doesn't page you" in called(world, "bruno")
        await world.cancel("ana", "over", channel)
        await world.quiet()
        assert called(world, "bruno").startswith("Cancelled: ")


COMMANDER = """
"CTO" = ["slack:U0BRUNO001", "pagerduty:user/PCTO001"]
"DevOps Lead" = ["slack:U0DEVIKA01", "pagerduty:user/PDEV001"]
"""


async def changed(world: World, channel: str, severity: str) -> None:
    await world.incident("ana", f"severity {severity}", channel)
    await world.quiet()


async def test_a_commander_who_acknowledged_is_not_rung_again_when_it_goes_down_and_up_but_who_did_not_is(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, COMMANDER):
        channel = await world.declared()
        for who in ("bruno", "devika"):
            await world.incident(who, "ack", channel)
        await world.incident("bruno", "lead", channel)
        await world.until(lambda: len(duty.incidents) == 2)
        await world.quiet()
        await changed(world, channel, "p2")
        assert "Acknowledged by @Bruno Keller" in called(world, "bruno")
        assert called(world, "devika").startswith("No longer paged: ")
        mentioned = len(world.posts(channel, "you're being paged for INC-1"))
        await changed(world, channel, "p0")
        await world.until(lambda: len(duty.incidents) == 3)
        assert "Acknowledged by @Bruno Keller" in called(world, "bruno")
        assert "[Acknowledge]" not in called(world, "bruno")
        assert called(world, "devika").startswith("🚨 ") and "[Acknowledge]" in called(world, "devika")
        (ring,) = world.posts(channel, "you're being paged for INC-1")[mentioned:]
        assert {who for kind, who in find_mentions(ring.text, ring.blocks) if kind == "user"} == {
            "U0DEVIKA01"
        }
        assert [each.assignee for each in duty.incidents].count("PCTO001") == 1
        assert [each.assignee for each in duty.incidents].count("PDEV001") == 2


async def test_a_commander_is_rung_again_who_has_not_acknowledged_or_where_it_could_wait(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, COMMANDER):
        channel = await world.declared()
        world.looking.rows("update incident set commander = 'U0BRUNO001'")
        await changed(world, channel, "p2")
        assert called(world, "bruno").startswith("No longer paged: ")
        await changed(world, channel, "p0")
        assert called(world, "bruno").startswith("🚨 ") and "[Acknowledge]" in called(world, "bruno")
        await world.until(lambda: [each.assignee for each in duty.incidents].count("PCTO001") == 2)
        await world.incident("bruno", "ack", channel)
        await world.quiet()
        await changed(world, channel, "p3")
        await changed(world, channel, "p0")
        await world.until(lambda: [each.assignee for each in duty.incidents].count("PCTO001") == 3)
        assert "[Acknowledge]" in called(world, "bruno")


async def test_whom_nobody_answered_for_gets_the_button_back_when_it_is_reopened(
    world: World, tmp_path: Path
) -> None:
    async with world.bot(**contacts(tmp_path, TEAM)):
        channel = await world.declared()
        await world.cancel("ana", "a mistake", channel)
        await world.quiet()
        await world.incident("ana", "reopen", channel)
        await world.quiet()
        for who in ("bruno", "chidi", "devika"):
            assert called(world, who).startswith("🚨 P0: API is down\n")
            assert "[Acknowledge]" in called(world, who)
        (message,) = world.slack.direct_messages("bruno")
        await world.slack.people.click("bruno", message, "acknowledge")
        await world.quiet()
        assert "Acknowledged by @Bruno Keller" in called(world, "bruno")


async def test_reopened_where_somebody_had_answered_only_who_is_called_anew_gets_the_button_back(
    world: World, tmp_path: Path
) -> None:
    async with world.bot(**contacts(tmp_path, TEAM)):
        channel = await world.declared()
        await world.incident("bruno", "ack", channel)
        await resolved(world, channel)
        await world.incident("ana", "reopen", channel)
        await world.quiet()
        assert "Acknowledged by @Bruno Keller" in called(world, "bruno")
        text = called(world, "chidi")
        assert text.startswith("No longer paged: P0: API is down\n")
        assert "It was reopened without paging you again (since " in text
        assert "[Acknowledge]" not in text
        for name, who in (("On-Call Engineer", "chidi"), ("CTO", "bruno")):
            assert f"paged {name}" in await asks(world, "devika", f"page {name} it is back", channel)
            await world.quiet()
            assert called(world, who).startswith("🚨 ") and "[Acknowledge]" in called(world, who)
        (message,) = world.slack.direct_messages("bruno")
        await world.slack.people.click("bruno", message, "acknowledge")
        await world.quiet()
        assert "[Acknowledge]" not in called(world, "bruno")
        assert "[Acknowledge]" in called(world, "chidi")


async def test_after_silence_who_is_called_anew_gets_the_button_back(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, TEAM):
        channel = await world.declared()
        await world.incident("chidi", "ack", channel)
        await world.quiet()
        assert "[Acknowledge]" not in called(world, "chidi")
        quiet_for(world, 31)
        await world.until(lambda: world.posts(channel, "are you still on"))
        due(world)
        await world.until(lambda: world.posts(channel, "Those who acknowledged have been silent."))
        await world.quiet()
        (said,) = world.posts(channel, "Those who acknowledged have been silent.")
        again = [who for kind, who in find_mentions(said.text, said.blocks) if kind == "user"]
        asked = [name for name in ("chidi", "bruno", "devika") if world.slack.person(name).id in again]
        assert asked
        for who in asked:
            assert "[Acknowledge]" in called(world, who)
