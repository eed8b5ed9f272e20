"""The database goes away or stands still: nothing is pretended, and all goes on by itself once it is back."""

import asyncio
import itertools
import os
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from bot.adapters.embedded_postgres import PrivatePostgres, pid_file
from bot.runbook import parse_runbook
from sandbox.pagerduty.api_server import PagerDutyStandIn
from sandbox.slack import BotAnswer
from tests.looking import Looking
from tests.remediators import HeldRemediator
from tests.scenarios.asking import KNOWN, contacts, fields, script
from tests.scenarios.conftest import RUNBOOK, World
from tests.scenarios.duties import paging, shown
from tests.scratch import make_server_folder

BOOK = parse_runbook(RUNBOOK.read_text(encoding="utf-8"))
NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def server() -> Iterator[PrivatePostgres]:
    """A PostgreSQL that these tests may stop and start."""
    server = PrivatePostgres(make_server_folder())
    asyncio.run(server.start())
    yield server
    asyncio.run(server.stop())
    shutil.rmtree(server.folder, ignore_errors=True)
    shutil.rmtree(server.sockets, ignore_errors=True)


@pytest.fixture
def fragile(world: World, server: PrivatePostgres) -> World:
    """The world on that server, in a database of its own."""
    name = f"fragile_{next(NUMBERS)}"
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
    address = server.conninfo(name)
    settings = world.settings.model_copy(update={"database_url": SecretStr(address)})
    return World(world.slack, Looking(address), settings)


@asynccontextmanager
async def away(server: PrivatePostgres, how: str) -> AsyncIterator[None]:
    """The server is stopped, or stands still with all connections open."""
    if how == "stopped":
        await server.stop()
        try:
            yield
        finally:
            await server.start()
        return
    held = pid_file.list_processes_in(server.folder / "postgres")
    for pid in held:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in held:
            os.kill(pid, signal.SIGCONT)


def gives_help(text: str) -> None:
    """The answer says the truth, and how to get help without the bot."""
    assert "Nothing was recorded: my database does not answer." in text
    for contact in BOOK.contacts:
        assert contact.name in text
    for link in BOOK.links[:3]:
        assert link.url in text


@pytest.mark.parametrize("how", ["stopped", "hanging"])
async def test_without_its_database_every_request_is_answered_in_two_seconds_and_afterwards_all_goes_on(
    fragile: World, server: PrivatePostgres, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    world = fragile
    async with world.bot():
        channel = await world.declared()
        await world.incident("bruno", "update", channel)
        update = await world.form("bruno")
        await world.incident("ana", "declare p1")
        declare = await world.form("ana")
        page = world.slack.direct_messages("chidi")[-1]
        caplog.clear()
        async with away(server, how):
            asked = [world.incident("ana", "declare p0 Payments fail"), world.incident("devika", "update x", channel),
                     world.incident("gus", "list"), world.incident("bruno", "declare p0 API is down")]  # fmt: skip
            click, noted, declared, *commands = await asyncio.gather(
                world.slack.people.click("chidi", page, "acknowledge"),
                world.slack.people.submit("bruno", update, fields(update_text="Rolled back")),
                world.slack.people.submit("ana", declare, fields(title="Payments fail")),
                *asked,
            )
            for answer in (click, noted, declared, *commands):
                assert (answer.ok, answer.elapsed < 2) == (True, True), answer
            await world.until(lambda: world.heard("chidi"))
            for who in ("ana", "devika", "bruno", "chidi"):
                gives_help(world.heard(who))
            assert world.heard("gus").endswith("my database does not answer. Try again soon."), (
                "no contacts for guests"
            )
            assert "/incident update x" in world.heard("devika"), "what was typed is given back"
            assert "/incident declare p0 API is down" in world.heard("bruno")
            shown = await world.incident("devika", "runbook payment gateway", channel)
            assert shown.elapsed < 2
            assert "Playbook: PAYMENT GATEWAY FAILING" in world.heard("devika")
            gives_help(update.errors["update_text"])
            gives_help(declare.errors["title"])
        assert [record for record in caplog.records if record.exc_info] == []
        await goes_on(world, channel)
        assert (await world.slack.people.submit("bruno", update)).ok
        await world.until(lambda: world.posts(channel, "Rolled back"))
        assert (await world.slack.people.submit("ana", declare)).ok
        await world.quiet()
        assert [row["title"] for row in world.looking.rows("select title from incident order by number")] == [
            "API is down", "Search is slow", "Payments fail"]  # fmt: skip


async def goes_on(world: World, channel: str) -> None:
    """Within a few seconds incidents can be declared again, are delivered, and reminders come."""

    await goes_on_declaring(world)
    await world.quiet()
    assert len(world.posts("incident-response", "INCIDENT ALERT - P3")) == 1
    world.looking.sooner(15)
    await world.until(lambda: world.posts(channel, "status update is due"))


async def test_a_database_that_hangs_for_a_moment_loses_and_doubles_nothing_that_is_under_way(
    fragile: World, server: PrivatePostgres, tmp_path: Path
) -> None:
    world = fragile
    async with world.bot(**contacts(tmp_path, KNOWN)):
        calm = script(world, await world.declared())
        world.looking.calm()
        before = len(world.slack.calls.of("chat.postMessage"))
        await world.incident("ana", "declare p0 API is down")
        await world.until(lambda: len(world.slack.calls.of("chat.postMessage")) > before)
        async with away(server, "hanging"):
            await asyncio.gather(*(world.incident(who, "list") for who in ("ana", "bruno")))
        await world.quiet(30)
        second = world.looking.rows("select channel from incident where number = 2")[0]["channel"]
        assert sorted(script(world, second)) == sorted(calm), "playbook and evidence have lanes of their own"
        assert [len(world.slack.direct_messages(who)) for who in ("bruno", "chidi", "devika")] == [2, 2, 2]
        assert len(world.posts("incident-response", "INCIDENT ALERT")) == 2


@pytest.mark.whole
async def test_a_database_that_is_restarted_under_load_makes_no_answer_untrue(
    fragile: World, server: PrivatePostgres
) -> None:
    world = fragile
    answers: dict[str, BotAnswer] = {}

    async def keep_declaring(who: str) -> None:
        for number in range(15):
            title = f"Outage {who} {number}"
            answers[title] = await world.incident(who, f"declare p3 {title}")

    async with world.bot():
        await world.quiet()
        crowd = [asyncio.create_task(keep_declaring(who)) for who in ("ana", "bruno", "chidi", "devika")]
        await world.until(lambda: len(answers) > 5)
        async with away(server, "stopped"):
            await world.until(lambda: any("Nothing was recorded" in each.body for each in answers.values()))
        await asyncio.gather(*crowd)
        await goes_on_declaring(world)
        kept = [str(row["title"]) for row in world.looking.rows("select title from incident")]
        for title, answer in answers.items():
            assert (answer.ok, answer.elapsed < 2) == (True, True), answer
            if "is declared" in answer.body:
                assert kept.count(title) == 1, title
            elif "Nothing was recorded: my database does not answer." in answer.body:
                assert title not in kept, title
            else:
                assert "Check whether it was saved before trying again." in answer.body
                assert kept.count(title) <= 1
        await world.quiet(60)
        for title in kept:
            assert len(world.posts("incident-response", f"P3: {title} (")) == 1, title


async def goes_on_declaring(world: World) -> None:
    """Until the bot is back: then everything is taken again."""
    async with asyncio.timeout(60):
        while "is declared" not in (await world.incident("ana", "declare p3 Search is slow")).body:
            await asyncio.sleep(0.1)


async def test_a_private_postgresql_that_is_killed_comes_back_by_itself(world: World) -> None:
    folder = make_server_folder()
    try:
        async with world.bot(database_url=None, data_dir=folder):
            assert "INC-1 is declared" in (await world.incident("ana", "declare p3 Search is slow")).body
            pid = pid_file.find_postmaster(folder / "postgres")
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            async with asyncio.timeout(20):
                while "is declared" not in (await world.incident("ana", "declare p3 Login fails")).body:
                    await asyncio.sleep(0.1)
            await world.until(lambda: len(world.posts("incident-response", "INCIDENT ALERT - P3")) == 2, 60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def test_an_answer_on_the_phone_meanwhile_is_not_taken_and_counts_once_when_it_is_delivered_again(
    fragile: World, server: PrivatePostgres, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(fragile, duty, tmp_path):
        channel = await fragile.declared()
        page = duty.incidents[0]
        page.status = "acknowledged"
        news = duty.build_news(page, "PCTO001")
        async with away(server, "stopped"):
            assert await duty.send_webhook(news) == 503
        async with asyncio.timeout(60):
            while await duty.send_webhook(news) != 202:
                await fragile.until(lambda: fragile.looking.rows("select 1"))
        assert await duty.send_webhook(news) == 202
        await fragile.until(lambda: "in PagerDuty after" in shown(fragile, channel))
        await fragile.quiet(20)
        assert len(fragile.posts(channel, "in PagerDuty after")) == 1
        assert fragile.looking.kinds(1).count("acknowledged") == 1


async def test_what_was_approved_is_not_carried_out_while_the_database_is_away_and_once_when_it_is_back(
    fragile: World, server: PrivatePostgres, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    approvers = contacts(tmp_path, KNOWN + '\n[approvers]\n"*" = ["CTO"]\n')
    fragile.remediator = hands = HeldRemediator()
    async with fragile.bot(**approvers, remediations="ecs.rollback"):
        channel = await fragile.declared("declare p0 API is completely down")
        await fragile.incident("ana", "fix rollback", channel)
        await fragile.until(lambda: fragile.posts(channel, "R1: "))
        await fragile.quiet()
        hands.reading.clear()
        card = fragile.posts(channel, "R1: ")[0]
        await fragile.slack.people.click("bruno", card, "approve_remediation")
        await fragile.until(lambda: hands.waiting)
        async with away(server, "stopped"):
            hands.reading.set()
            await fragile.until(lambda: "remediation 1: the database" in caplog.text)
            assert hands.carried_out == []
        await fragile.until(lambda: fragile.posts(channel, "R1: ")[0].text.count("Done"))
        assert len(hands.carried_out) == 1


async def test_diagnostics_that_the_database_ended_again_and_again_are_run_and_not_called_a_fault(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    assert world.settings.database_url is not None
    with psycopg.connect(world.settings.database_url.get_secret_value()) as other:
        async with world.bot():
            other.execute("lock table tocsin.result in share mode")
            await world.declared_soon("declare p1 payment gateway failing")
            for times in range(1, 7):
                while caplog.text.count("retrying when its lease ends") < times:
                    await asyncio.sleep(0.03)
                if times == 6:
                    other.rollback()
                world.looking.rows("update look set lease_until = now() - interval '1 second' returning id")
            await world.until(lambda: not world.looking.rows("select 1 from look where ended_at is null"))
            found = world.looking.rows("select verdict, cause from result where note = ''")
    assert found and "bug" not in {row["cause"] for row in found}
