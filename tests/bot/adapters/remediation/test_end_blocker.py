"""Ending the session that others wait for, in a real PostgreSQL with real locks."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from bot.adapters.embedded_postgres import PrivatePostgres
from bot.adapters.remediation import end_blocker
from bot.adapters.remediation.end_blocker import build_trees
from bot.adapters.remediation.protocol import Task
from bot.domain.remediation_plan import Plan, explain_difference
from bot.ports.remediation import Refusal

ROLES = ("bl_app", "bl_watcher", "bl_hands", "bl_blind")
WAIT_S = 20.0
SLEEPS = "select count(*) = 1 from pg_stat_activity where wait_event = 'PgSleep' and usename = 'bl_app'"


class Locks:
    """A table with one row, and the sessions around it."""

    def __init__(self, address: str, stack: ExitStack) -> None:
        self._address, self._stack = address, stack
        self.threads: list[threading.Thread] = []

    def connect(self, name: str, user: str = "bl_app") -> psycopg.Connection[Any]:
        made = psycopg.connect(
            f"{self._address} user={user} application_name={name}", autocommit=True, prepare_threshold=None
        )
        self._stack.callback(made.close)
        return made

    def hold(self, name: str = "nightly-report", user: str = "bl_app") -> psycopg.Connection[Any]:
        """Somebody who took the row and left the transaction open."""
        held = self.connect(name, user)
        held.execute("begin")
        held.execute("update bl_row set n = n + 1 where id = 1")
        return held

    def wait(self, count: int = 2) -> None:
        """So many who wait for the row, until they are seen to wait."""
        for number in range(count):
            session = self.connect(f"api-{number}")
            self.run(session, "update bl_row set n = n + 1 where id = 1")
        self.until("select count(*) >= %s from pg_stat_activity where wait_event_type = 'Lock'", count)

    def run(self, session: psycopg.Connection[Any], query: str) -> None:
        """In a thread: whoever is ended meanwhile is not heard of."""

        def work() -> None:
            with suppress(psycopg.Error):
                session.execute(query.encode())

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        self.threads.append(thread)

    def until(self, query: str, *values: object) -> None:
        watch = self.connect("watch", "postgres")
        for _ in range(2000):
            (is_so,) = watch.execute(query.encode(), values).fetchone() or (False,)
            if is_so:
                return
            watch.execute("select pg_sleep(0.01)")
        raise AssertionError(query)


@pytest.fixture
def server(postgres: PrivatePostgres) -> Iterator[str]:
    with psycopg.connect(postgres.conninfo(), autocommit=True) as connection:
        connection.execute("drop table if exists bl_row")
        for role in ROLES:
            connection.execute(f"drop role if exists {role}".encode())
        connection.execute("create role bl_app login")
        connection.execute("create role bl_watcher login in role pg_monitor")
        connection.execute("create role bl_hands login in role pg_signal_backend, pg_read_all_stats")
        connection.execute("create role bl_blind login")
        connection.execute("create table bl_row (id int primary key, n int)")
        connection.execute("insert into bl_row values (1, 0), (2, 0)")
        connection.execute("grant select, update on bl_row to bl_app")
        yield postgres.conninfo()
        connection.execute(
            "select pg_terminate_backend(pid, 2000) from pg_stat_activity where usename = any(%s)"
            " or application_name = 'superuser'",
            [list(ROLES)],
        )
        connection.execute("drop table bl_row")
        for role in ROLES:
            connection.execute(f"drop role {role}".encode())


@pytest.fixture
def locks(server: str) -> Iterator[Locks]:
    with ExitStack() as stack:
        yield Locks(server, stack)


def task(server: str, plan: Plan | None = None, reader: str = "bl_watcher", **more: str) -> Task:
    keys = {
        "monitored_database_url": f"{server} user={reader}",
        "remediation_database_url": f"{server} user=bl_hands",
        "libpq": {},
    }
    action = dict(plan.action) if plan else {}
    return Task("", "postgres.end_blocker", more, keys, action, receipt={})


def planned(server: str, **more: str) -> Plan:
    found = end_blocker.preview(task(server, None, "bl_watcher", **more))
    assert isinstance(found, Plan), found
    return found


def refused(server: str, reader: str = "bl_watcher", **more: str) -> str:
    found = end_blocker.preview(task(server, None, reader, **more))
    assert isinstance(found, Refusal), found
    return found.sentence


def test_a_forgotten_transaction_is_ended_and_who_waited_goes_on(server: str, locks: Locks) -> None:
    held = locks.hold()
    pid = held.info.backend_pid
    locks.wait(3)
    plan = planned(server)
    assert plan.title == f"End the session {pid} that 3 wait for"
    assert (plan.changes[1].now, plan.changes[1].then) == ("3", "0")
    assert "nightly-report" in plan.changes[0].now and "idle in transaction" in plan.changes[0].now
    assert "what it has not committed is lost" in plan.red_lines[0]
    assert plan.measure == "3 waiting"
    assert plan.details[0].startswith("Its last query: update bl_row set n = n + ")
    assert end_blocker.observe(task(server, plan)).was_done is False
    receipt = end_blocker.carry_out(task(server, plan))
    assert (receipt.is_accepted, receipt.facts) == (True, {"told": "ended"})
    seen = end_blocker.observe(task(server, plan))
    while not seen.is_settled:
        seen = end_blocker.observe(task(server, plan))
    assert seen.has_worked
    for thread in locks.threads:
        thread.join(WAIT_S)
    with pytest.raises(psycopg.OperationalError):
        held.execute("select 1")
    (counted,) = locks.connect("after").execute("select n from bl_row where id = 1").fetchone() or (None,)
    assert counted == 3


def test_a_cancelled_query_that_keeps_its_lock_costs_the_session(server: str, locks: Locks) -> None:
    busy = locks.hold("batch")
    busy.execute("savepoint before_the_long_part")
    locks.run(busy, "select pg_sleep(600)")
    locks.until(SLEEPS)
    locks.wait(1)
    plan = planned(server)
    assert plan.changes[0].then.startswith("its query is cancelled")
    assert plan.command.startswith(f"select pg_cancel_backend({plan.action['pid']});\n")
    assert "may be about to end by itself" in plan.against[0]
    receipt = end_blocker.carry_out(task(server, plan))
    assert receipt.facts == {"told": "ended"}, (
        "the savepoint is undone, and what came before it holds the lock"
    )
    for thread in locks.threads:
        thread.join(WAIT_S)
    with pytest.raises(psycopg.OperationalError):
        busy.execute("select 1")


def test_a_statement_of_its_own_lets_go_when_it_is_cancelled(server: str, locks: Locks) -> None:
    busy = locks.connect("batch")
    locks.run(busy, "do $$ begin update bl_row set n = 7 where id = 1; perform pg_sleep(600); end $$")
    locks.until(SLEEPS)
    locks.wait(1)
    plan = planned(server)
    receipt = end_blocker.carry_out(task(server, plan))
    assert (receipt.is_accepted, receipt.facts) == (True, {"told": "cancelled"})
    for thread in locks.threads:
        thread.join(WAIT_S)
    assert busy.execute("select 1").fetchone() == (1,), "the session is still there"
    assert end_blocker.observe(task(server, plan)).has_worked


def test_one_that_let_go_by_itself_and_a_pid_of_another_session_are_spared(server: str, locks: Locks) -> None:
    held = locks.hold()
    locks.wait(1)
    plan = planned(server)
    held.execute("commit")
    for thread in locks.threads:
        thread.join(WAIT_S)
    receipt = end_blocker.carry_out(task(server, plan))
    assert (receipt.is_accepted, receipt.sentence) == (False, "Its transaction had ended by itself.")
    held.execute("begin")
    held.execute("update bl_row set n = 1 where id = 1")
    assert end_blocker.carry_out(task(server, plan)).is_accepted is False, "another transaction"
    locks.wait(1)
    assert "its transaction is begun" in explain_difference(plan, planned(server))
    moved = {**plan.action, "start": "2020-01-01T00:00:00+00:00"}
    assert end_blocker.carry_out(replace(task(server, plan), action=moved)).is_accepted is False
    assert held.execute("select 1").fetchone() == (1,)
    held.execute("rollback")


def test_what_cannot_be_ended_is_refused_with_why(server: str, locks: Locks) -> None:
    assert refused(server).startswith("Nobody waits for a lock in ")
    assert "pg_read_all_stats" in refused(server, "bl_blind")
    held = locks.hold("superuser", "postgres")
    locks.wait(1)
    assert "superuser's" in refused(server)
    assert "Nobody waits for 1 " in refused(server, pid="1")
    held.execute("rollback")


def test_a_lock_that_a_session_holds_outside_of_its_transactions_is_not_told_to_be_gone(
    server: str, locks: Locks
) -> None:
    held = locks.connect("migrator")
    held.execute("select pg_advisory_lock(17)")
    locks.run(locks.connect("api-0"), "select pg_advisory_lock(17)")
    locks.until("select exists (select 1 from pg_stat_activity where wait_event = 'advisory')")
    assert "of migrator has no transaction" in refused(server)
    held.execute("select pg_advisory_unlock(17)")


def test_a_role_without_the_right_is_told_which_it_needs(server: str, locks: Locks) -> None:
    held = locks.hold()
    locks.wait(1)
    plan = planned(server)
    asked = task(server, plan)
    keys = {**asked.keys, "remediation_database_url": f"{server} user=bl_watcher"}
    receipt = end_blocker.carry_out(replace(asked, keys=keys))
    assert receipt.is_accepted is False
    assert "pg_signal_backend" in receipt.sentence
    held.execute("rollback")


@pytest.mark.parametrize(
    ("waits", "trees"),
    [
        ([], {}),
        ([(2, 1), (3, 1)], {1: [2, 3]}),
        ([(2, 1), (3, 2), (4, 3)], {1: [2, 3, 4]}),
        ([(5, 4), (2, 1), (3, 1)], {1: [2, 3], 4: [5]}),
        ([(2, 0)], {0: [2]}),
        ([(1, 2), (2, 1)], {}),
    ],
)
def test_the_roots_of_the_trees_come_with_all_that_wait_for_them(
    waits: list[tuple[int, int]], trees: dict[int, list[int]]
) -> None:
    assert build_trees(waits) == trees
    assert list(build_trees(waits)) == list(trees)
