"""The monitored PostgreSQL, as a real one answers, up to the last connection."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import psycopg
import pytest

from bot.adapters.embedded_postgres import PrivatePostgres
from bot.command_parsers.sql.previews import build_preview
from bot.domain.finding import Finding, Inconclusive, UnknownCause
from bot.domain.playbook import SqlCall
from diagnostics.systems.postgres import Postgres
from diagnostics.systems.postgres.errors import explain_connect_error
from diagnostics.systems.postgres.models import parse_activity
from tests.diagnostics.asking import standstill
from tests.diagnostics.sessions import BY_STATE, NOW, WAITING, question

KILL = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE state = 'idle' AND state_change < NOW() - INTERVAL '5 minutes';"
)


def test_literals_are_never_kept() -> None:
    row = {
        "pid": 1,
        "application": "a",
        "role": "r",
        "state": "active",
        "wait_event_type": None,
        "wait_event": None,
        "transaction": 1.0,
        "unchanged": 1.0,
        "statement": "select * from u where mail = 'ana@example.com' and city = 4711",
        "blocked_by": [],
    }
    (kept,) = parse_activity([row], {"most": 1, "kept": 0, "taken": 1, "may_see_all": True}).sessions
    assert kept.statement == "select * from u where mail = ? and city = ?"


@pytest.mark.parametrize(
    ("sql", "shown"),
    [
        (KILL, True),
        ("select pg_cancel_backend(pid) from pg_stat_activity where pid = 7", True),
        ("select pg_catalog.pg_terminate_backend(pid) from pg_stat_activity", True),
        ("select pg_terminate_backend(pid), now() from pg_stat_activity", False),
        ("select pg_terminate_backend(pid) from pg_stat_activity, pg_sleep(9)", False),
        ("select pg_terminate_backend(pid) from pg_stat_activity where pg_cancel_backend(pid)", False),
        ("select pg_terminate_backend(pid) from my_sessions", False),
        ("select pg_terminate_backend(7); select 1", False),
        ("delete from t", False),
        ("select pg_terminate_backend(pid) from", False),
    ],
)
def test_a_statement_that_ends_sessions_is_turned_into_one_that_shows_them(sql: str, shown: bool) -> None:
    found = build_preview(sql)
    assert (found is not None) == shown
    assert found is None or ("pg_terminate" not in found and "pg_cancel" not in found)


KILL_IDLER = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'idler'"
MANY = "select 1 as one, 'postgres://u:secret@h/d' as dsn, n from generate_series(1, 90) n"


@pytest.fixture
async def monitored(postgres: PrivatePostgres) -> AsyncIterator[Postgres]:
    with psycopg.connect(postgres.conninfo(), autocommit=True) as connection:
        connection.execute("drop role if exists watcher")
        connection.execute("create role watcher login password 'word' in role pg_monitor")
    yield Postgres(f"{postgres.conninfo()} user=watcher")
    with psycopg.connect(postgres.conninfo(), autocommit=True) as connection:
        connection.execute("drop role watcher")


async def looked(at: Postgres, sql: str, runs: str = "postgres.query") -> Finding:
    return await at.run(question(sql, runs=runs), asyncio.get_running_loop().time() + 8)


async def test_a_real_database_is_read_and_its_previews_end_nobody(
    monitored: Postgres, postgres: PrivatePostgres
) -> None:
    async with AsyncExitStack() as stack:
        idle = await stack.enter_async_context(
            await psycopg.AsyncConnection.connect(
                postgres.conninfo(), autocommit=True, application_name="idler"
            )
        )
        await idle.execute("select 1")
        found = await looked(
            monitored,
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'idler'",
            "postgres.preview",
        )
        assert "This would end 1 session" in found.headline and found.cause is UnknownCause.NO_RULE
        await idle.execute("select 'still here'")
        assert (await looked(monitored, BY_STATE)).verdict in ("ok", "warn")
        rows = await looked(monitored, MANY)
        assert (
            rows.cause is UnknownCause.NO_RULE
            and rows.table is not None
            and "50 rows and more" in rows.headline
        )
        assert "secret@" not in repr(rows)


async def test_what_would_write_is_not_done_and_what_hangs_is_stopped(monitored: Postgres) -> None:
    with pytest.raises(Inconclusive) as refused:
        await looked(monitored, "select lo_create(4711)")
    assert refused.value.cause in (UnknownCause.NOT_UNDERSTOOD, UnknownCause.FORBIDDEN)
    with pytest.raises(Inconclusive) as stopped:
        await looked(monitored, "select pg_sleep(30)")
    assert stopped.value.cause is UnknownCause.TIMEOUT


@pytest.mark.parametrize(
    ("sql", "runs"),
    [
        (BY_STATE, "postgres.query"),
        (WAITING, "postgres.query"),
        (KILL_IDLER, "postgres.preview"),
        ("select query from pg_stat_statements where mean_exec_time > 100", "postgres.query"),
    ],
)
async def test_a_role_that_may_not_look_at_others_judges_nothing_and_says_what_to_grant(
    monitored: Postgres, postgres: PrivatePostgres, sql: str, runs: str
) -> None:
    with psycopg.connect(postgres.conninfo(), autocommit=True, application_name="idler") as connection:
        connection.execute("revoke pg_monitor from watcher")
        found = await looked(monitored, sql, runs)
    assert (found.verdict, found.cause) == ("unknown", UnknownCause.FORBIDDEN), found.headline
    assert "GRANT pg_monitor" in found.next_look


async def test_who_waits_for_whom_is_read_from_a_real_database(
    monitored: Postgres, postgres: PrivatePostgres
) -> None:
    async def session(name: str) -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(postgres.conninfo(), application_name=name)

    async with await session("holder") as holder, await session("waiter") as waiter:
        await holder.execute("create table contested (n int)")
        await holder.commit()
        await holder.execute("lock table contested")
        waiting = asyncio.create_task(waiter.execute("select n from contested where n = 4711"))
        async with asyncio.timeout(60):
            while "1 session waits for pid" not in (found := await looked(monitored, WAITING)).headline:
                assert not waiting.done()
        await holder.rollback()
        await waiting
        await waiter.rollback()
        await holder.execute("drop table contested")
    assert "(holder, idle in transaction), for up to" in found.headline
    assert found.table is not None
    assert [(row[1], row[4]) for row in found.table.rows] == [
        ("holder", "lock table contested"),
        ("waiter", "select n from contested where n = ?"),
    ]


async def test_statements_that_others_run_come_without_their_literals_in_any_table(
    monitored: Postgres, postgres: PrivatePostgres
) -> None:
    with psycopg.connect(postgres.conninfo(), autocommit=True, application_name="idler") as connection:
        connection.execute("/* it's ours */ select 'plain-name', E'it\\'s plain-name', 4711")
        listed = await looked(
            monitored, "select query as q from pg_stat_activity where application_name = 'idler'"
        )
        connection.execute(f"select length('{'plain-name ' * 300}')".encode())
        cut = await looked(monitored, WAITING)
    assert listed.table is not None and listed.table.rows == (("select ?, ?, ?",),)
    assert "plain-name" not in repr(cut)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("select count(*) from pg_stat_activity", "connections are in use"),
        ("select application_name, count(*) from pg_stat_activity group by 1", "connections are in use"),
        ("select wait_event, count(*) from pg_stat_activity group by 1", "lock"),
        ("select count(*) from pg_locks where not granted", "lock"),
        ("select pid from pg_stat_activity where application_name = 'nobody'", "0 rows; there is no rule"),
    ],
)
async def test_what_a_statement_asks_decides_what_is_judged(
    monitored: Postgres, sql: str, words: str
) -> None:
    assert words in (await looked(monitored, sql)).headline


async def test_show_and_explain_are_shown_as_any_other_rows(monitored: Postgres) -> None:
    for sql in ("show max_connections;", "explain select 1"):
        found = await looked(monitored, sql)
        assert (found.cause, found.measure) == (UnknownCause.NO_RULE, "1"), found.headline


async def test_a_role_that_may_have_no_more_is_bad_though_there_is_room_for_others(
    monitored: Postgres, postgres: PrivatePostgres
) -> None:
    with psycopg.connect(postgres.conninfo(), autocommit=True) as connection:
        connection.execute("create role shop login password 'word' connection limit 1")
    try:
        with psycopg.connect(f"{postgres.conninfo()} user=shop"):
            found = await looked(monitored, BY_STATE)
    finally:
        with psycopg.connect(postgres.conninfo(), autocommit=True) as connection:
            connection.execute("drop role shop")
    assert found.verdict == "bad" and "The role shop has 1 of its 1 (limit 90%)" in found.headline


async def test_when_every_connection_is_taken_that_is_bad(
    monitored: Postgres, postgres: PrivatePostgres
) -> None:
    with psycopg.connect(postgres.conninfo(), autocommit=True) as connection:
        database = connection.info.dbname
        connection.execute(f"alter database {database} connection limit 0".encode())
        try:
            found = await looked(monitored, BY_STATE)
        finally:
            connection.execute(f"alter database {database} connection limit -1".encode())
    assert (found.verdict, found.measure) == ("bad", "full"), found.headline


async def test_a_limit_of_our_own_role_says_nothing_about_the_database(
    monitored: Postgres, postgres: PrivatePostgres
) -> None:
    with psycopg.connect(postgres.conninfo(), autocommit=True) as connection:
        connection.execute("alter role watcher connection limit 0")
    with pytest.raises(Inconclusive) as why:
        await looked(monitored, BY_STATE)
    assert (why.value.cause, "CONNECTION LIMIT" in why.value.next_look) == (UnknownCause.FORBIDDEN, True)


@pytest.mark.parametrize(
    "sql",
    [
        "select repeat('password=hunter2 it@example.com ', 200000) as big from generate_series(1, 5)",
        "select jsonb_agg(jsonb_build_object('password', 'hunter2')) as big from generate_series(1, 100000)",
        "select array_agg('password=hunter2 '::text) as big from generate_series(1, 200000)",
    ],
)
async def test_a_field_of_megabytes_is_shown_cut_and_holds_up_nobody(monitored: Postgres, sql: str) -> None:
    async with standstill() as gaps:
        found = await looked(monitored, sql)
    assert max(gaps) < 1.0
    assert found.cause is UnknownCause.NO_RULE and "[secret]" in repr(found) and "hunter2" not in repr(found)
    assert len(repr(found)) < 3_000


async def test_json_and_statements_in_a_field_lose_what_their_names_and_places_tell(
    monitored: Postgres,
) -> None:
    told = (
        'select \'{"name": "X", "value": "plain-one"}\'::jsonb, '
        "'notify room, ''plain-two''' as a, 'begin; select ''plain-three''' as b"
    )
    found = await looked(monitored, told)
    assert found.table is not None and "plain-" not in repr(found.table)
    assert found.table.rows[0][1:] == ("notify room, ?", "begin; select ?")


@pytest.mark.parametrize(
    ("dsn", "expected"),
    [
        ("host=127.0.0.1 port=1 user=u dbname=d", "refuses connections"),
        ("host=no-such-host.invalid user=u dbname=d", UnknownCause.UNREACHABLE),
    ],
)
async def test_a_database_that_is_not_reached_is_told_apart(dsn: str, expected: str) -> None:
    if isinstance(expected, UnknownCause):
        with pytest.raises(Inconclusive) as why:
            await looked(Postgres(dsn), BY_STATE)
        assert why.value.cause is expected
    else:
        found = await looked(Postgres(dsn), BY_STATE)
        assert found.verdict == "bad" and expected in found.headline


async def test_a_certificate_that_cannot_be_read_is_our_fault_and_not_the_databases(
    postgres: PrivatePostgres,
) -> None:
    dsn = "host=127.0.0.1 port=1 sslmode=verify-full sslrootcert=/nowhere/ca.pem"
    for said in (
        'root certificate file "/nowhere/ca.pem" does not exist',
        'could not open certificate file "/nowhere/c.pem": No such file or directory',
    ):
        with pytest.raises(Inconclusive) as why:
            explain_connect_error(psycopg.OperationalError(said), "db", NOW)
        assert why.value.cause is UnknownCause.NOT_CONFIGURED
    assert (await looked(Postgres(dsn), BY_STATE)).measure == "refused"


@pytest.mark.parametrize(
    ("said", "measure"),
    [
        ("FATAL:  sorry, too many clients already", "full"),
        ("FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute", "full"),
        ("FATAL:  no more connections allowed (max_client_conn)", "full"),
        ("FATAL:  the database system is starting up", "starting up"),
        ("FATAL:  the database system is in recovery mode", "in recovery mode"),
        ("FATAL:  the database system is not yet accepting connections", "not yet accepting connections"),
        ("FATAL:  the database system is not accepting connections", "not accepting connections"),
        ("connection to server failed: Connection refused", "refused"),
    ],
)
def test_what_a_server_says_at_the_door_is_bad(said: str, measure: str) -> None:
    found = explain_connect_error(psycopg.OperationalError(said), "db", NOW)
    assert (found.verdict, found.measure) == ("bad", measure), found.headline


async def test_no_database_is_asked_at_the_start_when_none_is_named() -> None:
    assert await Postgres("", {}).list_role_warnings() == []


async def test_a_role_that_can_do_more_than_look_is_warned_of(
    monitored: Postgres, postgres: PrivatePostgres
) -> None:
    assert await monitored.list_role_warnings() == []
    assert "is a superuser" in (await Postgres(postgres.conninfo()).list_role_warnings())[0]
    with psycopg.connect(postgres.conninfo(), autocommit=True) as connection:
        connection.execute("grant pg_signal_backend to watcher")
        connection.execute("grant pg_write_all_data to watcher")
    said = " ".join(await monitored.list_role_warnings())
    assert "can write" in said and "can end sessions" in said


def test_the_environments_password_goes_to_the_environments_host_only() -> None:
    own = Postgres("", {"PGHOST": "db.internal", "PGUSER": "u", "PGPASSWORD": "word", "PGDATABASE": "d"})
    assert own._parameters(SqlCall("select 1"))["password"] == "word"
    assert own._parameters(SqlCall("select 1", host="db.internal"))["password"] == "word"
    assert "password" not in own._parameters(SqlCall("select 1", host="evil.example"))
    assert "password" not in own._parameters(SqlCall("select 1", port="6543"))
    there = {"PGHOST": "db.internal", "PGHOSTADDR": "10.0.0.7", "PGPASSWORD": "word"}
    addressed = Postgres("", there)
    assert addressed._parameters(SqlCall("select 1", host="db.internal"))["hostaddr"] == "10.0.0.7"
    assert not {"password", "hostaddr"} & set(addressed._parameters(SqlCall("select 1", host="other")))
    elsewhere = SqlCall("select 1", database="host=db.internal hostaddr=192.0.2.1 dbname=d")
    assert "password" not in addressed._parameters(elsewhere)
    assert Postgres("", {}).describe_missing(SqlCall("select 1")).endswith("nor PGHOST is set.")


async def test_an_address_of_another_kind_of_database_is_said_without_its_password() -> None:
    with pytest.raises(Inconclusive) as why:
        await looked(Postgres("mysql://u:hunter2@h/d"), "select 1")
    assert why.value.cause is UnknownCause.NOT_CONFIGURED
    assert str(why.value) == "TOCSIN_MONITORED_DATABASE_URL is no address of a PostgreSQL."
