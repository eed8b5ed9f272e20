"""Somebody answers a page at PagerDuty that went quiet when another one answered: it counts, whoever's page it is."""

from pathlib import Path

import pytest

from sandbox.pagerduty.api_server import PagerDutyStandIn
from sandbox.slack import make_refusal, plan_by_table
from tests.scenarios.conftest import World
from tests.scenarios.duties import paging, shown, ways

ON_CALL = '"On-Call Engineer" = "slack:U0CHIDI001"\n'
SENDER = "PBOT001"
BY_EVENT = ["pagerduty:service/OPS_KEY", "pagerduty:service/5a11d0000000000000000000000000e1"]
BY_REST = ["pagerduty:service/PSRV001", "pagerduty:policy/PPOL001"]


async def gone_quiet(world: World, duty: PagerDutyStandIn) -> str:
    """Declare; somebody else answers, and the page of the CTO goes quiet. Gives the incident's channel."""
    channel = await world.declared()
    await world.until(lambda: [each.status for each in duty.incidents] == ["triggered"])
    await world.incident("chidi", "ack", channel)
    await world.until(lambda: [each.status for each in duty.incidents] == ["acknowledged"])
    await world.quiet()
    return channel


@pytest.mark.parametrize("handle", [*BY_EVENT, *BY_REST])
async def test_a_persons_late_answer_at_a_service_or_policy_page_counts_once_and_our_own_never(
    world: World, duty: PagerDutyStandIn, tmp_path: Path, handle: str
) -> None:
    async with paging(world, duty, tmp_path, f'"CTO" = "{handle}"\n{ON_CALL}'):
        channel = await gone_quiet(world, duty)
        ours = "" if handle in BY_EVENT else SENDER
        assert await duty.send_webhook(duty.build_news(duty.incidents[0], ours)) == 202
        await world.quiet()
        assert "in PagerDuty after" not in shown(world, channel), "our own answer comes back as news"
        assert await duty.send_webhook(duty.build_news(duty.incidents[0], "PDEV001")) == 202
        await world.until(lambda: "in PagerDuty after" in shown(world, channel))
        [way] = ways(world).values()
        assert way["acknowledged_at"]
        assert await duty.send_webhook(duty.build_news(duty.incidents[0], "PDEV001")) == 202
        await world.quiet()
        assert len(world.posts(channel, "in PagerDuty after")) == 1
        assert world.looking.kinds(1).count("acknowledged") == 2


async def test_while_pagerduty_does_not_say_who_we_are_there_nobody_is_taken_for_a_person_by_mistake(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    duty.faults = plan_by_table({"users": make_refusal("403")})
    async with paging(world, duty, tmp_path, f'"CTO" = "pagerduty:policy/PPOL001"\n{ON_CALL}'):
        channel = await gone_quiet(world, duty)
        assert await duty.send_webhook(duty.build_news(duty.incidents[0], SENDER)) == 202
        await world.quiet()
        assert "in PagerDuty after" not in shown(world, channel)


async def test_a_persons_answer_after_the_end_of_a_policys_page_is_said_to_be_late(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, f'"CTO" = "pagerduty:policy/PPOL001"\n{ON_CALL}'):
        channel = await gone_quiet(world, duty)
        await world.cancel("ana", "a test", channel)
        await world.until(lambda: duty.incidents[0].status == "resolved")
        assert await duty.send_webhook(duty.build_news(duty.incidents[0], SENDER)) == 202
        await world.quiet()
        assert "already cancelled" not in shown(world, channel)
        duty.incidents[0].status = "acknowledged"
        assert await duty.send_webhook(duty.build_news(duty.incidents[0], "PDEV001")) == 202
        await world.until(lambda: "after INC-1 was cancelled" in shown(world, channel))
