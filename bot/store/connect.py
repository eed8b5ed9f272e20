"""How Tocsin reaches its own database, and brings its schema up to date."""

import hashlib
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import AsyncConnectionPool

from bot.errors import StoreAway, TocsinError
from bot.store.queries import migrations
from bot.store.trouble import AWAY, reason

SCHEMA = "tocsin"
SERVER_SIDE = (
    f"-c search_path={SCHEMA} -c statement_timeout=1500 -c lock_timeout=1200"
    " -c idle_in_transaction_session_timeout=5000 -c application_name=tocsin -c timezone=UTC"
)
"""In UTC: an instant in a zone with summer time, plus 15 minutes, is another one after the clocks were changed."""
TRUSTED_FOR = 0.3
"""Seconds after its last use in which a connection counts as working: no database is away and back in less."""

MIGRATION_LOCK = 7_301_990_000_117


class SchemaProblem(TocsinError):
    """The database was made by another version of Tocsin, or a migration was edited after it ran."""


def explicit(address: str, **settings: str) -> str:
    """The address with every parameter said, so that libpq takes nothing from `PGHOST`, `PGUSER` and their like:
    those name the MONITORED database in a runbook's commands. `settings` win over the address."""
    params: dict[str, str] = {name: str(value) for name, value in conninfo_to_dict(address).items()}
    params.update(client_encoding="UTF8", **settings)  # in which a transaction's messages are written
    for option in pq.Conninfo.get_defaults():
        name = option.keyword.decode()
        if option.envvar and name not in params:
            params[name] = option.compiled.decode() if option.compiled else ""
    params["user"] = params["user"] or "postgres"
    params["dbname"] = params["dbname"] or params["user"]
    return make_conninfo("", **{name: value for name, value in params.items() if value or name in BLANK})


BLANK = frozenset({"password", "passfile", "options", "sslcert", "sslkey"})
"""Parameters that must be said even when they are empty."""


def checked_after_rest() -> Callable[[psycopg.AsyncConnection[Any]], Awaitable[None]]:
    """For the pool: ask a connection whether it still works before it is used, unless it was in use a moment ago."""
    used: WeakKeyDictionary[psycopg.AsyncConnection[Any], float] = WeakKeyDictionary()

    async def check(connection: psycopg.AsyncConnection[Any]) -> None:
        now = time.monotonic()
        if now - used.get(connection, 0.0) > TRUSTED_FOR:
            await AsyncConnectionPool.check_connection(connection)
        used[connection] = now

    return check


async def migrate(address: str) -> None:
    """Bring the schema up to date in one transaction, one replica at a time.

    Raises SchemaProblem when the database is newer than this program, a migration's text differs from the one that
    ran, or the schema is somebody else's; StoreAway when it does not answer or takes no changes.
    """
    try:
        connection = await psycopg.AsyncConnection.connect(
            explicit(address, connect_timeout="5"), autocommit=True
        )
    except psycopg.Error as error:
        raise StoreAway(f"The database cannot be reached: {str(error).strip()}") from error
    try:
        async with connection, connection.transaction():
            await _up_to_date(connection)
    except AWAY as error:
        why = reason(error, [])
        raise StoreAway(f"The database {why}. Nothing was changed.", why=why) from error
    except psycopg.Error as error:
        raise _problem(error) from error


async def _up_to_date(connection: psycopg.AsyncConnection) -> None:
    await connection.execute("select pg_advisory_xact_lock(%s)", (MIGRATION_LOCK,))
    found = await (await connection.execute("select to_regnamespace(%s)", (SCHEMA,))).fetchone()
    if found is None or found[0] is None:  # a role that got this schema made for it may not make any
        await connection.execute(f"create schema {SCHEMA}".encode())
    await connection.execute(f"set local search_path to {SCHEMA}".encode())
    await connection.execute(
        "create table if not exists migration (number integer primary key, name text not null,"
        " checksum text not null, at timestamptz not null default now())"
    )
    rows = await (await connection.execute("select number, checksum from migration")).fetchall()
    await _apply(connection, dict(rows))


def _problem(error: psycopg.Error) -> SchemaProblem:
    said = error.diag.message_primary or str(error).strip()
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return SchemaProblem(
            f"The database does not let this role work: {said}. Make it a schema of its own, "
            f"`create schema {SCHEMA} authorization ROLE`. Nothing was changed."
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


async def _apply(connection: psycopg.AsyncConnection, ran: Mapping[int, str]) -> None:
    known = {number for number, _, _ in migrations()}
    if newer := sorted(set(ran) - known):
        raise SchemaProblem(
            f"The database was made by a newer Tocsin (its schema has step {newer[-1]}, this one knows "
            f"{max(known)}). Start that version again, or restore a backup. Nothing was changed."
        )
    for number, name, text in migrations():
        checksum = hashlib.sha256(text.encode()).hexdigest()
        if number not in ran:
            await connection.execute(text.encode())
            await connection.execute(
                "insert into migration (number, name, checksum) values (%s, %s, %s)", (number, name, checksum)
            )
        elif ran[number] != checksum:
            raise SchemaProblem(
                f"The migration {name} was changed after it ran on this database. "
                "Put the original file back and add a new one. Nothing was changed."
            )
