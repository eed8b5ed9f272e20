"""The database answers and takes no changes: read-only, its disk full, or no connection left. It is said which."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import psycopg
import pytest

from bot.adapters.embedded_postgres import PrivatePostgres
from sandbox.slack import make_delay, plan_by_table
from tests.looking import Looking
from tests.scenarios.asking import fields
from tests.scenarios.conftest import World
from tests.scenarios.test_database_away import fragile, goes_on, server
from tests.scenarios.test_start import readyz

__all__ = ["fragile", "server"]

WORDS = {
    "read-only": "is read-only",
    "full": "has no room left on its disk",
    "crowded": "takes no more connections",
}
SYSTEM = "alter system {} default_transaction_read_only{}"
REFUSE = """
create function no_room() returns trigger language plpgsql as $$
begin
    raise exception 'could not extend file: No space left on device' using errcode = 'disk_full';
end
$$
"""


def administer(server: PrivatePostgres, *statements: str) -> None:
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def tables(looking: Looking) -> list[str]:
    return [row["name"] for row in looking.rows(
        "select tablename as name from pg_tables where schemaname = 'tocsin'")]  # fmt: skip


@contextmanager
def read_only(server: PrivatePostgres) -> Iterator[None]:
    """As after a failover, or by an operator: for the sessions that are open too."""
    administer(server, SYSTEM.format("set", " = on"), "select pg_reload_conf()")
    try:
        yield
    finally:
        administer(server, "set default_transaction_read_only = off", SYSTEM.format("reset", ""),
                   "select pg_reload_conf()")  # fmt: skip


@contextmanager
def full(looking: Looking) -> Iterator[None]:
    """Every row written ends as on a full disk."""
    looking.rows(REFUSE)
    for name in tables(looking):
        looking.rows(
            f"create trigger no_room before insert or update on {name} for each row execute function no_room()"
        )
    try:
        yield
    finally:
        # One table after the other: a lock on all of them at once waits for the bot, which waits for it.
        for name in tables(looking):
            looking.rows(f"drop trigger no_room on {name}")
        looking.rows("drop function no_room()")


@asynccontextmanager
async def crowded(server: PrivatePostgres, looking: Looking) -> AsyncIterator[None]:
    """Others hold every connection that the server has, and the bot has lost its own."""
    others: list[psycopg.Connection] = []
    name = looking.rows("select current_database() as name")[0]["name"]
    with psycopg.connect(server.conninfo(), autocommit=True) as last:

        async def take() -> None:
            """Until nobody of the bot's is left, also of those that come again meanwhile."""
            while True:
                last.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s"
                    " and application_name = 'tocsin' and backend_type = 'client backend'",
                    (name,),
                )
                try:
                    while True:
                        others.append(psycopg.connect(server.conninfo("postgres"), autocommit=True))
                except psycopg.OperationalError:
                    pass
                left = last.execute(
                    "select count(*) from pg_stat_activity where datname = %s", (name,)
                ).fetchone()
                if left == (0,):
                    return
                await asyncio.sleep(0)

        await take()
        try:
            yield
        finally:
            for other in others:
                other.close()


@asynccontextmanager
async def closed(server: PrivatePostgres, looking: Looking, how: str) -> AsyncIterator[None]:
    if how == "read-only":
        with read_only(server):
            yield
    elif how == "full":
        with full(looking):
            yield
    else:
        async with crowded(server, looking):
            yield


@pytest.mark.parametrize("how", WORDS)
async def test_a_database_that_takes_no_changes_is_named_everywhere_and_all_goes_on_when_it_does_again(
    fragile: World, server: PrivatePostgres, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    world = fragile
    async with world.bot():
        channel = await world.declared()
        await world.incident("bruno", "update", channel)
        form = await world.form("bruno")
        page = world.slack.direct_messages("chidi")[-1]
        caplog.clear()
        async with closed(server, world.looking, how):
            if how != "full":  # nothing is written until somebody asks for something
                await world.until(lambda: f"the database {WORDS[how]}" in caplog.text)
            click, sent, *commands = await asyncio.gather(
                world.slack.people.click("chidi", page, "acknowledge"),
                world.slack.people.submit("bruno", form, fields(update_text="Rolled back")),
                world.incident("ana", "declare p0 Payments fail"),
                world.incident("devika", "update x", channel),
            )
            for answer in (click, sent, *commands):
                assert (answer.ok, answer.elapsed < 2) == (True, True), answer
            await world.until(lambda: world.heard("chidi"))
            said = f"Nothing was recorded: my database {WORDS[how]}."
            for who in ("ana", "devika", "chidi"):
                assert said in world.heard(who), who
            assert said in form.errors["update_text"]
            status, health = await readyz(world)
            assert (status, health["status"]) == (200, "degraded")
            assert f"the database {WORDS[how]}: nothing can be recorded" in health["reasons"]
        assert f"a request was not recorded: The database {WORDS[how]}." in caplog.text
        assert [record for record in caplog.records if record.exc_info] == []
        await goes_on(world, channel)
        assert (await readyz(world))[1] == {"status": "ok"}
        assert (await world.slack.people.submit("bruno", form)).ok
        await world.quiet()
        assert len(world.posts(channel, "What changed")) == 1
        titles = [row["title"] for row in world.looking.rows("select title from incident order by number")]
        assert titles == ["API is down", "Search is slow"]


@pytest.mark.parametrize("how", ["read-only", "full"])
async def test_what_was_being_delivered_when_the_database_closed_is_neither_lost_nor_doubled(
    fragile: World, server: PrivatePostgres, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    world = fragile
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        before = len(world.slack.calls.of("chat.postMessage"))
        world.slack.api.faults = plan_by_table({"chat.postMessage": [make_delay(1.0), make_delay(1.0)]})
        await world.incident("ana", "update Rolled back", channel)
        await world.until(lambda: len(world.slack.calls.of("chat.postMessage")) > before)
        async with closed(server, world.looking, how):
            await world.until(lambda: f"the database {WORDS[how]}" in caplog.text)
        # What is in the hands of a replica that kept its lock is looked at again when the lease ends.
        world.looking.rows("update outbox set lease_until = now() where state = 'sending'")
        await world.quiet(20)
        for place in (channel, "incident-response"):
            assert len(world.posts(place, "What changed")) == 1
        assert world.looking.rows("select 1 from outbox where state = 'dead'") == []
        assert [record for record in caplog.records if record.exc_info] == []
