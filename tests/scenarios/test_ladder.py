"""Nobody answers, or falls silent, or the severity changes: who is called next, once each, and who no more."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from bot.adapters.database import PostgresStore
from bot.contacts import BusinessHours, find_next_business_day
from sandbox.pagerduty.api_server import PagerDutyStandIn
from sandbox.slack import make_refusal, plan_by_table
from sandbox.slack.faults import plan_always
from tests.looking import Looking
from tests.scenarios.conftest import RUNBOOK, World
from tests.scenarios.duties import CTO, asks, due, paging, shown, ways

TEAM = """
"DevOps Lead" = ["slack:U0DEVIKA01", "pagerduty:service/OPS_KEY"]
"On-Call Engineer" = ["slack:U0CHIDI001", "pagerduty:user/PDEV001"]
"CTO" = ["slack:U0BRUNO001", "pagerduty:user/PCTO001", "tel:+91 98765 43210"]
"""
OWN = """
## Escalation
- **10 minutes without an answer**: page the DevOps Lead
- **After 20 min**: page the CTO
"""
FROM_ZERO = """
## Escalation
- **0 minutes**: page the on-call engineer
- **15 minutes**: page the DevOps Lead
"""


async def test_without_an_answer_it_climbs_once_each_in_the_order_of_on_call_devops_cto_everyone(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, TEAM):
        channel = await world.declared("declare p2 Search is slow")
        await world.quiet()
        assert [incident.assignee for incident in duty.incidents] == ["PDEV001"]
        for names, pages in (("DevOps Lead", 2), ("CTO", 3), ("everyone", 3)):
            due(world)
            await world.until(lambda: f"Now paged: {names}" in shown(world, channel))  # noqa: B023
            await world.quiet()
            assert len(duty.incidents) == pages
        due(world)
        await world.quiet()
        assert world.looking.kinds(1).count("escalated") == 3
        assert len(world.posts("incident-response", "nobody has acknowledged")) == 1
        assert [len(world.slack.direct_messages(who)) for who in ("chidi", "devika", "bruno")] == [1, 1, 1]
        first = world.looking.rows("select look_at from incident")[0]["look_at"]
        assert first is None, "each step once"


async def test_the_runbooks_own_escalation_decides_when_and_whom(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    runbook = tmp_path / "runbook.md"
    runbook.write_text(RUNBOOK.read_text() + OWN)
    world.settings = world.settings.model_copy(update={"runbook": runbook})
    async with paging(world, duty, tmp_path, TEAM):
        channel = await world.declared("declare p2 Search is slow")
        row = world.looking.rows("select look_at - declared_at as left_over from incident")[0]
        assert row["left_over"] == timedelta(minutes=10)
        assert "If nobody acknowledges, I'll page the next people at" in shown(world, channel)
        due(world)
        await world.until(lambda: "Now paged: DevOps Lead (the runbook, " in shown(world, channel))
        row = world.looking.rows("select look_at - now() as left_over from incident")[0]
        assert timedelta(minutes=9) < row["left_over"] <= timedelta(minutes=10)


async def test_where_the_action_names_nobody_the_first_step_at_no_time_is_called_at_once(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    runbook = tmp_path / "runbook.md"
    runbook.write_text(RUNBOOK.read_text().replace("On-call engineer", "Fix it", 1) + FROM_ZERO)
    world.settings = world.settings.model_copy(update={"runbook": runbook})
    async with paging(world, duty, tmp_path, TEAM):
        answer = await world.incident("ana", "declare p2 Search is slow")
        assert "Paged: On-Call Engineer." in answer.body
        await world.until(lambda: [each.assignee for each in duty.incidents] == ["PDEV001"])
        await world.quiet()
        assert len(world.slack.direct_messages("chidi")) == 1
        row = world.looking.rows("select look_at - declared_at as left_over, rung from incident")[0]
        assert (row["left_over"], row["rung"]) == (timedelta(minutes=15), 0)
        room = str(world.looking.rows("select channel from incident")[0]["channel"])
        due(world)
        await world.until(lambda: "Now paged: DevOps Lead (the runbook, " in shown(world, room))


async def test_who_was_called_and_has_not_answered_is_called_again_by_the_next_way_and_by_a_mention(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, TEAM):
        channel = await world.declared()  # all hands: everybody is called at once
        await world.until(lambda: len(duty.incidents) == 3)
        await world.quiet()
        for name, who in (("On-Call Engineer", "Chidi"), ("DevOps Lead", "Devika"), ("CTO", "Bruno")):
            due(world)
            await world.until(lambda: f"Now paged: {name}" in shown(world, channel))  # noqa: B023
            said = world.text(world.posts(channel, f"Now paged: {name}")[0])
            assert f"@{who} " in said, "a mention rings"
        await world.until(
            lambda: "CTO has not acknowledged. Call CTO: +919876543210" in shown(world, channel)
        )
        await world.quiet()
        assert len(duty.incidents) == 3, "nobody is paged twice at PagerDuty"


async def test_who_falls_silent_is_asked_and_without_an_answer_it_climbs_on(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, TEAM):
        channel = await world.declared("declare p2 Search is slow")
        await world.incident("chidi", "ack", channel)
        await world.quiet()
        due(world)
        await world.quiet()
        assert "are you still on" not in shown(world, channel), "half an hour has not passed"
        quiet_for(world, 31)
        await world.until(lambda: "@Chidi Okafor: are you still on INC-1?" in shown(world, channel))
        (asked,) = world.posts(channel, "are you still on")
        await world.slack.people.click("chidi", asked, "still_on_it")
        await world.until(lambda: "@Chidi Okafor is still on it." in shown(world, channel))
        due(world)
        await world.quiet()
        assert not world.posts(channel, "are you still on"), "it was answered"
        quiet_for(world, 31)
        await world.until(lambda: world.posts(channel, "are you still on"))
        due(world)
        await world.until(lambda: world.posts(channel, "Now paged: DevOps Lead"))
        await world.until(lambda: len(duty.incidents) == 2)


def quiet_for(world: World, minutes: int) -> None:
    """As if nobody had done anything for so long: what was promised and asked is that much older."""
    world.looking.rows("alter table timeline_entry disable trigger timeline_is_append_only")
    world.looking.rows("update timeline_entry set at = at - make_interval(mins => %s)", minutes)
    world.looking.rows("alter table timeline_entry enable trigger timeline_is_append_only")
    world.looking.rows(
        "update incident set look_at = now(), declared_at = declared_at - make_interval(mins => %s),"
        " acknowledged_at = acknowledged_at - make_interval(mins => %s)",
        minutes,
        minutes,
    )


async def test_a_severity_that_is_raised_pages_who_is_new_and_lowered_it_ends_the_pages_of_the_others(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, TEAM):
        channel = await world.declared("declare p2 Search is slow")
        await world.until(lambda: len(duty.incidents) == 1)
        await world.incident("ana", "severity p0", channel)
        await world.until(lambda: len(duty.incidents) == 3)
        await world.quiet()
        assert sorted(each.assignee for each in duty.incidents) == ["", "PCTO001", "PDEV001"]
        assert [len(world.slack.direct_messages(who)) for who in ("chidi", "devika", "bruno")] == [1, 1, 1]
        await world.incident("ana", "severity p1", channel)
        status = {each.assignee: each.status for each in duty.incidents}
        await world.until(lambda: [each.status for each in duty.incidents].count("resolved") == 2)
        await world.quiet()
        status = {each.assignee: each.status for each in duty.incidents}
        assert status == {"": "triggered", "PCTO001": "resolved", "PDEV001": "resolved"}, (
            "P1 calls the DevOps Lead"
        )
        await world.incident("ana", "severity p3", channel)
        await world.until(lambda: {each.status for each in duty.incidents} == {"resolved"})
        assert world.looking.rows("select ladder from incident") == [{"ladder": "waiting"}]


@pytest.mark.parametrize("end", ["resolve", "cancel"])
async def test_what_is_over_is_resolved_at_the_provider_and_nobody_is_called_any_more(
    world: World, duty: PagerDutyStandIn, tmp_path: Path, end: str
) -> None:
    async with paging(world, duty, tmp_path, TEAM):
        channel = await world.declared()
        await world.until(lambda: len(duty.incidents) == 3)
        await (world.cancel("ana", "", channel) if end == "cancel" else world.incident("ana", end, channel))
        if end == "resolve":
            await world.slack.people.submit(
                "ana", await world.form("ana"), {"resolution": {"resolution": "x"}}
            )
        await world.until(lambda: {each.status for each in duty.incidents} == {"resolved"})
        due(world)
        due(world, "way")
        await world.quiet()
        assert len(duty.incidents) == 3
        assert "Now paged" not in shown(world, channel)


async def test_a_p3_pages_nobody_and_its_commander_is_reminded_when_the_team_works_again(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    holidays = [datetime.now(UTC).date() + timedelta(days=each) for each in (1, 2)]
    listed = ", ".join(str(holiday) for holiday in holidays)
    more = f'[team]\ntime_zone = "Asia/Kolkata"\ndays = "mon-sun"\nhours = "09:30-18:30"\nholidays = [{listed}]\n'
    async with paging(world, duty, tmp_path, TEAM, more):
        channel = await world.declared("declare p3 A typo on the login page")
        await world.quiet()
        assert duty.incidents == []
        assert "Waiting for the next business day" in shown(world, channel)
        row = world.looking.rows("select look_at, declared_at from incident")[0]
        hours = BusinessHours(
            "Asia/Kolkata", frozenset(range(7)), opens=NINE_THIRTY, holidays=frozenset(holidays)
        )
        assert row["look_at"] == find_next_business_day(hours, row["declared_at"])
        due(world)
        await world.until(lambda: "@Ana Duarte it's the next business day" in shown(world, channel))
        due(world)
        await world.quiet()
        assert len(world.posts(channel, "it's the next business day")) == 1
        assert duty.incidents == []


NINE_THIRTY = datetime(2026, 1, 1, 9, 30).time()  # noqa: DTZ001 - a time of day


async def test_a_number_is_never_named_in_a_channel_that_is_shared_with_another_company(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    duty.faults = plan_always(make_refusal("403"))
    async with paging(world, duty, tmp_path, CTO):
        channel = await world.declared("declare p2 Search is slow")
        world.slack.channel(channel).is_ext_shared = True
        await asks(world, "ana", "page CTO", channel)
        await world.until(lambda: "it is not shown" in shown(world, channel))
        assert "PagerDuty refused (403" in shown(world, channel)
        assert "98765" not in str([post.blocks for post in world.posts(channel)])
        await world.incident("ana", "timeline", channel)
        assert "98765" not in world.heard("ana")


@pytest.mark.parametrize(
    "text", [None, "BEGIN:VCALENDAR\nnothing", ""], ids=["unreachable", "broken", "empty"]
)
async def test_a_calendar_that_cannot_be_used_is_said_and_its_last_good_copy_counts(
    world: World, duty: PagerDutyStandIn, tmp_path: Path, text: str | None
) -> None:
    calendar = tmp_path / "oncall.ics"
    calendar.write_text(SHIFT)
    more = '[on_call]\n"On-Call Engineer" = "calendar:oncall.ics"\n'
    book = '"Devika" = "pagerduty:user/PDEV001"\n'
    async with paging(world, duty, tmp_path, book, more):
        await world.declared("declare p2 Search is slow")
        await world.until(lambda: [incident.assignee for incident in duty.incidents] == ["PDEV001"])
        if text is None:
            calendar.unlink()
        else:
            calendar.write_text(text)
        world.looking.rows("update calendar_copy set read_at = read_at - interval '3 hours'")
        world.looking.calm()
        second = await world.declared("declare p2 Search is slower")
        await world.until(lambda: len(duty.incidents) == 2)
        await world.quiet()
        said = shown(world, second)
        assert "The on-call calendar oncall.ics cannot be used" in said
        assert "This is from 3 hours ago" in said
        assert "page_accepted" in world.looking.kinds(2)


SHIFT = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//team//on call//EN
BEGIN:VEVENT
UID:1
DTSTAMP:20260101T000000Z
DTSTART:20260101T000000Z
DTEND:20360101T000000Z
SUMMARY:Devika
END:VEVENT
END:VCALENDAR
"""


async def test_nobody_on_call_and_no_way_left_is_said_and_the_ladder_goes_on(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    duty.on_call["PSCH001"] = []
    more = '[on_call]\n"On-Call Engineer" = "pagerduty:schedule/PSCH001"\n'
    async with paging(world, duty, tmp_path, '"DevOps Lead" = "pagerduty:service/OPS_KEY"\n', more):
        channel = await world.declared("declare p2 Search is slow")
        await world.until(lambda: "has nobody on call now" in shown(world, channel))
        due(world)
        await world.until(lambda: "Now paged: DevOps Lead" in shown(world, channel))
        await world.until(lambda: len(duty.incidents) == 1)


async def test_a_number_of_slack_that_is_wrong_is_said_and_the_telephone_comes_next(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    world.slack.api.faults = plan_by_table({"users.lookupByEmail": make_refusal("users_not_found")})
    book = '"On-Call Engineer" = ["slack:gone@team.example", "tel:+4930123456"]\n'
    async with paging(world, duty, tmp_path, book):
        channel = await world.declared("declare p2 Search is slow")
        await world.until(lambda: "Call On-Call Engineer: +4930123456" in shown(world, channel))
        assert ways(world)["tel:+4930123456"]["requested_at"]


async def test_a_database_in_a_zone_with_summer_time_bends_no_waiting_time(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f"alter database {name} set timezone to 'Europe/Berlin'".encode())
    assert Looking(database).rows("show timezone") == [{"TimeZone": "Europe/Berlin"}]
    async with PostgresStore(database) as store, store.transaction() as tx:
        now = await tx.now()
        # Wall-clock arithmetic in that zone would be an hour off when the clocks change in between.
        assert now.utcoffset() == timedelta(0)
        assert (now + timedelta(days=200)).astimezone(UTC) - now == timedelta(days=200)
