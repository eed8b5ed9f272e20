"""Sequences of changes against whom they really call: raised, lowered, reopened, shared handles, a shift that ended."""

from pathlib import Path

from sandbox.pagerduty.api_server import PagerDutyStandIn
from sandbox.slack import make_hang, make_refusal, make_server_error, plan_by_table
from sandbox.slack.faults import plan_always, plan_no_faults
from tests.scenarios.conftest import World
from tests.scenarios.duties import CTO, asks, due, paging, shown
from tests.scenarios.test_answers import PAIR, SCHEDULE, states
from tests.scenarios.test_ladder import TEAM, quiet_for

SHARED = """
"DevOps Lead" = ["pagerduty:service/OPS_KEY"]
"On-Call Engineer" = ["pagerduty:service/OPS_KEY", "tel:+91 98765 43210"]
"""


async def test_raised_to_all_hands_the_incidents_channel_is_called_as_when_it_is_declared(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, TEAM):
        channel = await world.declared("declare p2 Search is slow")
        await world.incident("ana", "severity p0", channel)
        await world.until(lambda: world.posts("incident-response", "all hands"))
        await world.incident("ana", "severity p1", channel)
        await world.incident("ana", "severity p0", channel)
        await world.quiet()
        assert len(world.posts("incident-response", "all hands")) == 1, "nobody twice"


async def test_reopened_before_anybody_answered_the_incidents_channel_is_called_again(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, TEAM):
        channel = await world.declared()
        before = len(world.posts("incident-response", "@channel"))
        await world.cancel("ana", "a mistake", channel)
        await world.incident("ana", "reopen", channel)
        await world.until(lambda: len(world.posts("incident-response", "@channel")) == before + 1)


async def test_called_off_by_a_lower_severity_who_is_on_call_is_asked_anew_when_it_is_raised_again(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, CTO, SCHEDULE):
        channel = await world.declared()
        await world.until(lambda: ("PDEV001", "triggered") in states(duty))
        await world.quiet()
        await world.incident("ana", "severity p1", channel)
        await world.until(lambda: ("PDEV001", "resolved") in states(duty))
        await world.incident("ana", "severity p0", channel)
        await world.until(lambda: ("PDEV001", "triggered") in states(duty))


async def test_by_name_who_is_on_call_now_is_called_not_who_was_when_it_began(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, CTO, SCHEDULE):
        channel = await world.declared("declare p2 Search is slow")
        await world.until(lambda: states(duty) == [("PDEV001", "triggered")])
        await world.quiet()
        await duty.answer_phone(duty.incidents[0].key, "PDEV001")
        duty.users["PNEW001"] = ("Chidi", "chidi@team.example")
        duty.on_call["PSCH001"] = ["PNEW001"]
        assert "On-Call Engineer" in await asks(world, "ana", "page on-call engineer it is back", channel)
        await world.until(lambda: states(duty)[1:] == [("PNEW001", "triggered")])
        await world.quiet()
        assert len(duty.incidents) == 2, "who went off duty is left alone"


async def test_after_silence_who_is_on_call_by_then_is_called(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, CTO, SCHEDULE):
        channel = await world.declared()
        await world.until(lambda: ("PDEV001", "triggered") in states(duty))
        await world.incident("devika", "ack", channel)
        await world.quiet()
        duty.users["PNEW001"] = ("Chidi", "chidi@team.example")
        duty.on_call["PSCH001"] = ["PNEW001"]
        quiet_for(world, 31)
        await world.until(lambda: world.posts(channel, "are you still on"))
        due(world)
        await world.until(lambda: ("PNEW001", "triggered") in states(duty))


async def test_when_the_schedule_cannot_be_read_any_more_who_was_on_call_is_called_again_by_name(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, CTO, SCHEDULE):
        channel = await world.declared("declare p2 Search is slow")
        await world.until(lambda: states(duty) == [("PDEV001", "triggered")])
        await world.incident("devika", "ack", channel)
        await world.quiet()
        duty.faults = plan_by_table({"oncalls": [make_server_error()] * 50})
        await asks(world, "ana", "page on-call engineer it is back", channel)
        await world.until(lambda: "cannot be read" in shown(world, channel))
        await world.until(lambda: states(duty)[1:] == [("PDEV001", "triggered")])


async def test_a_number_waits_for_its_turn_when_the_page_before_it_is_shared_with_another_contact(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, SHARED):
        channel = await world.declared()
        await world.until(lambda: len(duty.incidents) == 1)
        await world.quiet()
        assert "Call On-Call Engineer" not in shown(world, channel)
        due(world, "way")
        await world.until(lambda: "Call On-Call Engineer: +919876543210" in shown(world, channel))


async def test_a_page_that_is_shared_stays_open_for_who_is_still_called_at_the_lower_severity(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, SHARED):
        channel = await world.declared()
        await world.until(lambda: len(duty.incidents) == 1)
        await world.incident("ana", "severity p2", channel)
        await world.quiet()
        assert [status for _, status in states(duty)][-1] == "triggered"


async def test_who_shares_a_page_that_went_quiet_can_be_paged_by_name(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    book = '"DevOps Lead" = "pagerduty:service/OPS_KEY"\n"On-Call Engineer" = "pagerduty:service/OPS_KEY"\n'
    async with paging(world, duty, tmp_path, book):
        channel = await world.declared("declare p2 Search is slow")
        await world.until(lambda: len(duty.incidents) == 1)
        await world.incident("ana", "ack", channel)
        await world.until(lambda: states(duty) == [("", "acknowledged")])
        await world.quiet()  # the room has its answer, or it would be taken for the next one
        assert "paged DevOps Lead" in await asks(world, "ana", "page devops lead come", channel)
        await world.until(lambda: states(duty) == [("", "acknowledged"), ("", "triggered")])


async def test_one_person_behind_two_contacts_is_mentioned_when_the_other_one_is_called(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    book = '"On-Call Engineer" = "slack:U0CHIDI001"\n"CTO" = "slack:U0CHIDI001"\n'
    async with paging(world, duty, tmp_path, book):
        channel = await world.declared("declare p2 Search is slow")
        await world.quiet()
        assert "paged CTO" in await asks(world, "ana", "page CTO look at this", channel)
        await world.until(lambda: world.posts(channel, "paged CTO @Chidi Okafor: look at this"))
        assert len(world.slack.direct_messages("chidi")) == 1


async def test_after_an_answer_nobody_is_said_to_have_given_none(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, TEAM):
        channel = await world.declared("declare p2 Search is slow")
        await world.incident("chidi", "ack", channel)
        await asks(world, "chidi", "escalate", channel)
        await world.until(lambda: "@Chidi Okafor asked for more people. Now paged: " in shown(world, channel))
        for rung in (2, 3):
            due(world)
            await world.until(lambda: world.looking.rows("select 1 from incident where rung = %s", rung))  # noqa: B023
        await world.until(lambda: world.posts("incident-response", "@channel"))
        await world.quiet()
        said = shown(world, channel) + shown(world, "incident-response")
        assert "Nobody has acknowledged" not in said
        assert "nobody has acknowledged" not in said


async def test_raised_before_its_first_step_the_ladder_does_not_wait_longer_than_before(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, TEAM):
        channel = await world.declared("declare p1 Search is slow")
        world.looking.rows("update incident set look_at = now() + interval '1 min'")
        await world.incident("ana", "severity p0", channel)
        row = world.looking.rows("select ladder, look_at < now() + interval '2 min' as soon from incident")
        assert row == [{"ladder": "climbing", "soon": True}]


async def test_an_answer_to_what_could_wait_is_none_to_what_cannot(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, TEAM):
        channel = await world.declared("declare p3 A typo")
        await world.incident("ana", "ack", channel)
        await world.incident("ana", "severity p0", channel)
        row = world.looking.rows("select ladder, look_at < now() + interval '6 min' as soon from incident")
        assert row == [{"ladder": "climbing", "soon": True}]


async def test_a_number_is_not_named_any_more_once_somebody_answered_nor_said_to_be_in_the_channel(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    duty.faults = plan_by_table({"create": make_refusal("403")})
    book = PAIR.replace("slack:U0CHIDI001", "pagerduty:service/OPS_KEY")
    async with paging(world, duty, tmp_path, book):
        await world.declared("declare p3 Typo")
        world.slack.api.faults = plan_always(make_server_error())
        await world.incident("ana", "declare p0 API is down")
        await world.until(lambda: len(duty.incidents) == 1)
        await world.until(lambda: world.looking.rows("select 1 from outbox where kind = 'NamePhone'"))
        await duty.answer_phone(duty.incidents[0].key, "PDEV001")
        world.slack.api.faults = plan_no_faults
        await world.quiet(30)
        (row,) = world.looking.rows("select channel from incident where number = 2")
        assert "Call CTO" not in shown(world, row["channel"])
        assert "number is in the channel" not in shown(world, row["channel"])
        assert "phone_named" not in world.looking.kinds(2)


async def test_who_was_asked_for_by_name_and_stays_silent_is_said_to(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, '"CTO" = "pagerduty:user/PCTO001"\n'):
        channel = await world.declared("declare p2 Search is slow")
        await asks(world, "ana", "page CTO we need you", channel)
        await world.until(lambda: states(duty) == [("PCTO001", "triggered")])
        await world.quiet()
        due(world, "way")
        await world.until(lambda: "Reach CTO another way" in shown(world, channel))


async def test_an_answer_from_before_it_was_cancelled_is_none_after_reopening(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path):
        channel = await world.declared()
        late = duty.build_news(duty.incidents[0], "PCTO001", kind="incident.acknowledged")
        await world.cancel("ana", "a mistake", channel)
        await world.until(lambda: states(duty) == [("PCTO001", "resolved")])
        await world.incident("ana", "reopen", channel)
        await world.until(lambda: len(duty.incidents) == 2)
        assert await duty.send_webhook(late) == 202
        await world.quiet()
        assert world.looking.rows("select ladder from incident") == [{"ladder": "climbing"}]
        assert ("PCTO001", "triggered") in states(duty)


async def test_the_incidents_channel_is_not_called_for_want_of_people_when_somebody_is_on_it(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, '"DevOps Lead" = "slack:gone@team.example"\n'):
        await world.declared("declare p3 A typo", "chidi")
        world.slack.api.faults = plan_always(make_server_error())
        await world.incident("chidi", "declare p1 Search is slow")
        tried = "select 1 from outbox where kind = 'FindResponders' and attempts > 0"
        await world.until(lambda: world.looking.rows(tried))
        assert "acknowledged" in await asks(world, "chidi", "ack INC-2", "general")
        world.slack.api.faults = plan_by_table({"users.lookupByEmail": make_refusal("users_not_found")})
        await world.quiet(40)
        assert "page_failed" in world.looking.kinds(2)
        assert not world.posts("incident-response", "nobody else can be reached")


async def test_who_is_on_call_is_not_woken_when_the_severity_was_lowered_before_the_schedule_answered(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    duty.faults = plan_by_table({"oncalls": [make_hang()]})
    one = '"pagerduty:schedule/PSCH001"'
    async with paging(world, duty, tmp_path, CTO, SCHEDULE.replace(one, f"[{one}, {one}]")):
        channel = await world.declared_soon()
        await world.until(lambda: [call for call in duty.calls if call.name == "oncalls"])
        await world.incident("ana", "severity p1", channel)
        await world.quiet(20)
        assert ("PDEV001", "triggered") not in states(duty)
        assert "on_call_not_called" in world.looking.kinds(1)
