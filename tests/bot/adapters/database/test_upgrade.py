"""A database of the version before with fifty open incidents is brought up to date: whole or not at all."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bot.adapters.database import migrate
from bot.adapters.database.sql_loader import load_migrations
from bot.errors import DatabaseUnavailable
from tests.operators import operate

LEFT = Path(__file__).parents[3] / "dumps" / "open_incidents.sql"
"""What the version before left: two open incidents and what waits for them."""

OPEN = 50
COPIES = f"""
insert into incident (title, severity, commander, declared_by, edition, playbook, cadence, next_update_at, notice_at,
    channel)
select title || ' ' || n, severity, commander, declared_by, edition, playbook, cadence, next_update_at, notice_at,
    'C0COPY' || n
from incident, generate_series(3, {OPEN}) n where number = 1;
insert into timeline_entry (incident, actor, kind, detail, at)
select i.number, e.actor, e.kind, e.detail, e.at from incident i, timeline_entry e where i.number > 2 and e.incident = 1
order by i.number, e.id;
insert into page (incident, person, contact) select number, 'U0BRUNO001', 'CTO' from incident where number > 2;
insert into outbox (key, lane, urgency, coalesces, kind, payload, incident)
select 'topic:' || number, 'room:' || number, 5, false, 'SetTopic', json_build_object('incident', number), number
from incident where number > 2
"""
STEPS = "select number, checksum from migration order by 1"
NO_ROOM = """
create function public.no_room() returns event_trigger language plpgsql as $$
begin
    if exists (select 1 from pg_event_trigger_ddl_commands() where object_identity like '%{name}%') then
        raise exception 'could not extend file: No space left on device' using errcode = 'disk_full';
    end if;
end $$
"""


@pytest.fixture
def before(database: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection to the database as the version before left it, with fifty open incidents."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("drop schema tocsin cascade")
        connection.execute(LEFT.read_bytes())
        connection.execute("set search_path to tocsin")
        for statement in COPIES.split(";"):
            connection.execute(statement.encode())
        yield connection


WRITTEN = (
    "select number, title, status, next_update_at, notice_at from incident order by 1",
    "select id, incident, at, actor, kind, detail from timeline_entry order by 1",
    "select id, key, state, payload, not_before, attempts from outbox order by 1",
    "select incident, person, requested_at from page order by 1, 2",
)
"""What the version before had written, in its own columns."""

SHAPE = "select table_name, column_name from information_schema.columns where table_schema = 'tocsin' order by 1, 2"


def read(connection: psycopg.Connection[Any], *statements: str) -> list[list[tuple[Any, ...]]]:
    return [connection.execute(statement.encode()).fetchall() for statement in statements]


def test_fifty_open_incidents_are_what_they_were_and_go_on(
    database: str, before: psycopg.Connection[Any]
) -> None:
    was = read(before, *WRITTEN)
    assert len(was[0]) == OPEN
    asyncio.run(migrate(database))
    assert read(before, *WRITTEN) == was
    count = before.execute("select count(*) from schema_step").fetchone()
    assert count == (
        len([step for step in load_migrations() if step.runs_from != step.number or step.number > 12]),
    )
    # Whoever goes on with them, the version before too, writes entries that are chained.
    before.execute(
        "insert into timeline_entry (incident, actor, kind) select number, 'U0ANA', 'acknowledged' from incident"
    )
    told = operate(database, "verify")
    assert told.exit_code == 0, told.output
    assert told.output.count("as written. 1 entry; ") == OPEN
    assert told.output.count("from before the chain, unproven") == OPEN


@pytest.mark.parametrize("name", ["outbox", "timeline_head", "removed_person"])
def test_a_disk_that_is_full_during_the_upgrade_leaves_nothing_half_done(
    database: str, before: psycopg.Connection[Any], name: str
) -> None:
    was = read(before, *WRITTEN, STEPS, SHAPE)
    before.execute(NO_ROOM.replace("{name}", name).encode())
    before.execute("create event trigger no_room on ddl_command_end execute function public.no_room()")
    with pytest.raises(DatabaseUnavailable, match=r"has no room left on its disk\. Nothing was changed"):
        asyncio.run(migrate(database))
    assert read(before, *WRITTEN, STEPS, SHAPE) == was
    before.execute("drop event trigger no_room")
    asyncio.run(migrate(database))
    assert read(before, *WRITTEN) == was[: len(WRITTEN)]
