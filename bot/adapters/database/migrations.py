"""Connects to Tocsin's own database and migrates its schema."""

import select
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import AsyncConnectionPool

from bot.adapters.database.errors import AWAY, PoolerProblem, SchemaProblem, describe_failure
from bot.adapters.database.server_versions import explain_old_version
from bot.adapters.database.session import SCHEMA, STATEMENT_POOLER
from bot.adapters.database.sql_loader import FIRST, Migration, load_migrations
from bot.errors import DatabaseUnavailable

TRUSTED_FOR = 5.0
"""Seconds after its last use in which a connection counts as working, unless the server has ended it."""

MIGRATION_LOCK = 7_301_990_000_117


def build_explicit_address(address: str, **settings: str) -> str:
    """The address with every parameter said, so that libpq takes nothing from `PGHOST`, `PGUSER` and their like:
    those name the MONITORED database in a runbook's commands. `settings` win over the address."""
    params: dict[str, str] = {name: str(value) for name, value in conninfo_to_dict(address).items()}
    params.setdefault("application_name", "tocsin")
    params.update(client_encoding="UTF8", **settings)  # in which a transaction's messages are written
    params = {**_read_compiled_defaults(), **params}
    params["user"] = params["user"] or "postgres"
    params["dbname"] = params["dbname"] or params["user"]
    return make_conninfo("", **{name: value for name, value in params.items() if value or name in BLANK})


def split_password(address: str) -> tuple[str, str]:
    """The explicit address without its password, and that password, empty without one: what is typed after a program's
    name, everybody on the machine may read. What is libpq's default is left out: programs older than ours do not know
    each parameter, and their environment names none."""
    usual = _read_compiled_defaults()
    explicit = conninfo_to_dict(build_explicit_address(address)).items()
    params = {name: value for name, value in explicit if name in BLANK or str(value) != usual.get(name)}
    return make_conninfo("", **{**params, "password": None}), str(params.get("password") or "")


def _read_compiled_defaults() -> dict[str, str]:
    """What libpq was compiled with, for each parameter that it would take from the environment."""
    options = pq.Conninfo.get_defaults()
    return {
        option.keyword.decode(): option.compiled.decode() if option.compiled else ""
        for option in options
        if option.envvar
    }


def is_address(address: str) -> bool:
    """Whether libpq understands the address. Nobody is asked whether anything is there."""
    try:
        given = conninfo_to_dict(address)
        hosts = str(given.get("host") or given.get("hostaddr") or "").count(",") + 1
        nowhere = ",".join([NOWHERE] * hosts)
        tried = pq.PGconn.connect_start(build_explicit_address(address, host=nowhere, hostaddr="").encode())
    except psycopg.Error:
        return False
    return NOWHERE.encode() in tried.error_message


NOWHERE = "/nowhere"
"""A folder without a socket: libpq looks at all parameters before it finds that out, and asks no network."""

BLANK = frozenset({"password", "passfile", "options", "sslcert", "sslkey"})
"""Parameters that must be said even when they are empty."""


def build_idle_check() -> Callable[[psycopg.AsyncConnection[Any]], Awaitable[None]]:
    """For the pool: ask a connection whether it still works before it is used, unless it was in use a moment ago and
    nothing came since: a server that ends it says so, while a network that is cut does not."""
    used: WeakKeyDictionary[psycopg.AsyncConnection[Any], float] = WeakKeyDictionary()

    async def check(connection: psycopg.AsyncConnection[Any]) -> None:
        now = time.monotonic()
        if now - used.get(connection, 0.0) > TRUSTED_FOR or _has_news(connection):
            await AsyncConnectionPool.check_connection(connection)
        used[connection] = now

    return check


def _has_news(connection: psycopg.AsyncConnection[Any]) -> bool:
    """Whether the server has sent something that was not read yet, or closed the connection: asked of the system."""
    asked = select.poll()
    asked.register(connection.fileno(), select.POLLIN)
    return bool(asked.poll(0))


async def migrate(address: str) -> None:
    """Bring the schema up to date in one transaction, one replica at a time.

    Raises SchemaProblem when the database is newer than this program, a migration's text differs from the one that
    ran, or the schema is somebody else's; DatabaseUnavailable when it does not answer or takes no changes.
    """
    await _migrate(address, keep=True)


async def try_migration(address: str) -> Sequence[str]:
    """The names of the steps that a start would make: each is tried, and all are taken back. Raises as `migrate`."""
    return await _migrate(address, keep=False)


async def _migrate(address: str, keep: bool) -> Sequence[str]:
    try:
        connection = await psycopg.AsyncConnection.connect(
            build_explicit_address(address, connect_timeout="5"), autocommit=True, prepare_threshold=None
        )
    except psycopg.Error as error:
        words = str(error).strip()
        raise DatabaseUnavailable(
            f"The database cannot be reached: {words}", why=describe_failure(error, [])
        ) from error
    try:
        async with connection, connection.transaction(force_rollback=not keep):
            if too_old := explain_old_version(connection.info.server_version):
                raise SchemaProblem(too_old)
            return await _up_to_date(connection)
    except AWAY as error:
        if "statement pooling mode" in str(error):
            raise PoolerProblem(STATEMENT_POOLER) from error
        why = describe_failure(error, [])
        raise DatabaseUnavailable(f"The database {why}. Nothing was changed.", why=why) from error
    except psycopg.Error as error:
        raise _problem(error) from error


async def _up_to_date(connection: psycopg.AsyncConnection) -> Sequence[str]:
    await connection.execute("select pg_advisory_xact_lock(%s)", (MIGRATION_LOCK,))
    found = await (await connection.execute("select to_regnamespace(%s)", (SCHEMA,))).fetchone()
    if found is None or found[0] is None:  # a role that got this schema made for it may not make any
        await connection.execute(f"create schema {SCHEMA}".encode())
    await connection.execute(f"set local search_path to {SCHEMA}".encode())
    found = await (
        await connection.execute(
            "select to_regclass('schema_step') is not null, current_setting('transaction_read_only')::boolean"
        )
    ).fetchone()
    is_made, is_closed = found or (False, False)
    if is_closed:
        raise psycopg.errors.ReadOnlySqlTransaction("it takes no changes")
    if not is_made:  # a role that only works in the schema may not make any
        for table in TABLES:
            await connection.execute(table)
    return await _apply(connection, await _ran(connection))


def _problem(error: psycopg.Error) -> SchemaProblem:
    said = error.diag.message_primary or str(error).strip()
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return SchemaProblem(
            f"The database does not let this role work: {said}. Make it a schema of its own, "
            f"`create schema {SCHEMA} authorization ROLE`; or let its owner bring it up to date first, "
            "`./tocsin migrate` (docs/OPERATING.md). Nothing was changed."
        )
    if isinstance(error, NOT_OURS):
        return SchemaProblem(
            f"The schema {SCHEMA} of this database holds something that is not Tocsin's: {said}. "
            "Give Tocsin a database of its own. Nothing was changed."
        )
    return SchemaProblem(f"The schema cannot be brought up to date: {said}. Nothing was changed.")


NOT_OURS = (
    psycopg.errors.DuplicateTable,
    psycopg.errors.DuplicateObject,
    psycopg.errors.DuplicateFunction,
    psycopg.errors.UndefinedColumn,
    psycopg.errors.WrongObjectType,
)
"""What finding tables of another program under our names ends in."""


TABLES = (
    b"create table if not exists migration (number integer primary key, name text not null,"
    b" checksum text not null, at timestamptz not null default now())",
    b"create table if not exists schema_step (number integer primary key, name text not null,"
    b" checksum text not null, runs_from integer not null, at timestamptz not null default now())",
)
"""The version before `schema_step` refuses a database in whose `migration` there is a step that it does not know. It
never looks at `schema_step`: there stands a step on which it may run; one on which it may not stands in both."""


async def _ran(connection: psycopg.AsyncConnection) -> dict[int, tuple[str, int]]:
    """The checksum of each step that this database has, and the step that a version must know to run on it."""
    found = await connection.execute(
        "select number, checksum, number as runs_from from migration"
        " where number not in (select number from schema_step)"
        " union all select number, checksum, runs_from from schema_step"
    )
    return {number: (checksum, runs_from) for number, checksum, runs_from in await found.fetchall()}


async def _apply(connection: psycopg.AsyncConnection, ran: dict[int, tuple[str, int]]) -> Sequence[str]:
    """The names of the steps that were made."""
    known = {step.number: step for step in load_migrations()}
    too_new = sorted(number for number, (_, runs_from) in ran.items() if runs_from not in known)
    if too_new:
        raise SchemaProblem(
            f"The database was made by a newer Tocsin (its schema has step {too_new[-1]}, this one knows "
            f"{max(known)}). Start that version again, or restore a backup. Nothing was changed."
        )
    made = []
    for step in known.values():
        if step.number not in ran:
            await connection.execute(step.text.encode())
            await _note(connection, step)
            made.append(step.name)
        elif ran[step.number][0] != step.checksum:
            raise SchemaProblem(
                f"The migration {step.name} was changed after it ran on this database. "
                "Put the original file back and add a new one. Nothing was changed."
            )
    return made


async def _note(connection: psycopg.AsyncConnection, step: Migration) -> None:
    """Write down that the step is done."""
    if step.runs_from > FIRST or step.number <= FIRST:
        await connection.execute(
            "insert into migration (number, name, checksum) values (%s, %s, %s)",
            (step.number, step.name, step.checksum),
        )
    if step.number > FIRST:
        await connection.execute(
            "insert into schema_step (number, name, checksum, runs_from) values (%s, %s, %s, %s)",
            (step.number, step.name, step.checksum, step.runs_from),
        )
