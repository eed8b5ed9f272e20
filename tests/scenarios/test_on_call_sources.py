"""Who is on call by a user group or a calendar's address, a policy's page from end to end, and clocks that change."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest
from aiohttp import web

from sandbox.pagerduty.api_server import PagerDutyStandIn
from tests.scenarios.conftest import World
from tests.scenarios.duties import CTO, asks, due, paging, shown
from tests.scenarios.test_answers import states
from tests.scenarios.test_ladder import SHIFT, TEAM

LARGE = 5_000_001


@dataclass
class CalendarServer:
    """A server of one calendar; `what` goes wrong with it: nothing, or redirect, hang, error, large."""

    address: str = ""
    what: str = ""


@pytest.fixture
async def calendar() -> AsyncIterator[CalendarServer]:
    over, here = asyncio.Event(), CalendarServer()

    async def answer(request: web.Request) -> web.Response:
        match here.what:
            case "redirect":
                raise web.HTTPFound("/elsewhere")
            case "hang":
                await over.wait()
            case "error":
                raise web.HTTPInternalServerError
            case "large":
                return web.Response(body=b"x" * LARGE)
        return web.Response(text=SHIFT, content_type="text/calendar")

    app = web.Application()
    app.router.add_get("/oncall.ics", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    here.address = f"http://{host}:{port}/oncall.ics?secret"
    yield here
    over.set()
    await runner.cleanup()


async def test_a_user_group_on_call_is_called_with_everybody_in_it_as_it_is_by_now(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    group = world.slack.add_usergroup("oncall", "On call", ["chidi", "devika"])
    more = f'[on_call]\n"On-Call Engineer" = "slack:{group.id}"\n'
    async with paging(world, duty, tmp_path, CTO, more):
        channel = await world.declared("declare p2 Search is slow")
        assert [len(world.slack.direct_messages(who)) for who in ("chidi", "devika", "bruno")] == [1, 1, 0]
        assert "2 paged in Slack" in shown(world, channel)
        groups = world.slack.workspace.usergroups
        groups[group.id] = replace(group, members=(world.slack.person("bruno").id,))
        await world.declared("declare p2 Mails are late")
        assert [len(world.slack.direct_messages(who)) for who in ("chidi", "devika", "bruno")] == [1, 1, 1]
        groups[group.id] = replace(group, members=())
        empty = await world.declared("declare p2 Images are blurred")
        assert "nobody is in its group" in shown(world, empty)


async def test_a_contacts_own_slack_handle_is_called_in_place_of_an_empty_user_group_and_not_beside_it(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    group = world.slack.add_usergroup("oncall", "On call", ["devika"])
    more = f'[on_call]\n"On-Call Engineer" = "slack:{group.id}"\n'

    def called() -> list[int]:
        return [len(world.slack.direct_messages(who)) for who in ("devika", "chidi", "bruno")]

    own = '"On-Call Engineer" = ["slack:U0CHIDI001", "slack:bruno@team.example"]\n'
    async with paging(world, duty, tmp_path, own, more):
        await world.declared("declare p2 Search is slow")
        assert called() == [1, 0, 0]
        world.slack.workspace.usergroups[group.id] = replace(group, members=())
        channel = await world.declared("declare p2 Images are blurred")
        await world.until(lambda: called() == [1, 1, 1])
        assert "nobody is in its group" in shown(world, channel)


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("redirect", "its server answered 302"),
        ("hang", "its server did not answer in time"),
        ("error", "its server answered 500"),
        ("large", "it is too large"),
    ],
)
async def test_a_calendars_address_that_goes_wrong_is_said_without_its_secret_and_the_copy_counts(
    world: World, duty: PagerDutyStandIn, tmp_path: Path, calendar: CalendarServer, what: str, why: str
) -> None:
    more = f'[on_call]\n"On-Call Engineer" = "calendar:{calendar.address}"\n'
    async with paging(world, duty, tmp_path, '"Devika" = "pagerduty:user/PDEV001"\n', more):
        await world.declared("declare p2 Search is slow")
        await world.until(lambda: states(duty) == [("PDEV001", "triggered")])
        world.looking.rows("update calendar_copy set read_at = read_at - interval '3 hours'")
        calendar.what = what
        world.looking.calm()  # no page waits behind the one before
        channel = await world.declared("declare p2 Search is slower")
        await world.until(lambda: states(duty) == [("PDEV001", "triggered")] * 2)
        said = shown(world, channel)
        assert why in said
        assert "This is from 3 hours ago" in said
        assert "secret" not in said


async def test_a_policys_page_goes_from_the_request_to_the_answer_and_the_end(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, '"CTO" = "pagerduty:policy/PPOL001"\n'):
        channel = await world.declared()
        await world.until(lambda: [incident.policy for incident in duty.incidents] == ["PPOL001"])
        assert duty.incidents[0].assignee == ""
        await world.until(lambda: "CTO: PagerDuty policy notified" in shown(world, channel))
        await duty.answer_phone(duty.incidents[0].key, "PDEV001")
        await world.until(lambda: "Acknowledged by Devika (PagerDuty)" in shown(world, channel))
        await asks(world, "ana", "page CTO once more", channel)
        await world.until(lambda: [incident.policy for incident in duty.incidents] == ["PPOL001"] * 2)
        await world.cancel("bruno", "over", channel)
        await world.until(lambda: {incident.status for incident in duty.incidents} == {"resolved"})


async def test_the_next_business_day_begins_at_the_teams_hour_after_the_clocks_have_changed(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    zone = ZoneInfo("Europe/Berlin")
    today = datetime.now(zone).date()
    noons = [datetime.combine(today + timedelta(days=each), time(12), zone) for each in range(1, 300)]
    first = next(noon for noon in noons if noon.utcoffset() != noons[0].utcoffset())
    closed = [noon.date() for noon in noons if noon <= first]
    listed = ", ".join(map(str, closed))
    more = f'[team]\ntime_zone = "Europe/Berlin"\ndays = "mon-sun"\nhours = "09:30-18:00"\nholidays = [{listed}]\n'
    async with paging(world, duty, tmp_path, TEAM, more):
        channel = await world.declared("declare p3 A typo")
        (row,) = world.looking.rows("select look_at from incident")
        begins = row["look_at"].astimezone(zone)
        assert (begins.date(), begins.time()) == (first.date() + timedelta(days=1), time(9, 30))
        assert begins.utcoffset() != datetime.now(zone).utcoffset()
        due(world)
        await world.until(lambda: "it's the next business day" in shown(world, channel))


@pytest.mark.parametrize("jump", ["forward", "back"])
async def test_clocks_that_change_during_an_escalation_move_no_step_and_no_silence(
    world: World, duty: PagerDutyStandIn, tmp_path: Path, jump: str
) -> None:
    assert world.settings.database_url is not None
    soon = datetime.now(UTC) + timedelta(minutes=2)
    at = f"{soon.timetuple().tm_yday - 1}/{soon:%H:%M:%S}"
    far = (soon.timetuple().tm_yday + 150) % 365
    # The database's zone changes its clocks in two minutes; day numbers count from zero, times are that zone's.
    if jump == "forward":
        zone = f"XST0XDT-1,{at},{far}"
    else:
        soon += timedelta(hours=1)
        zone = f"XST0XDT-1,{far},{soon.timetuple().tm_yday - 1}/{soon:%H:%M:%S}"
    with psycopg.connect(world.settings.database_url.get_secret_value(), autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f"alter database {name} set timezone to '{zone}'".encode())
    before, after = (
        world.looking.rows(f"select extract(timezone from now() + interval '{each}')::int as offset")
        for each in ("0", "10 min")
    )
    assert before != after, "the clocks change while it climbs"
    async with paging(world, duty, tmp_path, TEAM):
        channel = await world.declared("declare p1 Search is slow")
        step = "select extract(epoch from look_at - declared_at)::int as s from incident"
        assert world.looking.rows(step) == [{"s": 15 * 60}]
        silence = (
            "select extract(epoch from due_at - accepted_at)::int as s from way where accepted_at is not null"
        )
        assert world.looking.rows(silence) == [{"s": 15}], "looked at again soon, not in an hour"
        due(world)
        await world.until(lambda: "paged: " in shown(world, channel))
        later = "select look_at - now() between interval '1 min' and interval '31 min' as well from incident"
        assert world.looking.rows(later) == [{"well": True}]
