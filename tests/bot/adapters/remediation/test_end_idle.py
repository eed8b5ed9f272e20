"""Ending idle sessions in a real PostgreSQL, by a role that may only look and one that may end them."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest

from bot.adapters.embedded_postgres import PrivatePostgres
from bot.adapters.remediation import end_idle
from bot.adapters.remediation.protocol import Task
from bot.domain.remediation_plan import Plan
from bot.ports.remediation import Refusal

ROLES = ("watcher", "hands", "blind", "app")


@pytest.fixture
def server(postgres: PrivatePostgres) -> Iterator[str]:
    """The address of a database with the app's role, one that looks, one that acts, and one that sees too little."""
    with psycopg.connect(postgres.conninfo(), autocommit=True) as connection:
        for role in ROLES:
            connection.execute(f"drop role if exists {role}".encode())
        connection.execute("create role app login")
        connection.execute("create role watcher login in role pg_monitor")
        connection.execute("create role hands login in role pg_signal_backend, pg_read_all_stats")
        connection.execute("create role blind login")
        yield postgres.conninfo()
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = any(%s)", [list(ROLES)]
        )
        for role in ROLES:
            connection.execute(f"drop role {role}".encode())


@pytest.fixture
def idlers(server: str) -> Iterator[list[psycopg.Connection[Any]]]:
    """Three idle sessions of the app, one of a pooler, and one with an open transaction."""
    with ExitStack() as stack:

        def connect(name: str) -> psycopg.Connection[Any]:
            made = psycopg.connect(f"{server} user=app application_name={name}", autocommit=True)
            return stack.enter_context(made)

        listed = [connect("rodistaa-api") for _ in range(3)]
        pooler, opened = connect("pgbouncer"), connect("report")
        for each in (*listed, pooler):
            each.execute("select 1")
        opened.execute("begin")
        opened.execute("select 1")
        yield [*listed, pooler, opened]


def task(
    server: str, plan: Plan | None = None, reader: str = "watcher", actor: str = "hands", **more: str
) -> Task:
    keys = {
        "monitored_database_url": f"{server} user={reader}",
        "remediation_database_url": f"{server} user={actor}",
        "libpq": {},
    }
    return Task(
        "", "postgres.end_idle", {"age": "0", **more}, keys, dict(plan.action) if plan else {}, receipt={}
    )


def planned(server: str, **more: str) -> Plan:
    found = end_idle.preview(task(server, None, "watcher", "hands", **more))
    assert isinstance(found, Plan), found
    return found


def is_alive(connection: psycopg.Connection[Any]) -> bool:
    try:
        connection.execute("select 1")
    except psycopg.OperationalError:
        return False
    return True


def test_the_idle_sessions_of_the_app_are_ended_and_nobody_elses(
    server: str, idlers: list[psycopg.Connection[Any]]
) -> None:
    plan = planned(server)
    assert plan.title.startswith("End 3 idle sessions of ")
    assert "3 of rodistaa-api" in plan.affected
    assert "pgbouncer" not in plan.affected
    receipt = end_idle.carry_out(task(server, plan))
    assert (receipt.is_accepted, receipt.facts["ended"]) == (True, "3")
    asked = task(server, plan)
    object.__setattr__(asked, "receipt", receipt.facts)
    seen = end_idle.observe(asked)
    while not seen.is_settled:
        seen = end_idle.observe(asked)
    assert seen.has_worked
    assert [is_alive(each) for each in idlers] == [False, False, False, True, True]


def test_a_session_that_woke_up_or_has_another_start_is_spared(
    server: str, idlers: list[psycopg.Connection[Any]]
) -> None:
    plan = planned(server)
    waking = idlers[0]
    waking.execute("begin")
    moved = {
        **plan.action,
        "starts": [plan.action["starts"][0], "2020-01-01T00:00:00+00:00", plan.action["starts"][2]],
    }
    asked = task(server, plan)
    object.__setattr__(asked, "action", moved)
    receipt = end_idle.carry_out(asked)
    assert receipt.is_accepted
    assert int(receipt.facts["ended"]) <= 1
    assert int(receipt.facts["spared"]) >= 2
    assert is_alive(waking)


def test_open_transactions_only_when_they_are_meant_and_with_a_red_line(
    server: str, idlers: list[psycopg.Connection[Any]]
) -> None:
    plan = planned(server, states="idle in transaction")
    assert "not committed is lost" in plan.red_lines[0]
    assert end_idle.carry_out(task(server, plan)).facts["ended"] == "1"
    assert [is_alive(each) for each in idlers] == [True, True, True, True, False]


def test_a_role_that_does_not_see_says_so_in_place_of_nothing_to_do(
    server: str, idlers: list[psycopg.Connection[Any]]
) -> None:
    found = end_idle.preview(task(server, reader="blind"))
    assert isinstance(found, Refusal)
    assert "pg_read_all_stats" in found.sentence


def test_a_role_that_may_not_is_denied_and_nothing_ends(
    server: str, idlers: list[psycopg.Connection[Any]]
) -> None:
    receipt = end_idle.carry_out(task(server, planned(server), actor="watcher"))
    assert receipt.is_accepted is False
    assert "pg_signal_backend" in receipt.sentence
    assert all(map(is_alive, idlers))


def test_nothing_idle_is_said_and_an_age_is_kept(server: str, idlers: list[psycopg.Connection[Any]]) -> None:
    found = end_idle.preview(task(server, age="300"))
    assert isinstance(found, Refusal)
    assert "nothing to end" in found.sentence


def test_a_lost_answer_is_looked_for_by_who_is_still_there(
    server: str, idlers: list[psycopg.Connection[Any]]
) -> None:
    plan = planned(server)
    assert end_idle.observe(task(server, plan)).was_done is False
    end_idle.carry_out(task(server, plan))
    seen = end_idle.observe(task(server, plan))
    while not seen.is_settled:
        seen = end_idle.observe(task(server, plan))
    assert (seen.was_done, seen.has_worked) == (True, True)


def test_another_database_is_never_touched(server: str, idlers: list[psycopg.Connection[Any]]) -> None:
    plan = planned(server)
    asked = task(server, plan)
    object.__setattr__(asked, "action", {**plan.action, "database": "somewhere_else"})
    receipt = end_idle.carry_out(asked)
    assert receipt.is_accepted is False
    assert "another database" in receipt.sentence


def test_of_ten_thousand_idle_sessions_the_fifty_oldest_are_ended_at_a_time() -> None:
    from datetime import UTC, datetime

    now = datetime.now(UTC)
    about = {"used": 10_000, "most": 12_000, "room": 11_000, "database": "app", "started": now}
    sessions = [
        {"pid": 1000 + place, "backend_start": now, "application": f"app-{place}", "address": "10.0.0.1"}
        for place in range(10_000)
    ]
    plan = end_idle.build_plan(about, sessions, "idle", 300, "host=db")
    assert plan.action["pids"] == list(range(1000, 1000 + end_idle.MAX_SESSIONS))
    assert plan.title == "End 50 idle sessions of app"
    assert plan.changes[0].then == "9950 left"
    assert plan.affected.endswith("… and 42 more groups")
