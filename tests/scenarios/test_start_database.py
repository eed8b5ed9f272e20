"""The start on a database that is not as this version left it: brought up to date, or refused in one sentence."""

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pydantic import SecretStr

from bot.postgres import PrivatePostgres
from bot.store.queries import migrations
from tests.looking import Looking
from tests.scenarios.conftest import World
from tests.scenarios.test_start import run

SCHEMA = "create schema tocsin; set search_path to tocsin; "
MIGRATION = (
    "create table migration (number int primary key, name text, checksum text, at timestamptz default now());"
)


@pytest.fixture
def empty(world: World, postgres: PrivatePostgres) -> Iterator[World]:
    """The world on a database in which nothing is."""
    assert world.settings.database_url is not None
    name = conninfo_to_dict(world.settings.database_url.get_secret_value())["dbname"]
    address = postgres.conninfo(f"{name}_empty")
    with psycopg.connect(postgres.conninfo(), autocommit=True) as connection:
        connection.execute(f"create database {name}_empty".encode())
        yield on(world, address)
        connection.execute(f"drop database {name}_empty with (force)".encode())


def on(world: World, address: str) -> World:
    settings = world.settings.model_copy(update={"database_url": SecretStr(address)})
    return replace(world, settings=settings, looking=Looking(address))


async def refused(world: World) -> str:
    """The one sentence with which the start ends."""
    code, said = await run(world)
    assert (code, len(said)) == (2, 1), said
    return said[0]


async def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(world: World) -> None:
    world.looking.rows("insert into migration (number, name, checksum) values (999, '999_x.sql', 'x')")
    said = await refused(world)
    assert "The database was made by a newer Tocsin (its schema has step 999" in said
    assert said.endswith("Start that version again, or restore a backup. Nothing was changed.")


async def test_a_database_whose_migration_was_edited_since_is_refused(world: World) -> None:
    world.looking.rows("update migration set checksum = 'another' where number = 1")
    assert "The migration 001_incidents.sql was changed after it ran" in await refused(world)


async def test_a_database_of_the_first_version_is_brought_up_to_date_with_what_is_in_it(empty: World) -> None:
    world = empty
    first = migrations()[0]
    world.looking.rows(SCHEMA + MIGRATION)
    with psycopg.connect(world.settings.database_url.get_secret_value()) as connection:  # type: ignore[union-attr]
        connection.execute(b"set search_path to tocsin")
        connection.execute(first[2].encode())
        connection.execute(
            "insert into migration (number, name, checksum) values (1, %s, encode(sha256(%s), 'hex'))",
            (first[1], first[2].encode()),
        )
        connection.execute(b"insert into edition values ('sha', 'runbook.md', '# Runbook')")
        connection.execute(
            b"insert into incident (title, severity, commander, declared_by, edition)"
            b" values ('Search is slow', 'P3', 'U0SAND0001', 'U0SAND0001', 'sha')"
        )
    async with world.bot():
        ran = world.looking.rows("select number from migration order by number")
        assert [row["number"] for row in ran] == [number for number, _, _ in migrations()]
        await world.incident("ana", "list")
        assert "INC-1 P3 Search is slow" in world.heard("ana")
        await world.declared("declare p3 Login fails")


@pytest.mark.parametrize(
    "theirs",
    [
        "create table incident (id int, title text)",
        "create table migration (version text)",
        "create view outbox as select 1 as id",
        "create function refuse_rewriting() returns int language sql as 'select 1'",
    ],
    ids=["a table", "a table of migrations", "a view", "a function"],
)
async def test_a_schema_that_is_another_programs_is_refused_and_left_as_it_is(
    empty: World, theirs: str
) -> None:
    count = "select count(*) as all from pg_class where relnamespace = 'tocsin'::regnamespace"
    empty.looking.rows(SCHEMA + theirs)
    before = empty.looking.rows(count)
    said = await refused(empty)
    assert "The schema tocsin of this database holds something that is not Tocsin's: " in said
    assert said.endswith("Give Tocsin a database of its own. Nothing was changed.")
    assert empty.looking.rows(count) == before


async def test_a_role_that_may_not_make_a_schema_is_told_what_to_run_and_works_with_one_made_for_it(
    empty: World,
) -> None:
    world = empty
    role = "guest_" + world.looking.rows("select current_database() as name")[0]["name"]
    address = world.settings.database_url.get_secret_value()  # type: ignore[union-attr]
    guest = on(world, make_conninfo(address, user=role))
    world.looking.rows(f"create role {role} login")
    try:
        said = await refused(guest)
        assert "The database does not let this role work: permission denied for database" in said
        assert "`create schema tocsin authorization ROLE`" in said
        world.looking.rows(f"create schema tocsin authorization {role}")
        async with guest.bot():
            await guest.declared("declare p3 Search is slow")
    finally:
        world.looking.rows(f"drop owned by {role} cascade; drop role {role}")


@pytest.mark.parametrize("made", [True, False], ids=["with the schema", "empty"])
async def test_a_read_only_database_ends_the_start_with_its_reason(
    world: World, empty: World, made: bool
) -> None:
    chosen = world if made else empty
    name = chosen.looking.rows("select current_database() as name")[0]["name"]
    chosen.looking.rows(f"alter database {name} set default_transaction_read_only = on")
    assert await refused(chosen) == "tocsin: The database is read-only. Nothing was changed."
