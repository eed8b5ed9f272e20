"""The database goes away, Slack goes away or fails: nothing is pretended, lost or doubled, and it goes on by itself."""

import asyncio
import itertools
import logging
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr

from bot.postgres import PrivatePostgres, marks
from bot.runbook import read
from sandbox import Slack, dropped, hanging, limited, refused, server_error, table
from tests.conftest import SCRATCH
from tests.looking import Looking
from tests.scenarios.conftest import RUNBOOK, World

KNOWN = """
"CTO" = "slack:U0BRUNO001"
"DevOps Lead" = "slack:U0DEVIKA01"
"On-Call Engineer" = "slack:U0CHIDI001"
"""
"""Everybody by id: nothing has to be looked up, so that the order in a room is always the same."""

BOOK = read(RUNBOOK.read_text(encoding="utf-8"))
NUMBERS = itertools.count()


def fields(**given: str) -> dict[str, dict[str, Any]]:
    return {name: {name: value} for name, value in given.items()}


# ---- the database


@pytest.fixture(scope="module")
def server() -> Iterator[PrivatePostgres]:
    """A PostgreSQL that these tests may stop and start."""
    SCRATCH.mkdir(exist_ok=True)
    server = PrivatePostgres(Path(tempfile.mkdtemp(prefix="pg-", dir=SCRATCH)))
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
    held = marks.working_in(server.folder / "postgres")
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
            for who, words in (("ana", "declare p0 Payments fail"), ("ana", "update all good"), ("gus", "list"),
                               ("devika", "declare p0 API is down")):  # fmt: skip
                answer = await world.incident(who, words, channel)
                assert (answer.status, answer.elapsed < 2) == (200, True), (words, answer)
                gives_help(world.heard(who))
            click = await world.slack.people.click("chidi", page, "acknowledge")
            assert (click.ok, click.elapsed < 2) == (True, True), click
            await world.until(lambda: world.heard("chidi"))
            gives_help(world.heard("chidi"))
            form = await world.slack.people.submit("bruno", update, fields(update_text="Rolled back"))
            assert (form.ok, form.elapsed < 2) == (True, True), form
            gives_help(update.errors["update_text"])
            form = await world.slack.people.submit("ana", declare, fields(title="Payments fail"))
            assert (form.ok, form.elapsed < 2) == (True, True), form
            gives_help(declare.errors["title"])
        assert [each for each in caplog.records if each.exc_info] == []
        await goes_on(world, channel)
        assert (await world.slack.people.submit("bruno", update)).ok
        await world.until(lambda: world.posts(channel, "Rolled back"))
        assert (await world.slack.people.submit("ana", declare)).ok
        await world.quiet()
        assert [row["title"] for row in world.looking.rows("select title from incident order by number")] == [
            "API is down", "Search is slow", "Payments fail"]  # fmt: skip


async def goes_on(world: World, channel: str) -> None:
    """Within a few seconds incidents can be declared again, are delivered, and reminders come."""

    async with asyncio.timeout(8):
        while "is declared" not in (await world.incident("ana", "declare p3 Search is slow")).body:
            await asyncio.sleep(0.1)
    await world.quiet()
    assert len(world.posts("incident-response", "INCIDENT ALERT - P3")) == 1
    world.looking.sooner(15)
    await world.until(lambda: world.posts(channel, "a status update is due"), 5)


async def test_a_database_that_hangs_for_a_moment_loses_and_doubles_nothing_that_is_under_way(
    fragile: World, server: PrivatePostgres, tmp_path: Path
) -> None:
    world = fragile
    async with world.bot(**contacts(tmp_path, KNOWN)):
        calm = script(world, await world.declared())
        for how in ("hanging", "stopped"):
            before = len(world.slack.calls.of("chat.postMessage"))
            await world.incident("ana", "declare p0 API is down")
            await world.until(lambda before=before: len(world.slack.calls.of("chat.postMessage")) > before)
            async with away(server, how):
                await asyncio.gather(*(world.incident(who, "list") for who in ("ana", "bruno")))
            await world.quiet(30)
            newest = world.looking.rows("select channel from incident order by number desc limit 1")[0]
            assert script(world, newest["channel"]) == calm, how
        assert [len(world.slack.direct_messages(who)) for who in ("bruno", "chidi", "devika")] == [3, 3, 3]
        assert len(world.posts("incident-response", "INCIDENT ALERT")) == 3


async def test_a_private_postgresql_that_is_killed_comes_back_by_itself(world: World) -> None:
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=SCRATCH))
    try:
        async with world.bot(database_url=None, data_dir=folder):
            assert "INC-1 is declared" in (await world.incident("ana", "declare p3 Search is slow")).body
            pid = marks.postmaster(folder / "postgres")
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            async with asyncio.timeout(20):
                while "is declared" not in (await world.incident("ana", "declare p3 Login fails")).body:
                    await asyncio.sleep(0.1)
            await world.until(lambda: len(world.posts("incident-response", "INCIDENT ALERT - P3")) == 2, 20)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# ---- Slack


def script(world: World, channel: str) -> list[str]:
    """What the bot said in a room, by the keys of its messages, an incident's number left out: in the order in which
    it was said. Only when people are mentioned depends on when they could be invited, so that stands at the end."""
    keys = [str((each.metadata or {}).get("event_payload", {}).get("key"))
            for each in world.slack.messages(channel, of_bot=True) if each.subtype is None]  # fmt: skip
    said = [":".join(part for part in key.split(":")[1:] if not part.isdigit()) for key in keys]
    return sorted(said, key=lambda each: each.startswith("mention"))


STORM = {
    "chat.postMessage": [dropped(after_work=True), limited(1), server_error(), server_error(after_work=True),
                         dropped(), None, None, hanging(after_work=True)],
    "conversations.create": [server_error(after_work=True), dropped(), limited(1)],
    "conversations.invite": [dropped(after_work=True), server_error()],
    "pins.add": [hanging()],
    "bookmarks.add": [dropped(after_work=True)],
    "conversations.setTopic": [server_error(), limited(1)],
    "chat.update": [dropped(), limited(1), server_error(after_work=True)],
}  # fmt: skip


async def test_in_a_storm_of_faults_nothing_is_lost_or_doubled_and_the_room_keeps_its_order(
    world: World, tmp_path: Path
) -> None:
    async with world.bot(**contacts(tmp_path, KNOWN)):
        first = await world.declared()
        world.slack.api.faults = table(STORM)
        assert "INC-2 is declared" in (await world.incident("ana", "declare p0 API is down")).body
        await world.quiet(60)
        world.slack.api.faults = table({})
        second = world.looking.rows("select channel from incident where number = 2")[0]["channel"]
        assert script(world, second) == script(world, first)
        assert len(world.slack.channels(of_bot=True)) == 3, "two rooms and the incidents channel"
        assert [len(world.slack.direct_messages(who)) for who in ("bruno", "chidi", "devika")] == [2, 2, 2]
        assert len(world.posts("incident-response", "INCIDENT ALERT")) == 2
        room = world.slack.channel(second)
        assert (len(room.pins), len(room.bookmarks)) == (1, 1)
        assert room.topic["value"].startswith("P0 · investigating")
        handles = {world.slack.person(each).handle for each in room.members}
        assert {"ana", "bruno", "chidi", "devika"} <= handles
        dead = world.looking.rows("select key, error from outbox where state = 'dead'")
        assert dead == []


async def test_while_slack_is_away_incidents_are_recorded_and_delivered_once_it_is_back(
    world: World, tmp_path: Path
) -> None:
    async with world.bot(**contacts(tmp_path, KNOWN)):
        first = await world.declared()
        await world.slack.go_away()
        answer = await world.incident("ana", "declare p0 API is down")
        assert "INC-2 is declared" in answer.body
        assert answer.elapsed < 2
        assert "is posted" in (await world.incident("ana", "update INC-2 Rolled back")).body
        await world.slack.come_back()
        await world.quiet(40)
        second = world.looking.rows("select channel from incident where number = 2")[0]["channel"]
        said = script(world, second)
        assert [each for each in said if each != "update"] == script(world, first)
        assert len(world.posts(second, "What changed")) == len(world.posts("incident-response", "What changed")) == 1
        assert [len(world.slack.direct_messages(who)) for who in ("bruno", "chidi", "devika")] == [2, 2, 2]


async def test_a_limit_delays_what_slack_named_and_everything_comes_in_order(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        world.slack.api.faults = table({"chat.postMessage": [limited(1), limited(1), limited(1)]})
        for number in range(5):
            await world.incident("ana", f"update step {number}", channel)
        await world.quiet(20)
        for place in (channel, "incident-response"):
            said = [world.text(each) for each in world.posts(place, "What changed")]
            assert [f"step {number}" in text for number, text in enumerate(said)] == [True] * 5
        early = [call for call in world.slack.calls.of("chat.postMessage") if call.status == 429]
        assert len(early) == 3


@pytest.mark.parametrize(
    ("method", "code", "what"),
    [
        ("pins.add", "channel_not_found", "pinning the alert"),
        ("pins.add", "invalid_auth", "pinning the alert"),
        ("bookmarks.add", "missing_scope", "the bookmark"),
        ("conversations.setTopic", "too_long", "the topic"),
    ],
)
async def test_what_slack_refuses_for_good_is_named_once_in_the_room_and_in_the_log(
    world: World, caplog: pytest.LogCaptureFixture, method: str, code: str, what: str
) -> None:
    async with world.bot():
        await world.quiet()
        world.slack.api.faults = table({method: [refused(code)]})
        channel = await world.declared("declare p3 Search is slow")
        shown = "\n".join(world.text(each) for each in world.posts(channel))
        assert shown.count(f"I could not do this: {what}. Slack refused {method}: {code}") == 1
        assert f"can never be delivered: Slack refused {method}: {code}" in caplog.text
        assert len(world.posts(channel, "INCIDENT ALERT")) == 1


async def test_a_message_that_the_room_does_not_take_is_named_in_the_incidents_channel(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        world.slack.people.archive("ana", channel)
        await world.incident("ana", "update INC-1 Rolled back")
        await world.quiet()
        (told,) = world.posts("incident-response", "I could not do this: the status update")
        assert "INC-1" in world.text(told)
        assert "is_archived" in world.text(told)
        assert len(world.posts("incident-response", "What changed")) == 1


async def test_a_token_that_is_revoked_while_running_is_named_in_the_log(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async with world.bot():
        await world.declared("declare p3 Search is slow")
        world.slack.api.token_error = "token_revoked"
        assert "INC-2 is declared" in (await world.incident("ana", "declare p3 Login fails")).body
        await world.until(lambda: "token_revoked" in caplog.text)
        assert [each for each in caplog.records if each.exc_info] == []
        assert any(each.levelno >= logging.ERROR for each in caplog.records)


# ---- people and places


def contacts(tmp_path: Path, text: str) -> dict[str, Path]:
    path = tmp_path / "others.toml"
    path.write_text(f"[contacts]\n{text}\n")
    return {"contacts": path}


async def test_a_contact_that_slack_does_not_know_is_named_in_the_room_and_the_others_are_called(
    world: World, tmp_path: Path
) -> None:
    others = contacts(tmp_path, '"CTO" = "slack:U0NOBODY01"\n"DevOps Lead" = "slack:gone@team.example"\n'
                      '"On-Call Engineer" = "slack:U0CHIDI001"')  # fmt: skip
    async with world.bot(**others):
        channel = await world.declared()
        shown = "\n".join(world.text(each) for each in world.posts(channel))
        assert shown.count("CTO could not be called: ") == 1
        assert shown.count("DevOps Lead could not be called: ") == 1
        assert "users_not_found" in shown
        assert len(world.slack.direct_messages("chidi")) == 1


@pytest.mark.parametrize(
    ("handles", "where"),
    [("", "INCIDENT ALERT"), ('"DevOps Lead" = "tel:+15550100"', "INCIDENT ALERT"),
     ('"DevOps Lead" = "slack:gone@team.example"', "needs people"),
     ('"DevOps Lead" = "slack:U0NOBODY01"', "needs people")],
    ids=["no handles", "only a telephone", "an unknown address", "an unknown id"],
)  # fmt: skip
async def test_when_nobody_can_be_reached_for_a_p1_the_incidents_channel_is_called_and_told_why(
    world: World, tmp_path: Path, handles: str, where: str
) -> None:
    async with world.bot(**contacts(tmp_path, handles)):
        await world.quiet()
        world.slack.people.join("bruno", "incident-response")
        await world.declared("declare p1 Payments fail")
        (call,) = world.posts("incident-response", where)
        assert "@channel" in world.text(call)
        assert "obody else can be reached" in world.text(call)
        assert world.slack.person("bruno").id in call.pings
        everywhere = [each for each in world.posts("incident-response") if "@channel" in world.text(each)]
        assert everywhere == [call]


async def test_a_p2_that_reaches_nobody_calls_no_channel(world: World, tmp_path: Path) -> None:
    async with world.bot(**contacts(tmp_path, "")):
        channel = await world.declared("declare p2 Search is slow")
        assert "@channel" not in "\n".join(world.text(each) for each in world.posts("incident-response"))
        assert world.posts(channel, "Not called, reach them yourself:")


async def test_a_strangers_channel_with_the_name_is_left_alone_and_ours_gets_a_number(world: World) -> None:
    for name in ("inc-1-api-is-down", "inc-1-api-is-down-2"):
        world.slack.add_channel(name, creator="devika", archived=name.endswith("2"))
    async with world.bot():
        channel = await world.declared()
        assert world.slack.channel(channel).name == "inc-1-api-is-down-3"
        for name in ("inc-1-api-is-down", "inc-1-api-is-down-2"):
            assert world.slack.messages(name) == []
            assert world.slack.channel(name).members == [world.slack.person("devika").id]


async def test_without_a_channel_everything_happens_in_the_thread_of_the_announcement(world: World) -> None:
    async with world.bot():
        await world.quiet()
        world.slack.api.faults = table({"conversations.create": refused("restricted_action")})
        assert "INC-1 is declared" in (await world.incident("ana", "declare p0 API is down")).body
        await world.quiet()
        (announced,) = (each for each in world.posts("incident-response", "INCIDENT ALERT - P0")
                        if each.thread_ts in (None, each.ts))  # fmt: skip
        thread = partial(replies, world.slack, "incident-response", announced.ts)
        assert len(world.posts("incident-response", "its channel could not be made")) == 1
        shown = [world.text(each) for each in thread()]
        for words in ("INCIDENT ALERT - P0", "@Chidi Okafor you are called for", "Playbook: API COMPLETELY DOWN"):
            assert sum(words in each for each in shown) == 1, words
        assert [len(world.slack.direct_messages(who)) for who in ("bruno", "chidi", "devika")] == [1, 1, 1]
        await world.incident("ana", "update INC-1 Rolled back")
        world.looking.sooner(15)
        await world.until(lambda: any("a status update is due" in world.text(each) for each in thread()))
        assert any("Rolled back" in world.text(each) for each in thread())
        await world.incident("ana", "resolve INC-1")
        assert (await world.slack.people.submit("ana", await world.form("ana"), fields(resolution="x"))).ok
        await world.quiet()
        message = next(each for each in thread() if "Post-incident checklist" in world.text(each))
        await world.slack.people.click("chidi", message, "set_item:0")
        await world.until(lambda: any("1 of 12 done" in world.text(each) for each in thread()))


def replies(slack: Slack, channel: str, ts: str) -> list[Any]:
    return slack.channel(channel).replies(ts)
