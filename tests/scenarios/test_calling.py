"""Who is called when things change, in what words, and that no provider or database lock holds up the others."""

import asyncio
import re
from pathlib import Path

import pytest

from bot.adapters.database import PostgresStore
from sandbox.pagerduty.api_server import PagerDutyStandIn
from sandbox.slack import make_rate_limit, plan_by_table
from tests.scenarios.conftest import RUNBOOK, World
from tests.scenarios.duties import CTO, asks, due, paging, shown
from tests.scenarios.test_answers import SCHEDULE, states
from tests.scenarios.test_ladder import OWN, TEAM

GATEWAYS = 20


async def test_raised_keeps_the_page_of_who_is_on_call_and_of_who_was_asked_for_by_name(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, CTO, SCHEDULE):
        channel = await world.declared("declare p2 Search is slow")
        await world.until(lambda: states(duty) == [("PDEV001", "triggered")])
        await asks(world, "ana", "page CTO come", channel)
        await world.until(lambda: len(duty.incidents) == 2)
        await world.quiet()
        await asks(world, "ana", "severity p1", channel)
        await world.quiet()
        assert states(duty) == [("PDEV001", "triggered"), ("PCTO001", "triggered")]


async def test_lowered_and_raised_again_who_is_on_call_is_asked_anew(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, CTO, SCHEDULE):
        channel = await world.declared("declare p2 Search is slow")
        await world.until(lambda: states(duty) == [("PDEV001", "triggered")])
        await world.incident("ana", "severity p3", channel)
        await world.until(lambda: states(duty) == [("PDEV001", "resolved")])
        await world.quiet()
        assert "On-Call Engineer" in await asks(world, "ana", "severity p2", channel)
        await world.until(lambda: states(duty) == [("PDEV001", "resolved"), ("PDEV001", "triggered")])


async def test_a_ladder_with_the_same_steps_goes_on_where_it_stands_when_the_severity_changes(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    runbook = tmp_path / "runbook.md"
    runbook.write_text(RUNBOOK.read_text() + OWN)
    world.settings = world.settings.model_copy(update={"runbook": runbook})
    async with paging(world, duty, tmp_path, TEAM):
        channel = await world.declared("declare p2 Search is slow")
        due(world)
        await world.until(lambda: "Now paged: DevOps Lead" in shown(world, channel))
        await world.incident("ana", "severity p0", channel)
        await world.quiet()
        row = world.looking.rows("select rung, look_at <= now() + interval '10 min' as soon from incident")
        assert row == [{"rung": 1, "soon": True}]


@pytest.mark.parametrize("words", ["Drop everything", "As fast as you can"])
async def test_a_response_time_that_cannot_be_read_calls_people_all_the_same(
    world: World, duty: PagerDutyStandIn, tmp_path: Path, words: str
) -> None:
    runbook = tmp_path / "runbook.md"
    time = r"(?i)(\*\*Response Time\*\*: )Immediate[^\n]*"
    runbook.write_text(re.sub(time, rf"\g<1>{words}", RUNBOOK.read_text(), count=1))
    world.settings = world.settings.model_copy(update={"runbook": runbook})
    async with paging(world, duty, tmp_path, TEAM):
        await world.declared()
        await world.until(lambda: len(duty.incidents) == 3)
        row = world.looking.rows(
            "select ladder, rung, look_at > now() + interval '14 min' as later from incident"
        )
        assert row == [{"ladder": "climbing", "rung": 0, "later": True}]


async def test_a_limit_is_said_and_is_not_called_silence(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    duty.faults = plan_by_table({"create": [make_rate_limit(100)] * 50})
    async with paging(world, duty, tmp_path, '"CTO" = ["pagerduty:user/PCTO001", "tel:+91 98765 43210"]\n'):
        channel = await world.declared_soon()
        await world.until(lambda: "Call CTO" in shown(world, channel))
        assert "429" in shown(world, channel)
        assert "has not acknowledged a page" not in shown(world, channel)


async def test_a_page_that_its_provider_has_not_taken_is_not_said_to_be_unanswered(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    duty.faults = plan_by_table({"create": [make_rate_limit(30)] * 50})
    async with paging(world, duty, tmp_path, '"CTO" = ["pagerduty:user/PCTO001", "tel:+91 98765 43210"]\n'):
        channel = await world.declared_soon()
        tried = "select 1 from outbox where kind = 'PageContact' and state = 'pending' and attempts > 0"
        await world.until(lambda: world.looking.rows(tried))
        due(world, "way")
        await world.until(
            lambda: "The page for CTO has been waiting for its provider for" in shown(world, channel)
        )


async def test_who_is_reached_by_the_same_page_is_not_said_to_be_called_anew(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    book = '"On-Call Engineer" = "pagerduty:service/OPS_KEY"\n"DevOps Lead" = "pagerduty:service/OPS_KEY"\n'
    async with paging(world, duty, tmp_path, book):
        channel = await world.declared("declare p2 Search is slow")
        await world.until(lambda: len(duty.incidents) == 1)
        due(world)
        await world.until(lambda: "DevOps Lead: already paged" in shown(world, channel))
        await world.until(lambda: world.posts("incident-response", "nobody has acknowledged"))
        assert "Paged: DevOps Lead" not in shown(world, channel)
        assert [call.name for call in duty.calls].count("enqueue") == 1


async def test_a_manager_by_pagerduty_who_was_called_before_is_called_for_the_overdue_update_too(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    book = '"On-Call Engineer" = "slack:U0CHIDI001"\n"Engineering Manager" = "pagerduty:user/PCTO001"\n'
    async with paging(world, duty, tmp_path, book):
        channel = await world.declared()
        await world.until(lambda: states(duty) == [("PCTO001", "triggered")])
        await world.incident("chidi", "ack", channel)
        await world.quiet()
        for stage in range(1, 7):
            world.looking.rows("update incident set notice_at = now() where notice_at is not null")
            at = f"select 1 from incident where notice_stage >= {stage} or notice_at is null"
            await world.until(lambda: world.looking.rows(at))  # noqa: B023
        await world.until(lambda: states(duty) == [("PCTO001", "acknowledged"), ("PCTO001", "triggered")])
        await world.until(
            lambda: "Engineering Manager" in world.text(world.posts(channel, "minutes late")[-1])
        )


async def test_a_tick_and_an_answer_at_once_wait_for_each_other_and_neither_is_lost(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    assert world.settings.database_url is not None
    async with paging(world, duty, tmp_path, CTO):
        channel = await world.declared()
        await world.until(lambda: len(duty.incidents) == 1)
        await world.quiet()
        async with PostgresStore(world.settings.database_url.get_secret_value()) as other:
            async with other.transaction() as tx:  # as every change does: the incident first
                await tx.lock(1)
                world.looking.rows("update way set due_at = now()")
                waiting = "select 1 from pg_stat_activity where wait_event_type = 'Lock'"
                await world.until(lambda: world.looking.rows(waiting))
                answer = asyncio.create_task(asks(world, "bruno", "ack", channel))
                await tx.acknowledge_attempts(1, [])
            await answer
        assert world.looking.rows("select acknowledged_by from incident") == [
            {"acknowledged_by": "U0BRUNO001"}
        ]
        query = "select deadlocks from pg_stat_database where datname = current_database()"
        assert world.looking.rows(query) == [{"deadlocks": 0}]


async def test_one_incident_whose_look_fails_does_not_stop_the_others(
    world: World, duty: PagerDutyStandIn, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with paging(world, duty, tmp_path, TEAM):
        await world.declared("declare p2 Search is slow")
        other = await world.declared("declare p2 Mails are late")
        await world.quiet()
        world.looking.rows("update incident set severity = 'P2', rung = -9 where number = 1")
        due(world)
        await world.until(lambda: "Now paged: DevOps Lead" in shown(world, other))
        (row,) = world.looking.rows("select look_at > now() as later from incident where number = 1")
        assert row["later"]


async def test_gateways_that_hang_do_not_hold_up_pagerduty(
    world: World, duty: PagerDutyStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hung: list[asyncio.StreamWriter] = []

    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hung.append(writer)

    server = await asyncio.start_server(never, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    book = ['"On-Call Engineer" = "pagerduty:user/PCTO001"']
    for at in range(GATEWAYS):
        monkeypatch.setenv(f"SMS{at}_A", f"json://127.0.0.1:{port}/{at}")
        book.append(f'"A{at} Person" = "apprise:SMS{at}_A"')
    async with paging(world, duty, tmp_path, "\n".join(book) + "\n"):
        await world.incident("ana", "declare p0 API is down")
        await world.until(lambda: len(hung) >= 8 and duty.incidents)
        before = len(hung)
        world.looking.calm()
        await world.incident("ana", "declare p2 Search is slow")
        await world.until(lambda: len(duty.incidents) == 2)
        assert before <= GATEWAYS
        for writer in hung:
            writer.close()
    server.close()
