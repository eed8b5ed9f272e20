"""A backup of the database is put back: it is noticed, and what is lost is neither repeated nor pretended."""

import asyncio
from pathlib import Path

import pytest

from bot.adapters.database import PostgresStore
from bot.app import RunningBot
from bot.domain.finding import Verdict
from bot.domain.incident import NewIncident
from handlers.outbox.restore_monitor import parse_incident_number
from sandbox.chaos.checker import EARLIER
from sandbox.pagerduty.api_server import PagerDutyStandIn
from sandbox.slack.faults import make_rate_limit, plan_always, plan_no_faults
from tests.scenarios.backups import backup
from tests.scenarios.conftest import PATIENCE, World
from tests.scenarios.duties import paging, shown
from tests.scenarios.test_evidence import METRICS, Monitored, finding
from tests.scenarios.test_owners import resolved
from tests.scenarios.test_start import readyz

OURS = "0f0e0d0c-aaaa-bbbb-cccc-000000000001"


@pytest.mark.parametrize(
    ("mark", "number"),
    [
        (f"{OURS}:announcement:42", 42),
        (f"{OURS}.0a1b2c3d4e5f:announcement:42", 42),
        (f"{OURS}.0a1b2c3d4e5f:published-update:7:12", 7),
        (f"{OURS}.0a1b2c3d4e5f:told:9:channel_failed:42", 9),
        (f"{OURS}:runbook:1234567890123456", 0),
        (f"{OURS}.0a1b2c3d4e5f:runbook:1234", 0),
        (f"{OURS}.0a1b2c3d4e5f:contacts:02e94a262c05534d", 0),
        (f"{OURS}.0a1b2c3d4e5f:contacts:0212345678901234", 0),
        (f"{OURS}.0a1b2c3d4e5f:shift:02e9", 0),
        (f"{OURS}:incidents-channel:incident-response", 0),
        ("1f0e0d0c-aaaa-bbbb-cccc-000000000001:announcement:99", 0),
        (f"{OURS}x:announcement:99", 0),
        ("announcement:99", 0),
        ("", 0),
    ],
)
def test_the_number_of_an_incident_is_read_from_our_own_marks_only(mark: str, number: int) -> None:
    assert parse_incident_number(mark, OURS) == number


async def test_the_next_number_is_past_what_the_incidents_channel_knows_and_everything_new_is_new(
    world: World, duty: PagerDutyStandIn, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with paging(world, duty, tmp_path):
        first = await world.declared("declare p3 Search is slow")
    with backup(world) as saved:
        async with paging(world, duty, tmp_path):
            lost = await world.declared("declare p0 API is down")
            await world.declared("declare p3 Login is slow")
        before = {post.ts for post in world.posts("incident-response")}
        edited = [world.text(message) for message in world.slack.direct_messages("bruno")]
        saved.put_back()
        caplog.clear()
        async with paging(world, duty, tmp_path):
            assert "the database was restored from a backup: INC-2 to INC-3 are not in it" in caplog.text
            assert "put back from a backup" in str((await readyz(world))[1]["reasons"])
            new = await world.declared("declare p0 API is down")
            assert "(INC-4)" in shown(world, new) and new != lost
            await world.until(lambda: len(duty.incidents) == 2)
            assert duty.incidents[0].key != duty.incidents[1].key
            announced = [post for post in world.posts("incident-response") if post.ts not in before]
            assert len([each for each in announced if "INCIDENT ALERT" in world.text(each)]) == 1
            assert [world.text(message) for message in world.slack.direct_messages("bruno")][:1] == edited
            assert len(world.slack.direct_messages("bruno")) == 2
            assert shown(world, first).count("My database was restored from a backup") == 1


async def test_what_waited_in_the_backup_is_not_done_twice_and_what_is_old_pages_nobody_by_itself(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path):
        await world.declared("declare p3 Search is slow")
        world.slack.api.faults, duty.faults = plan_always(make_rate_limit(1)), plan_always(make_rate_limit(1))
        await world.incident("ana", "declare p0 API is down")
    world.slack.api.faults, duty.faults = plan_no_faults, plan_no_faults
    with backup(world) as saved:
        async with paging(world, duty, tmp_path):
            await world.quiet(20)
            await world.until(lambda: duty.incidents)
            room = str(world.looking.rows("select channel from incident where number = 2")[0]["channel"])
            await world.declared("declare p3 Login is slow")
            duty.incidents[0].status = "resolved"
        saved.put_back()
        world.looking.rows(
            "update outbox set created_at = created_at - interval '2 hours', first_sent_at = null"
            " where settled_at is null"
        )
        world.looking.rows(
            "update incident set look_at = now() - interval '2 hours' where look_at is not null"
        )
        pages = len(duty.incidents)
        async with paging(world, duty, tmp_path):
            await world.quiet(30)
            assert world.looking.rows("select channel from incident where number = 2")[0]["channel"] == room
            assert len(duty.incidents) == pages and len(world.slack.direct_messages("bruno")) == 1
            assert shown(world, room).count("INCIDENT ALERT") == 1
            assert len(world.posts("incident-response", "API is down")) == 1
            said = shown(world, room)
            assert "Not paged automatically because it was due more than 30 minutes ago: " in said
            assert "CTO" in said.partition("Not paged automatically")[2]
            assert world.looking.rows("select look_at from incident where number = 2") == [{"look_at": None}]


async def test_two_starts_without_a_restore_notice_nothing(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
    async with world.bot():
        await world.quiet()
        assert "restored from a backup" not in caplog.text
        assert "put back from a backup" not in shown(world, channel)
        assert (await readyz(world))[1]["status"] == "ok"


async def test_a_backup_put_back_under_a_running_bot_is_noticed_though_no_number_is_lost(
    world: World,
) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
    with backup(world) as saved:
        async with world.bot() as running:
            await world.quiet()
            before = running.store.begun
            saved.put_back()
            await world.until(lambda: running.store.begun > before)
            await world.until(lambda: "My database was restored from a backup" in shown(world, channel))
            await world.declared("declare p3 Login is slow")


async def test_a_restore_under_two_running_bots_that_loses_a_number_is_told_once_in_each_room(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        last = int(world.looking.rows("select max(number) as number from incident")[0]["number"])
    with backup(world) as saved:
        async with world.bot() as other, world.bot() as running:
            await world.declared("declare p3 Login is slow")
            lost = int(world.looking.rows("select max(number) as number from incident")[0]["number"])
            before = running.store.begun, other.store.begun
            saved.put_back()
            await world.until(lambda: running.store.begun > before[0] and other.store.begun > before[1])
            await world.until(lambda: f"INC-{lost} " in caplog.text.partition("is known to be lost")[2])
            await is_usable(running)
            await world.declared("declare p3 Login is slow")
            assert (
                world.looking.rows("select number from incident where number > %s", last)[0]["number"] > lost
            )
            assert shown(world, channel).count("My database was restored from a backup") == 1
            noted = [
                row["number"] for row in world.looking.rows("select number from restored order by number")
            ]
            assert noted == [last, lost], "once by the tables, once by the lost number"


async def is_usable(running: RunningBot) -> None:
    """Wait until the database, which was made anew, is used again."""
    async with asyncio.timeout(PATIENCE):
        while not running.store.replica or await running.store.trouble():
            await running.store.wait_for_work(0.05)


async def test_a_run_of_an_incident_that_a_restore_lost_tells_nothing_about_the_next_one(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Runs are numbered, and a restore takes their numbers back."""
    monitored = Monitored()
    world.systems = monitored.systems
    held = monitored.held[METRICS] = asyncio.Event()
    async with world.bot():
        await world.quiet()
    with backup(world) as saved:
        async with world.bot() as running:
            await world.incident("ana", "declare p0 API is down")
            await world.until(lambda: any(question.name == METRICS for question in monitored.asked))
            saved.put_back()
            await world.until(lambda: "diagnostic run 1: given up: a backup was restored" in caplog.text)
            await world.until(lambda: monitored.dropped == [METRICS])
            monitored.answers[METRICS] = finding(Verdict.BAD, "The errors of the second incident.")
            held.set()
            await world.until(lambda: "the database was restored from a backup" in caplog.text)
            await is_usable(running)
            room = await world.declared("declare p0 API is down once more")
            assert "The errors of the second incident." in shown(world, room)
            assert world.looking.rows("select count(*) from look where ended_at is null") == [{"count": 0}]
    assert faults(caplog) == []


def faults(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What failed with an error id, but for requests that came while the server was away: these are told so."""
    said = [record.getMessage() for record in caplog.records]
    return [line for line in said if "failed, error" in line and "The database does not answer." not in line]


async def test_after_a_restore_the_next_number_never_goes_back_whoever_declares_meanwhile(
    database: str,
) -> None:
    async with PostgresStore(database) as store, PostgresStore(database) as other:

        async def declare() -> int:
            async with other.transaction() as tx:
                return (await tx.insert_incident(NewIncident("API is down", "P0", "U1", "sha", None))).number

        async def notice(highest: int) -> None:
            async with store.transaction() as tx:
                await tx.note_restore(highest, {})

        async with other.transaction() as tx:
            await tx.save_runbook_version("sha", "runbook.md", "# Runbook")
        assert await declare() == 1
        async with store.transaction() as tx:
            assert await tx.find_last_number() == 1
            numbers = [await declare() for _ in range(4)]
            await tx.note_restore(3, {})
        assert [*numbers, await declare()] == [2, 3, 4, 5, 6], "more were declared than were lost"
        given = [6]
        for _ in range(10):
            highest = given[-1] + 3
            racing = asyncio.gather(*(declare() for _ in range(4)))
            await notice(highest)
            given += [*sorted(await racing), after := await declare()]
            assert after > highest, "a number that was lost is given again"
        assert given == sorted(set(given)), "a number is given twice"


async def test_what_was_said_of_earlier_incidents_in_the_time_that_is_lost_is_not_said_again(
    world: World,
) -> None:
    async with world.bot():
        await resolved(world, "declare p3 Search is slow 17")
        channel = await world.declared("declare p3 search is slow 18")
        await world.until(lambda: world.posts(channel, EARLIER))
        await world.quiet()
    for table in ("outbox", "post"):  # as a backup has it that was made a moment before
        assert world.looking.rows(f"delete from {table} where key = 'earlier:2' returning key")
    with backup(world) as saved:
        async with world.bot() as running:
            await world.quiet()
            before = running.store.begun
            saved.put_back()
            await world.until(lambda: running.store.begun > before)
            await world.until(lambda: "My database was restored from a backup" in shown(world, channel))
            await world.incident("ana", "run", channel)
            told = "select 1 as done from outbox where key = 'earlier:2' and state = 'sent'"
            await world.until(lambda: world.looking.rows(told))
            assert len(world.posts(channel, EARLIER)) == 1
