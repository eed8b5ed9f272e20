"""PagerDuty accepts a page and makes no incident of it: it is asked once more, with the same key, and the room told."""

from pathlib import Path

import pytest

from sandbox.pagerduty.api_server import PagerDutyStandIn
from sandbox.slack import make_refusal, plan_by_table
from tests.scenarios.conftest import World
from tests.scenarios.duties import paging, shown

CONTACTS = (
    '"CTO" = ["pagerduty:service/OPS_KEY", "tel:+91 98765 43210"]\n"On-Call Engineer" = "slack:U0CHIDI001"\n'
)
LOST = "PagerDuty accepted the page for CTO but has no incident for it"


def keys(duty: PagerDutyStandIn, action: str = "trigger") -> list[str]:
    """The keys of the events of this kind that PagerDuty was sent."""
    events = (call.body for call in duty.calls if call.name == "enqueue")
    return [event["dedup_key"] for event in events if event["event_action"] == action]


async def declared(world: World, duty: PagerDutyStandIn) -> str:
    channel = await world.declared()
    await world.until(lambda: len(keys(duty)) == 1)
    await world.quiet()
    return channel


async def looked(world: World, duty: PagerDutyStandIn, seconds: int) -> None:
    """So long after the page was accepted it is looked at; wait until that is done."""
    before = len([call for call in duty.calls if call.name == "list"])
    world.looking.rows(
        f"update way set accepted_at = now() - interval '{seconds} seconds', due_at = now() "
        "where accepted_at is not null"
    )
    await world.until(lambda: len([call for call in duty.calls if call.name == "list"]) > before)
    await world.quiet()


async def test_after_a_minute_it_is_asked_once_more_with_the_same_key_and_said(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    duty.swallows = 1
    async with paging(world, duty, tmp_path, CONTACTS):
        channel = await declared(world, duty)
        assert duty.incidents == []
        await looked(world, duty, 45)
        assert (len(keys(duty)), LOST in shown(world, channel)) == (1, False)
        await looked(world, duty, 60)
        assert len(keys(duty)) == 2
        assert len(set(keys(duty))) == 1
        assert [incident.key for incident in duty.incidents] == keys(duty)[:1]
        assert "I'm trying once more. If it's urgent, reach CTO another way" in shown(world, channel)
        await looked(world, duty, 70)
        assert (len(keys(duty)), len(world.posts(channel, LOST))) == (2, 1)
        assert any(
            "once more" in str(row["detail"])
            for row in world.looking.rows("select detail from timeline_entry")
        )


async def test_what_is_lost_twice_is_asked_for_once_more_only(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    duty.swallows = 9
    async with paging(world, duty, tmp_path, CONTACTS):
        channel = await declared(world, duty)
        for seconds in (61, 65, 70):
            await looked(world, duty, seconds)
        assert (len(keys(duty)), len(world.posts(channel, LOST))) == (2, 1)


async def test_when_its_silence_ends_it_is_looked_at_a_last_time_and_the_next_way_is_asked_once(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    duty.swallows = 1
    contacts = CONTACTS.replace('OPS_KEY", ', 'OPS_KEY", "pagerduty:user/PCTO001", ')
    async with paging(world, duty, tmp_path, contacts):
        channel = await declared(world, duty)
        await looked(world, duty, 76)
        await world.until(lambda: {incident.assignee for incident in duty.incidents} == {"", "PCTO001"})
        assert len(keys(duty)) == 2
        assert "Call CTO" not in shown(world, channel), "the way after the next one has its own time"


@pytest.mark.parametrize("state", ["triggered", "acknowledged", "resolved"])
async def test_what_pagerduty_has_in_any_state_is_not_asked_for_again(
    world: World, duty: PagerDutyStandIn, tmp_path: Path, state: str
) -> None:
    async with paging(world, duty, tmp_path, CONTACTS):
        channel = await declared(world, duty)
        duty.incidents[0].status = state
        await looked(world, duty, 61)
        assert (len(keys(duty)), LOST in shown(world, channel)) == (1, False)


@pytest.mark.parametrize("over", [False, True], ids=["answered", "cancelled"])
async def test_what_was_answered_or_is_over_is_not_asked_for_again(
    world: World, duty: PagerDutyStandIn, tmp_path: Path, over: bool
) -> None:
    duty.swallows = 1
    async with paging(world, duty, tmp_path, CONTACTS):
        channel = await declared(world, duty)
        await (world.cancel("chidi", "a test", channel) if over else world.incident("chidi", "ack", channel))
        await world.quiet()
        world.looking.rows("update way set accepted_at = now() - interval '61 seconds', due_at = now()")
        await world.until(lambda: not world.looking.rows("select 1 from way where due_at is not null"))
        await world.quiet()
        assert (len(keys(duty)), LOST in shown(world, channel)) == (1, False)


async def test_while_pagerduty_cannot_be_asked_whether_it_has_it_nothing_is_repeated(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    duty.swallows = 1
    async with paging(world, duty, tmp_path, CONTACTS):
        channel = await declared(world, duty)
        duty.faults = plan_by_table({"list": make_refusal("403")})
        await looked(world, duty, 61)
        assert (len(keys(duty)), LOST in shown(world, channel)) == (1, False)
        duty.faults = plan_by_table({})
        await looked(world, duty, 70)
        assert (len(keys(duty)), LOST in shown(world, channel)) == (2, True)


async def test_what_appears_before_it_is_asked_for_again_is_not(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    duty.swallows = 1
    async with paging(world, duty, tmp_path, CONTACTS):
        await declared(world, duty)
        lists = 0

        def late(name: str) -> None:
            nonlocal lists
            lists += name == "list"
            if lists == 2 and not duty.incidents:  # right before the repetition
                duty.deliver_late(keys(duty)[0])

        duty.on_request = late
        await looked(world, duty, 61)
        assert (len(keys(duty)), len(duty.incidents)) == (1, 1)


async def test_who_was_paged_by_name_after_an_answer_is_asked_for_again_too(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, CONTACTS):
        channel = await world.declared("declare p2 Search is slow")
        await world.incident("chidi", "ack", channel)
        duty.swallows = 1
        await world.incident("ana", "page CTO", channel)
        await world.until(lambda: len(keys(duty)) == 1)
        await world.quiet()
        await looked(world, duty, 61)
        assert len(keys(duty)) == 2
