"""A PostgreSQL that is really full: who still gets in, what is said before, and that its idle sessions are ended."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest

from bot.adapters.embedded_postgres import PrivatePostgres
from bot.adapters.remediation import end_idle
from bot.adapters.remediation.full_database import explain_locked_out
from bot.adapters.remediation.protocol import Task
from bot.adapters.remediation.readiness import ask_databases, report_readiness
from bot.contacts.approvers import Approvers
from bot.domain.remediation_plan import Plan
from bot.settings.remediation_settings import SystemSettings

ROOM = {"max_connections": "12", "superuser_reserved_connections": "2", "reserved_connections": "3"}
FOR_THE_APP = 12 - 2 - 3
ROLES = (
    "create role app login",
    "create role watcher login in role pg_monitor, pg_use_reserved_connections",
    "create role hands login in role pg_signal_backend, pg_read_all_stats, pg_use_reserved_connections",
    "create role unprepared login in role pg_monitor",
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivatePostgres]:
    running = PrivatePostgres(tmp_path_factory.mktemp("pg"), settings=ROOM)
    asyncio.run(running.start())
    with psycopg.connect(running.conninfo(), autocommit=True) as connection:
        for statement in ROLES:
            connection.execute(statement.encode())
    yield running
    asyncio.run(running.stop())


@pytest.fixture
def full(server: PrivatePostgres) -> Iterator[str]:
    """The app has taken every connection that there is for it."""
    with ExitStack() as stack:
        for _ in range(FOR_THE_APP):
            made = psycopg.connect(f"{server.conninfo()} user=app application_name=api", autocommit=True)
            stack.enter_context(made).execute("select 1")
        yield server.conninfo()


def task(address: str, plan: Plan | None = None) -> Task:
    keys = {
        "monitored_database_url": f"{address} user=watcher",
        "remediation_database_url": f"{address} user=hands",
        "libpq": {},
    }
    action: dict[str, Any] = dict(plan.action) if plan else {}
    return Task("", "postgres.end_idle", {"age": "0"}, keys, action, receipt={})


def test_the_app_is_refused_we_get_in_and_end_its_idle_sessions_and_it_is_back(full: str) -> None:
    for refused in ("app", "unprepared"):
        with pytest.raises(psycopg.OperationalError, match="reserved"):
            psycopg.connect(f"{full} user={refused}")
    plan = end_idle.preview(task(full))
    assert isinstance(plan, Plan)
    assert plan.supports == ("7 of the 7 connections that are not reserved are in use.",)
    assert end_idle.carry_out(task(full, plan)).is_accepted
    while not end_idle.observe(task(full, plan)).is_settled:
        pass
    with psycopg.connect(f"{full} user=app") as back:
        back.execute("select 1")


@pytest.mark.parametrize(
    ("role", "words"), [("unprepared", "grant pg_use_reserved_connections to unprepared")]
)
def test_who_would_be_locked_out_is_said_before(server: PrivatePostgres, role: str, words: str) -> None:
    said = explain_locked_out(f"{server.conninfo()} user={role}", "look")
    assert said == f"If your database fills up I cannot look: {words}."
    assert explain_locked_out(f"{server.conninfo()} user=watcher", "look") == ""


def test_a_server_that_reserves_nothing_is_told_with_what_to_set(postgres: PrivatePostgres) -> None:
    with psycopg.connect(postgres.conninfo(), autocommit=True) as connection:
        connection.execute("create role lookout login")
        try:
            said = explain_locked_out(f"{postgres.conninfo()} user=lookout", "look")
        finally:
            connection.execute("drop role lookout")
    assert "reserved_connections is 0" in said and "restart" in said and "to lookout" in said


def test_who_cannot_be_asked_is_said_without_the_password() -> None:
    said = explain_locked_out("host=127.0.0.1 port=9 user=u password=hunter2", "look")
    assert said.startswith("Whether I can look when your database is full cannot be told")
    assert "hunter2" not in said


async def test_the_start_says_it_for_both_roles(
    server: PrivatePostgres, caplog: pytest.LogCaptureFixture
) -> None:
    address = server.conninfo()
    settings = SystemSettings.model_validate(
        {
            "TOCSIN_REMEDIATIONS": "postgres.end_idle",
            "TOCSIN_MONITORED_DATABASE_URL": f"{address} user=watcher",
            "TOCSIN_REMEDIATION_DATABASE_URL": f"{address} user=unprepared",
        }
    )
    assert [line.sentence for line in ask_databases(settings)] == [
        "If your database fills up I cannot end idle sessions: grant pg_use_reserved_connections to unprepared."
    ]
    with caplog.at_level(logging.INFO):
        await report_readiness(settings, Approvers({"*": ("CTO",)}))
    assert [record.levelname for record in caplog.records if "end_idle" in record.message] == ["INFO"]
    assert any("cannot end idle sessions" in record.message for record in caplog.records)
