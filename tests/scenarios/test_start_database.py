"""The start on a database that is not as this version left it: brought up to date, or refused in one sentence."""

from collections.abc import Iterator
from dataclasses import replace
from functools import reduce
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pydantic import SecretStr

from bot.adapters.database import migrate
from bot.adapters.database.sql_loader import load_migrations
from bot.adapters.embedded_postgres import PrivatePostgres
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


STEP = "insert into schema_step (number, name, checksum, runs_from) values ({0}, '{0}_x.sql', 'x', {1})"


@pytest.mark.parametrize("runs_from", ["1", "12"])
async def test_a_step_of_a_newer_version_that_this_one_may_run_on_does_not_hinder_it(
    world: World, runs_from: str
) -> None:
    world.looking.rows(STEP.format(999, runs_from))
    async with world.bot():
        await world.declared("declare p3 Search is slow")
    assert world.looking.rows("select name from schema_step where number = 999") == [{"name": "999_x.sql"}]


async def test_a_step_that_needs_a_newer_version_ends_the_start_and_names_it(world: World) -> None:
    for number, runs_from in ((997, 12), (998, 998), (999, 12)):
        world.looking.rows(STEP.format(number, runs_from))
    said = await refused(world)
    assert "The database was made by a newer Tocsin (its schema has step 998" in said


async def test_what_was_declared_additive_is_not_noted_where_the_version_before_looks(world: World) -> None:
    noted = {row["number"] for row in world.looking.rows("select number from migration")}
    assert noted == {step.number for step in load_migrations() if step.number <= 12 or step.runs_from > 12}
    later = world.looking.rows("select number, runs_from from schema_step order by number")
    assert [(row["number"], row["runs_from"]) for row in later] == [
        (step.number, step.runs_from) for step in load_migrations() if step.number > 12
    ]


async def test_a_database_whose_migration_was_edited_since_is_refused(world: World) -> None:
    world.looking.rows("update migration set checksum = 'another' where number = 1")
    assert "The migration 001_incidents.sql was changed after it ran" in await refused(world)


async def test_a_database_of_the_first_version_is_brought_up_to_date_with_what_is_in_it(empty: World) -> None:
    world = empty
    first = load_migrations()[0]
    world.looking.rows(SCHEMA + MIGRATION)
    with psycopg.connect(world.settings.database_url.get_secret_value()) as connection:  # type: ignore[union-attr]
        connection.execute(b"set search_path to tocsin")
        connection.execute(first.text.encode())
        connection.execute(
            "insert into migration (number, name, checksum) values (1, %s, encode(sha256(%s), 'hex'))",
            (first.name, first.text.encode()),
        )
        connection.execute(b"insert into edition values ('sha', 'runbook.md', '# Runbook')")
        connection.execute(
            b"insert into incident (title, severity, commander, declared_by, edition)"
            b" values ('Search is slow', 'P3', 'U0SAND0001', 'U0SAND0001', 'sha')"
        )
    async with world.bot():
        ran = world.looking.rows(
            "select number from migration union select number from schema_step order by 1"
        )
        assert [row["number"] for row in ran] == [step.number for step in load_migrations()]
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


def recipe() -> list[str]:
    """The statements of docs/OPERATING.md for an owner and a role that runs the bot: before, and after migrating."""
    text = (Path(__file__).parents[2] / "docs" / "OPERATING.md").read_text()
    part = text.split("## A role that cannot change the schema")[1].split("\n## ")[0]
    return [each.split("```")[0] for each in part.split("```sql\n")[1:]]


async def test_a_role_that_does_not_own_the_schema_runs_the_bot_and_can_empty_nothing(empty: World) -> None:
    world, (before, after) = empty, recipe()
    name = world.looking.rows("select current_database() as name")[0]["name"]
    owner, running = f"{name}_owner", f"{name}_bot"
    roles = {"tocsin_owner": owner, "tocsin_bot": running, "password '…'": ""}

    def named(text: str) -> str:
        return reduce(lambda found, each: found.replace(*each), roles.items(), text)

    address = world.settings.database_url.get_secret_value()  # type: ignore[union-attr]
    world.looking.rows(named(before))
    try:
        not_yet = await refused(on(world, make_conninfo(address, user=running)))
        assert "let its owner bring it up to date first" in not_yet
        await migrate(make_conninfo(address, user=owner))
        world.looking.rows(named(after))
        guest = on(world, make_conninfo(address, user=running))
        async with guest.bot():
            room = await guest.declared("declare p0 API is down")
            await guest.incident("ana", "update it is back", channel=room)
            await guest.quiet()
            assert guest.running is not None
            await guest.running.store.forget_old_requests()
        for forbidden in (
            "truncate tocsin.timeline_entry",
            "truncate tocsin.result",
            "truncate tocsin.incident cascade",
            "alter table tocsin.timeline_entry disable trigger all",
            "drop trigger timeline_is_append_only on tocsin.timeline_entry",
            "delete from tocsin.timeline_entry",
            "update tocsin.timeline_entry set actor = 'U1'",
            "drop table tocsin.timeline_entry",
            "create or replace function tocsin.refuse_rewriting() returns trigger language plpgsql as 'begin end'",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                guest.looking.rows(forbidden)
    finally:
        for role in (owner, running):
            world.looking.rows(f"drop owned by {role} cascade; drop role {role}")
