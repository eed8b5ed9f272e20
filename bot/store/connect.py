"""How Tocsin reaches its own database, and brings its schema up to date."""

import hashlib
from collections.abc import Mapping

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from bot.errors import StoreAway, TocsinError
from bot.store.queries import migrations

SCHEMA = "tocsin"
SERVER_SIDE = (
    f"-c search_path={SCHEMA} -c statement_timeout=1500 -c lock_timeout=1200"
    " -c idle_in_transaction_session_timeout=5000 -c application_name=tocsin"
)
MIGRATION_LOCK = 7_301_990_000_117


class SchemaProblem(TocsinError):
    """The database was made by another version of Tocsin, or a migration was edited after it ran."""


def explicit(address: str, **settings: str) -> str:
    """The address with every parameter said, so that libpq takes nothing from `PGHOST`, `PGUSER` and their like:
    those name the MONITORED database in a runbook's commands. `settings` win over the address."""
    params: dict[str, str] = {name: str(value) for name, value in conninfo_to_dict(address).items()}
    params.update(settings)
    for option in pq.Conninfo.get_defaults():
        name = option.keyword.decode()
        if option.envvar and name not in params:
            params[name] = option.compiled.decode() if option.compiled else ""
    params["user"] = params["user"] or "postgres"
    params["dbname"] = params["dbname"] or params["user"]
    return make_conninfo("", **{name: value for name, value in params.items() if value or name in BLANK})


BLANK = frozenset({"password", "passfile", "options", "sslcert", "sslkey"})
"""Parameters that must be said even when they are empty."""


async def migrate(address: str) -> None:
    """Bring the schema up to date in one transaction, one replica at a time.

    Raises SchemaProblem when the database is newer than this program or a migration's text differs from the one
    that ran, StoreAway when it does not answer.
    """
    try:
        connection = await psycopg.AsyncConnection.connect(
            explicit(address, connect_timeout="5"), autocommit=True
        )
    except psycopg.OperationalError as error:
        raise StoreAway(f"The database cannot be reached: {str(error).strip()}") from error
    async with connection, connection.transaction():
        await connection.execute("select pg_advisory_xact_lock(%s)", (MIGRATION_LOCK,))
        await connection.execute(f"create schema if not exists {SCHEMA}".encode())
        await connection.execute(f"set local search_path to {SCHEMA}".encode())
        await connection.execute(
            "create table if not exists migration (number integer primary key, name text not null,"
            " checksum text not null, at timestamptz not null default now())"
        )
        rows = await (await connection.execute("select number, checksum from migration")).fetchall()
        await _apply(connection, dict(rows))


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
