"""What Tocsin's own database is like: its version, and what this role may do in it."""

from dataclasses import dataclass

import psycopg
from psycopg.rows import dict_row

from bot.adapters.database.errors import AWAY, describe_failure
from bot.adapters.database.migrations import build_explicit_address
from bot.adapters.database.session import SCHEMA, ensure_session
from bot.errors import DatabaseUnavailable

FACTS = b"""
select current_setting('server_version') as version, current_setting('server_version_num')::int as version_number,
       current_user::text as role, (select rolsuper from pg_roles where rolname = current_user) as is_superuser,
       coalesce(pg_has_role((select nspowner from pg_namespace where nspname = %(schema)s), 'usage'),
                has_database_privilege(current_database(), 'create')) as may_migrate,
       pg_database_size(current_database()) as size_bytes,
       current_setting('max_connections')::int
         - current_setting('superuser_reserved_connections')::int as max_connections,
       (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as connections
"""


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """`version_number` is such as 180001; `max_connections` counts those that are not kept for superusers."""

    version: str
    version_number: int
    role: str
    is_superuser: bool
    may_migrate: bool
    size_bytes: int
    max_connections: int
    connections: int


async def inspect_database(address: str) -> DatabaseFacts:
    """Ask once. Raises DatabaseUnavailable."""
    try:
        async with await psycopg.AsyncConnection.connect(
            build_explicit_address(address, connect_timeout="5"),
            autocommit=True,
            prepare_threshold=None,
            row_factory=dict_row,
        ) as connection:
            row = await (await connection.execute(FACTS, {"schema": SCHEMA})).fetchone()
    except AWAY as error:
        why = describe_failure(error, [])
        raise DatabaseUnavailable(f"The database {why}.", why=why) from error
    assert row is not None
    return DatabaseFacts(**row)


async def check_session(address: str, name: str) -> None:
    """Raises PoolerProblem, which names the setting `name`, where no session is kept; DatabaseUnavailable."""
    explicit = build_explicit_address(address, connect_timeout="5")
    try:
        async with await psycopg.AsyncConnection.connect(
            explicit, autocommit=True, prepare_threshold=None
        ) as connection:
            await ensure_session(connection, explicit, name)
    except AWAY as error:
        why = describe_failure(error, [])
        raise DatabaseUnavailable(f"The database {why}.", why=why) from error
