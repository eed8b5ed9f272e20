"""The monitored database of the broken world, looked at as the runbook's psql commands do."""

import asyncio
from collections.abc import Mapping
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from sandbox.monitored_systems import Breakage, SystemsProcess

pytestmark = pytest.mark.asyncio(loop_scope="module")

BY_STATE = "SELECT count(*), state FROM pg_stat_activity GROUP BY state;"
WAITING = "SELECT * FROM pg_stat_activity WHERE wait_event IS NOT NULL;"
SLOW = """SELECT query, mean_exec_time, calls FROM pg_stat_statements
WHERE mean_exec_time > 100 ORDER BY mean_exec_time DESC LIMIT 10;"""
BLOCKED = """select a.pid, a.query, b.state as blocker_state, b.query as blocker_query
from pg_stat_activity a cross join lateral unnest(pg_blocking_pids(a.pid)) blocker
join pg_stat_activity b on b.pid = blocker"""


def connected(world: SystemsProcess, **more: str) -> psycopg.Connection[dict[str, Any]]:
    """As psql does it by the environment's names."""
    said = {name: world.environment[f"PG{name.upper()}"] for name in ("host", "port", "user")}
    said |= {"dbname": world.environment["PGDATABASE"], **more}
    return psycopg.connect(psycopg.conninfo.make_conninfo("", **said), autocommit=True, row_factory=dict_row)


def rows(world: SystemsProcess, query: str, **more: str) -> list[dict[str, Any]]:
    with connected(world, **more) as connection:
        return connection.execute(query.encode()).fetchall()


def by_state(world: SystemsProcess) -> Mapping[str, int]:
    return {row["state"]: row["count"] for row in rows(world, BY_STATE) if row["state"]}


async def test_a_healthy_database_has_a_quiet_pool_and_nobody_waits_for_a_lock(world: SystemsProcess) -> None:
    await world.heal()
    states = by_state(world)
    assert states["idle"] >= 5
    assert "idle in transaction" not in states
    assert rows(world, BLOCKED) == []
    assert rows(world, SLOW) == []


async def test_the_role_that_looks_may_see_everything_and_change_nothing(world: SystemsProcess) -> None:
    await world.heal()
    seen = [row for row in rows(world, WAITING) if row["usename"] == "rodistaa_app"]
    assert {row["query"] for row in seen} == {"select count(*) from app.bookings where state = $1"}
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        rows(world, "update app.bookings set fare = 0")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        rows(world, "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'rodistaa_app'")


async def test_a_slow_endpoint_shows_slow_statements_and_a_blocked_session_with_its_blocker(
    world: SystemsProcess,
) -> None:
    await world.break_(Breakage.SLOW)
    slow = rows(world, SLOW)
    assert [row["query"] for row in slow] == ["select * from app.trucks_near($1)"]
    assert slow[0]["calls"] >= 4
    blocked = rows(world, BLOCKED)
    assert {row["blocker_query"] for row in blocked} >= {
        "update app.bookings set state = 'loading' where id = 17"
    }
    assert {row["blocker_state"] for row in blocked} >= {"idle in transaction"}
    assert by_state(world)["idle in transaction"] >= 4


async def test_slow_statements_go_on_so_that_a_second_sample_differs(world: SystemsProcess) -> None:
    await world.break_(Breakage.SLOW)
    calls = "select calls from pg_stat_statements where query like '%trucks_near%' and mean_exec_time > 100"
    with connected(world) as connection:
        first = connection.execute(calls.encode()).fetchall()[0]["calls"]
        while connection.execute(calls.encode()).fetchall()[0]["calls"] == first:
            connection.execute("select pg_stat_clear_snapshot(), pg_sleep(0.05)")


async def test_a_full_database_lets_nobody_in(world: SystemsProcess) -> None:
    await world.break_(Breakage.DATABASE)
    with pytest.raises(psycopg.OperationalError, match="remaining connection slots are reserved"):
        connected(world, user="rodistaa_app")
    seen = rows(world, BY_STATE, user="postgres")
    assert sum(row["count"] for row in seen if row["state"]) >= 21
    assert len(rows(world, BLOCKED)) >= 2, "who looks has a place that is kept"


async def test_a_connection_of_somebody_who_looks_is_taken_too_when_it_ends(world: SystemsProcess) -> None:
    await world.heal()
    with connected(world, user="rodistaa_app"):
        await world.break_(Breakage.DATABASE)
    async with asyncio.timeout(60):
        with pytest.raises(psycopg.OperationalError, match="reserved"):
            while True:
                connected(world, user="rodistaa_app").close()
                await asyncio.sleep(0.05)


async def test_when_idle_sessions_are_ended_the_full_database_heals_by_itself(world: SystemsProcess) -> None:
    await world.break_(Breakage.DATABASE)
    changed = asyncio.Event()
    world.changed = changed.set
    with psycopg.connect(world.environment["TOCSIN_REMEDIATION_DATABASE_URL"], autocommit=True) as acting:
        acting.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where state = 'idle' and usename = 'rodistaa_app'"
        )
    async with asyncio.timeout(60):
        await changed.wait()
    assert world.broken is None
    connected(world, user="rodistaa_app").close()


async def test_healing_brings_everything_back_and_may_be_asked_for_twice(world: SystemsProcess) -> None:
    await world.break_(Breakage.DATABASE)
    await world.break_(Breakage.DATABASE)
    await world.heal()
    await world.heal()
    assert world.broken is None
    assert set(by_state(world)) == {"idle", "active"}
    assert rows(world, BLOCKED) == []
