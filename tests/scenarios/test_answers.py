"""Whose answer is whose: what an acknowledgement stops, what it does not, and what is said of those who gave none."""

from pathlib import Path

import pytest

from sandbox.pagerduty.api_server import PagerDutyStandIn
from sandbox.slack import make_drop, make_hang, make_refusal, plan_by_table
from sandbox.slack.faults import plan_always
from tests.scenarios.conftest import World
from tests.scenarios.duties import CTO, asks, due, paging, shown, ways
from tests.scenarios.test_ladder import TEAM, quiet_for

PAIR = """
"CTO" = ["pagerduty:user/PCTO001", "tel:+91 98765 43210"]
"On-Call Engineer" = "slack:U0CHIDI001"
"""
SCHEDULE = '[on_call]\n"On-Call Engineer" = "pagerduty:schedule/PSCH001"\n'


def states(duty: PagerDutyStandIn) -> list[tuple[str, str]]:
    """Each page at PagerDuty: whose, and how it stands."""
    return [(incident.assignee, incident.status) for incident in duty.incidents]


async def test_who_did_not_answer_is_not_shown_as_having_answered_and_can_be_paged_by_name(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, PAIR):
        channel = await world.declared()
        await world.until(lambda: states(duty) == [("PCTO001", "triggered")])
        await world.incident("chidi", "ack", channel)
        await world.until(lambda: states(duty) == [("PCTO001", "acknowledged")])
        await world.quiet()
        assert "CTO: PagerDuty page stopped" in shown(world, channel)
        assert "paged CTO" in await asks(world, "ana", "page CTO we need you", channel)
        await world.until(lambda: states(duty) == [("PCTO001", "acknowledged"), ("PCTO001", "triggered")])
        await world.incident("chidi", "ack", channel)
        await world.quiet()
        assert states(duty)[1] == ("PCTO001", "triggered"), "asked for by name: another's answer is none"
        due(world, "way")
        await world.until(lambda: "Call CTO: +919876543210" in shown(world, channel))
        await world.cancel("ana", "over", channel)
        await world.until(lambda: {status for _, status in states(duty)} == {"resolved"})


async def test_after_silence_those_who_were_stopped_are_paged_anew_and_an_answer_stops_it_again(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, PAIR):
        channel = await world.declared()
        await world.incident("chidi", "ack", channel)
        await world.quiet()
        quiet_for(world, 31)
        await world.until(lambda: world.posts(channel, "are you still on"))
        for name in ("On-Call Engineer", "CTO"):
            due(world)
            await world.until(lambda: f"Now paged: {name}" in shown(world, channel))  # noqa: B023
        await world.until(lambda: states(duty) == [("PCTO001", "acknowledged"), ("PCTO001", "triggered")])
        assert "acknowledged" in await asks(world, "chidi", "ack", channel)
        await world.until(lambda: states(duty)[1] == ("PCTO001", "acknowledged"))
        row = world.looking.rows("select ladder, look_at > now() + interval '20 min' as later from incident")
        assert row == [{"ladder": "answered", "later": True}]
        assert "You already acknowledged INC-1." in await asks(world, "chidi", "ack", channel)


async def test_still_on_it_stops_the_pages_of_the_climb(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, PAIR):
        channel = await world.declared("declare p2 Search is slow")
        await world.incident("chidi", "ack", channel)
        await world.quiet()
        quiet_for(world, 31)
        await world.until(lambda: world.posts(channel, "are you still on"))
        (ask,) = world.posts(channel, "are you still on")
        due(world)
        await world.until(lambda: states(duty) == [("PCTO001", "triggered")])
        await world.slack.people.click("chidi", ask, "still_on_it")
        await world.until(lambda: states(duty) == [("PCTO001", "acknowledged")])


async def test_an_answer_to_what_can_wait_is_never_asked_after_and_its_reminder_stays(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, TEAM):
        channel = await world.declared("declare p3 A typo")
        await asks(world, "ana", "page CTO have a look", channel)
        await world.until(lambda: duty.incidents)
        await duty.answer_phone(duty.incidents[0].key, "PCTO001")
        assert "acknowledged" in await asks(world, "ana", "ack", channel)
        await world.quiet()
        row = world.looking.rows("select ladder, look_at > now() as ahead from incident")
        assert row == [{"ladder": "waiting", "ahead": True}]


async def test_after_reopening_the_same_person_can_answer_again(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path):
        channel = await world.declared()
        await world.incident("bruno", "ack", channel)
        await world.cancel("ana", "it was nothing", channel)
        await world.until(lambda: states(duty) == [("PCTO001", "resolved")])
        await world.incident("ana", "reopen", channel)
        await asks(world, "ana", "page CTO it is back", channel)
        await world.until(lambda: states(duty)[1:] == [("PCTO001", "triggered")])
        assert "before" not in await asks(world, "bruno", "ack", channel)
        await world.until(lambda: states(duty)[1:] == [("PCTO001", "acknowledged")])


async def test_what_was_cancelled_by_mistake_before_anybody_answered_calls_people_when_it_is_reopened(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, TEAM):
        channel = await world.declared()
        await world.until(lambda: len(duty.incidents) == 3)
        await world.cancel("ana", "a mistake", channel)
        await world.until(lambda: {status for _, status in states(duty)} == {"resolved"})
        await world.incident("ana", "reopen", channel)
        await world.until(lambda: [status for _, status in states(duty)[3:]] == ["triggered"] * 3)
        await world.until(lambda: "Paged again because nobody had acknowledged: " in shown(world, channel))
        await world.until(lambda: world.posts(channel, "you're being paged for INC-1"))
        (said,) = world.posts(channel, "you're being paged for INC-1")
        assert {world.slack.person(name).id for name in ("chidi", "devika", "bruno")} <= said.pings
        assert world.looking.rows("select ladder from incident") == [{"ladder": "climbing"}]


async def test_a_page_that_was_refused_is_neither_acknowledged_nor_to_be_ended_anywhere(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    duty.faults = plan_always(make_refusal("403"))
    async with paging(world, duty, tmp_path, PAIR.replace(', "tel:+91 98765 43210"', "")):
        channel = await world.declared()
        await world.until(lambda: "Reach CTO another way" in shown(world, channel))
        await world.incident("chidi", "ack", channel)
        await world.cancel("ana", "over", channel)
        await world.quiet()
        said = shown(world, channel)
        assert "CTO: PagerDuty acknowledged" not in said
        assert "at its provider" not in said


async def test_a_page_whose_contact_left_the_file_is_said_to_stay_open(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    key = next(iter(duty.services))
    async with paging(world, duty, tmp_path, f'"CTO" = ["slack:U0BRUNO001", "pagerduty:service/{key}"]\n'):
        channel = await world.declared()
        await world.until(lambda: len(duty.incidents) == 1)
        await world.quiet()
    async with paging(world, duty, tmp_path, '"CTO" = ["slack:U0BRUNO001"]\n'):
        await world.cancel("ana", "over", channel)
        await world.until(
            lambda: "is in the contacts file no more. Please do it there." in shown(world, channel)
        )
        assert key not in shown(world, channel), "an integration key is a secret"


async def test_what_pagerduty_closes_by_itself_is_no_answer_and_the_next_way_is_asked(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path):
        channel = await world.declared()
        page = duty.incidents[0]
        page.status = "resolved"
        assert await duty.send_webhook(duty.build_news(page)) == 202
        await world.until(lambda: len(duty.incidents) == 2)
        why = "select 1 from timeline_entry where detail ->> 'why' = 'PagerDuty closed the page of CTO by itself'"
        assert world.looking.rows(why)
        second = duty.incidents[1]
        second.status = "acknowledged"
        assert await duty.send_webhook(duty.build_news(second)) == 202
        await world.until(lambda: "acknowledged in PagerDuty by an automation" in shown(world, channel))
        await world.quiet()
        assert world.looking.rows("select acknowledged_at from incident") == [{"acknowledged_at": None}]
        assert all(row["acknowledged_at"] is None for row in ways(world).values())


async def test_who_is_found_on_call_after_somebody_answered_is_not_woken(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    duty.faults = plan_by_table({"oncalls": [make_hang()]})
    one = '"pagerduty:schedule/PSCH001"'
    twice = SCHEDULE.replace(one, f"[{one}, {one}]")
    async with paging(world, duty, tmp_path, CTO, twice):
        channel = await world.declared_soon("declare p2 Search is slow")
        await world.until(lambda: [call for call in duty.calls if call.name == "oncalls"])
        await world.incident("chidi", "ack INC-1")
        await world.quiet(20)
        assert duty.incidents == []
        assert "on_call_not_called" in world.looking.kinds(1)
        assert "paged On-Call Engineer" in await asks(world, "ana", "page on-call engineer", channel)
        await world.until(lambda: states(duty) == [("PDEV001", "triggered")])


async def test_a_page_without_an_answer_is_not_sent_again_once_somebody_answered(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    duty.faults = plan_by_table({"create": [make_drop(False)]})
    async with paging(
        world, duty, tmp_path, CTO.replace(', "pagerduty:service/OPS_KEY", "tel:+91 98765 43210"', "")
    ):
        await world.incident("ana", "declare p0 API is down")
        tried = "select 1 from outbox where kind = 'PageContact' and state = 'pending' and attempts > 0"
        await world.until(lambda: world.looking.rows(tried))
        await world.incident("bruno", "ack INC-1")
        await world.quiet(20)
        assert duty.incidents == []


@pytest.mark.parametrize(("who", "said"), [("devika", True), ("bruno", False)])
async def test_who_answers_without_being_called_counts_and_it_says_so(
    world: World, duty: PagerDutyStandIn, tmp_path: Path, who: str, said: bool
) -> None:
    async with paging(world, duty, tmp_path):
        channel = await world.declared()
        await world.incident(who, "ack", channel)
        await world.until(lambda: world.posts(channel, "acknowledged after"))
        assert bool(world.posts(channel, "They weren't paged, but it counts.")) is said
