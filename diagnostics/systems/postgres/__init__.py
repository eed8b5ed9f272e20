"""The monitored PostgreSQL: connections, locks, slow statements; any other SELECT as a table.

Each look is one connection, read-only in each transaction, with PostgreSQL's own time-outs beside ours.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import psycopg
from psycopg import AsyncConnection, ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import dict_row

from bot.command_parsers.sql.previews import build_preview
from bot.domain.check_request import CheckRequest
from bot.domain.evidence import EvidenceTable
from bot.domain.finding import Finding, Inconclusive, UnknownCause, Verdict, build_unknown_finding
from bot.domain.playbook import SqlCall
from diagnostics.systems.postgres import rules, statement_stats, waits
from diagnostics.systems.postgres.errors import explain_connect_error, explain_query_error
from diagnostics.systems.postgres.models import NARROW, ROOM, SESSIONS, PostgresActivity, parse_activity
from diagnostics.systems.postgres.rows import fetch_rows

__all__ = ["Postgres"]

CONNECT = 2
MOST_ROWS, MOST_COLUMNS = 50, 8
SAFE = (
    "-c default_transaction_read_only=on -c statement_timeout=3000 -c lock_timeout=1000 "
    "-c idle_in_transaction_session_timeout=5000"
)
NAMES = {
    "PGHOST": "host",
    "PGHOSTADDR": "hostaddr",
    "PGPORT": "port",
    "PGUSER": "user",
    "PGDATABASE": "dbname",
    "PGPASSWORD": "password",
    "PGSSLMODE": "sslmode",
    "PGSSLROOTCERT": "sslrootcert",
    "PGSSLCERT": "sslcert",
    "PGSSLKEY": "sslkey",
    "PGTARGETSESSIONATTRS": "target_session_attrs",
}
"""libpq's names in the environment and as parameters of a connection."""

ACTIVITY = re.compile(r"\bpg_stat_activity\b", re.I)
COUNTED = re.compile(r"\bgroup\s+by\b|\bcount\s*\(", re.I)
STATE = re.compile(r"\bstate\b", re.I)
WAITS = re.compile(r"\bpg_locks\b|\bwait_event|\bpg_blocking_pids\b", re.I)
STATEMENTS = re.compile(r"\bpg_stat_statements\b", re.I)

RIGHTS = """
select r.rolsuper as superuser,
       pg_has_role(r.oid, 'pg_signal_backend', 'usage') as may_signal,
       exists (select 1 from pg_roles w where w.rolname = 'pg_write_all_data' and pg_has_role(r.oid, w.oid, 'usage'))
           or exists (select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace
               where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema')
                 and n.nspname not like 'pg_toast%%' and n.nspname not like 'pg_temp%%'
                 and has_table_privilege(r.oid, c.oid, 'insert, update, delete, truncate'))
           or exists (select 1 from pg_namespace n where n.nspname not like 'pg_%%'
                 and has_schema_privilege(r.oid, n.oid, 'create'))
           or has_database_privilege(r.oid, current_database(), 'create') as may_write,
       pg_has_role(r.oid, 'pg_monitor', 'usage') as may_see_all
from pg_roles r where r.rolname = current_user
"""


class Postgres:
    """`dsn` is the address of the monitored database; empty, each command says where, and `environment` (the `PG…`
    names) what it leaves open. The environment's password goes only to the environment's own host."""

    def __init__(self, dsn: str = "", environment: Mapping[str, str] | None = None) -> None:
        self._dsn, self._environment = dsn, dict(environment or {})

    def describe_missing(self, call: SqlCall) -> str:
        """What is not configured, in a sentence; empty when the database can be asked."""
        if self._dsn or call.host or self._environment.get("PGHOST"):
            return ""
        return "Database skipped: neither TOCSIN_MONITORED_DATABASE_URL nor PGHOST is set."

    async def run(self, question: CheckRequest, by: float) -> Finding:
        """What the statement asks about, judged; a table without a judgement where there is no rule for it."""
        call = question.action.call
        assert isinstance(call, SqlCall)
        if question.action.runs == "postgres.preview":
            return await self._run_check(call, question, by, self._preview)
        if STATEMENTS.search(call.sql):
            return await self._run_check(call, question, by, self._statements)
        if _counts_sessions(call.sql):
            return await self._run_check(call, question, by, self._connections)
        if WAITS.search(call.sql):
            return await self._run_check(call, question, by, self._waits)
        return await self._run_check(call, question, by, self._rows)

    async def list_role_warnings(self) -> list[str]:
        """What Tocsin's role may do that it should not, or may not see; a sentence each, nothing when all is well or
        the database cannot be asked."""
        if self.describe_missing(SqlCall("")):
            return []
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(5), self._open_connection(SqlCall(""), loop.time() + 5) as connection:
                found = await (await connection.execute(RIGHTS.encode())).fetchone()
        except (psycopg.Error, TimeoutError, Inconclusive):
            return []
        if found is None:
            return []
        said = []
        if found["superuser"]:
            said.append(
                "Tocsin's role at the monitored database is a superuser: give it one with pg_monitor only."
            )
        elif found["may_write"]:
            said.append(
                "Tocsin's role at the monitored database can write: give it one with pg_monitor only."
            )
        if found["may_signal"] and not found["superuser"]:
            said.append("Tocsin's role at the monitored database can end sessions: revoke pg_signal_backend.")
        if not found["may_see_all"]:
            said.append(
                "Tocsin's role at the monitored database is not in pg_monitor: it will not see who waits."
            )
        return said

    async def _run_check(self, call: SqlCall, question: CheckRequest, by: float, look: Any) -> Finding:
        host = str(self._parameters(call).get("host", ""))
        try:
            async with self._open_connection(call, by) as connection:
                try:
                    found: Finding = await look(connection, call, question)
                    return found
                except psycopg.Error as error:
                    raise explain_query_error(error) from None
        except psycopg.Error as error:
            return explain_connect_error(error, host, question.now)

    async def _connections(self, connection: Any, call: SqlCall, question: CheckRequest) -> Finding:
        seen = await self._activity(connection)
        return waits.add_waits(rules.judge_connections(seen, question), seen, question)

    async def _waits(self, connection: Any, call: SqlCall, question: CheckRequest) -> Finding:
        return waits.judge_waits(await self._activity(connection), question)

    async def _preview(self, connection: Any, call: SqlCall, question: CheckRequest) -> Finding:
        looking = build_preview(call.sql)
        if looking is None:
            said = "What this would end cannot be shown without doing it."
            return build_unknown_finding(
                UnknownCause.NOT_UNDERSTOOD, said, question.now, "Read its conditions yourself."
            )
        heads, rows, _ = await fetch_rows(connection, looking, 2000)
        return rules.preview_termination(rows, heads, await self._activity(connection), question)

    async def _statements(self, connection: Any, call: SqlCall, question: CheckRequest) -> Finding:
        sessions = await self._activity(connection)
        if not sessions.may_see_all:
            return rules.report_no_permission(question)
        total = "total_exec_time" if connection.info.server_version >= 130000 else "total_time"
        sample = statement_stats.SAMPLE.format(total=total).encode()
        loop = asyncio.get_running_loop()
        began = loop.time()
        before = await (await connection.execute(sample)).fetchall()
        await asyncio.sleep(statement_stats.APART)
        after = await (await connection.execute(sample)).fetchall()
        spent = loop.time() - began
        seen = await asyncio.to_thread(
            statement_stats.compare_samples, before, after, spent, sessions.sessions
        )
        return statement_stats.interpret(seen, question, call.sql)

    async def _rows(self, connection: Any, call: SqlCall, question: CheckRequest) -> Finding:
        heads, rows, more = await fetch_rows(connection, call.sql, MOST_ROWS)
        count = f"{MOST_ROWS} rows and more" if more else f"{len(rows)} row{'' if len(rows) == 1 else 's'}"
        said = f"{count}; there is no rule for this."
        return Finding(
            Verdict.UNKNOWN,
            said,
            question.now,
            UnknownCause.NO_RULE,
            measure=str(len(rows)),
            table=EvidenceTable(heads[:MOST_COLUMNS], tuple(row[:MOST_COLUMNS] for row in rows))
            if rows
            else None,
        )

    async def _activity(self, connection: Any) -> PostgresActivity:
        sessions = await (await connection.execute(SESSIONS.encode())).fetchall()
        room = await (await connection.execute(ROOM.encode())).fetchone()
        narrow = await (await connection.execute(NARROW.encode())).fetchall()
        return await asyncio.to_thread(parse_activity, sessions, room, narrow)

    @asynccontextmanager
    async def _open_connection(
        self, call: SqlCall, by: float
    ) -> AsyncIterator[AsyncConnection[dict[str, Any]]]:
        async with asyncio.timeout_at(by):
            connection = await AsyncConnection.connect(
                make_conninfo(**self._parameters(call)), autocommit=True, row_factory=dict_row
            )
        try:
            async with asyncio.timeout_at(by):
                yield connection
        finally:
            await connection.close()  # a statement that still runs is stopped by its own time-out

    def _parameters(self, call: SqlCall) -> dict[str, Any]:
        """Everything is said, so that libpq reads neither the bot's own environment nor its files."""
        try:
            known = dict(conninfo_to_dict(self._dsn)) if self._dsn else self._by_name(call)
        except ProgrammingError:  # its words may quote the password
            what = "TOCSIN_MONITORED_DATABASE_URL" if self._dsn else "The command's database"
            said = f"{what} is no address of a PostgreSQL."
            raise Inconclusive(
                UnknownCause.NOT_CONFIGURED, said, "Write postgresql://USER:PASSWORD@HOST:5432/NAME."
            ) from None
        known = {name: value for name, value in known.items() if value not in (None, "")}
        return {
            "passfile": "/nonexistent",
            **known,
            "connect_timeout": CONNECT,
            "application_name": "tocsin",
            "options": SAFE,
            "client_encoding": "UTF8",
        }

    def _by_name(self, call: SqlCall) -> dict[str, Any]:
        """Where the environment leads, and what the call itself names; secrets go to the environment's place only."""
        known: dict[str, Any] = {
            parameter: self._environment.get(name, "") for name, parameter in NAMES.items()
        }
        own = _place(known)
        named = _of_call(call)
        if named["host"] and named["host"] != own.host:
            known["hostaddr"] = ""  # it is that of the environment's host
        known |= {parameter: value for parameter, value in named.items() if value}
        if _place(known) != own:
            known |= {"password": named.get("password") or "", "sslcert": "", "sslkey": ""}
        return known


def _of_call(call: SqlCall) -> dict[str, Any]:
    """What a call names of its place; its database may be a whole connection string."""
    if call.database and ("=" in call.database or "://" in call.database):
        nothing = dict.fromkeys(("host", "port", "user", "dbname"))
        return {**nothing, **conninfo_to_dict(call.database)}
    return {"host": call.host, "port": call.port, "user": call.user, "dbname": call.database}


class _ServerAddress(NamedTuple):
    host: str
    address: str
    port: str


def _place(known: Mapping[str, Any]) -> _ServerAddress:
    return _ServerAddress(known["host"], known["hostaddr"], known["port"] or "5432")


def _counts_sessions(sql: str) -> bool:
    """Whether sessions are counted, and not only those that wait."""
    waiting = WAITS.search(sql) and not STATE.search(sql)
    return bool(ACTIVITY.search(sql) and COUNTED.search(sql) and not waiting)
