"""The start while the database is away: the bot is up, tells people whom to call, and goes on when it comes."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from pydantic import SecretStr

from bot.adapters.embedded_postgres import PrivatePostgres
from tests.looking import close_connections
from tests.scenarios.conftest import World
from tests.scenarios.test_database_away import away, fragile, server
from tests.scenarios.test_database_closed import full
from tests.scenarios.test_start import readyz
from tests.scenarios.test_start_database import empty

__all__ = ["empty", "fragile", "server"]

Trouble = Callable[[World, PrivatePostgres], AbstractAsyncContextManager[World]]


@asynccontextmanager
async def stopped(world: World, server: PrivatePostgres) -> AsyncIterator[World]:
    close_connections()
    async with away(server, "stopped"):
        yield world


@asynccontextmanager
async def hanging(world: World, server: PrivatePostgres) -> AsyncIterator[World]:
    async with away(server, "hanging"):
        yield world


@asynccontextmanager
async def no_role(world: World, server: PrivatePostgres) -> AsyncIterator[World]:
    address = world.settings.database_url.get_secret_value()  # type: ignore[union-attr]
    settings = world.settings.model_copy(
        update={"database_url": SecretStr(make_conninfo(address, user="late_role"))}
    )
    yield World(world.slack, world.looking, settings)
    world.looking.rows("create role late_role superuser login")


@asynccontextmanager
async def read_only(world: World, server: PrivatePostgres) -> AsyncIterator[World]:
    name = world.looking.rows("select current_database() as name")[0]["name"]
    administer(server, f"alter database {name} set default_transaction_read_only = on")
    yield world
    administer(server, f"alter database {name} reset default_transaction_read_only")


@asynccontextmanager
async def no_room(world: World, server: PrivatePostgres) -> AsyncIterator[World]:
    async with world.bot():
        await world.quiet()
    with full(world.looking):
        yield world


def administer(server: PrivatePostgres, statement: str) -> None:
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        connection.execute(statement.encode())


@pytest.mark.parametrize(
    ("trouble", "why"),
    [
        (stopped, "does not answer"),
        (hanging, "does not answer"),
        (no_role, "refuses the login"),
        (read_only, "is read-only"),
        (no_room, "has no room left on its disk"),
    ],
    ids=["stopped", "hanging", "login", "read-only", "full"],
)
async def test_a_database_that_is_away_at_the_start_ends_nothing_and_is_used_when_it_comes(
    fragile: World, server: PrivatePostgres, trouble: Trouble, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with AsyncExitStack() as until_it_comes:
        world = await until_it_comes.enter_async_context(trouble(fragile, server))
        async with world.bot() as running:
            status, said = await readyz(world)
            assert (status, said["status"]) == (200, "degraded")
            assert f"the database {why}: nothing can be recorded" in said["reasons"]
            answer = await world.incident("ana", "declare p0 API is down")
            assert answer.elapsed < 2
            assert f"Nothing was recorded: my database {why}." in world.heard("ana")
            assert "CTO" in world.heard("ana")
            await until_it_comes.aclose()
            await world.until(
                lambda: not running.store.away and world.looking.rows("select 1 from place"), 20
            )
            channel = await world.declared()
            assert world.posts(channel, "INCIDENT ALERT")
            assert (await readyz(world))[1]["status"] == "ok"
    assert [record for record in caplog.records if record.exc_info] == []


async def test_a_database_of_a_newer_version_that_comes_later_is_said_and_left_alone(
    fragile: World, server: PrivatePostgres, caplog: pytest.LogCaptureFixture
) -> None:
    world = fragile
    async with world.bot():
        await world.quiet()
    world.looking.rows("insert into migration (number, name, checksum) values (999, '999_x.sql', 'x')")
    name = world.looking.rows("select current_database() as name")[0]["name"]
    close_connections()
    administer(server, f"alter database {name} rename to elsewhere")
    try:
        async with world.bot():
            assert "the database refuses the login" in str((await readyz(world))[1]["reasons"])
            administer(server, f"alter database elsewhere rename to {name}")
            await world.until(lambda: "was made by a newer Tocsin" in caplog.text, 60)
            reason = "the database cannot be used by this version (the log says why): nothing can be recorded"
            assert reason in (await readyz(world))[1]["reasons"]
    finally:
        close_connections()
