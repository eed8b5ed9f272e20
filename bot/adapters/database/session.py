"""What a connection to Tocsin's own database is set to, and whether it is a session of its own.

Nothing of it is said when a connection starts (libpq's `options`): PgBouncer and RDS Proxy refuse that, or drop it
without a word. It is said with each transaction, so that it counts whatever server session a pooler gives to that one.
"""

from typing import Any

import psycopg
from psycopg import AsyncConnection

from bot.adapters.database.errors import PoolerProblem

SCHEMA = "tocsin"

VALUES = {
    "search_path": SCHEMA,
    "statement_timeout": "1500",
    "lock_timeout": "1200",
    "idle_in_transaction_session_timeout": "5000",
    "timezone": "UTC",
    "jit": "off",  # compiling a statement takes longer than any of ours may
}
"""PostgreSQL's settings for all that the bot asks of its own database; times in milliseconds."""

FOR_TRANSACTION = "select " + ", ".join(
    f"set_config('{name}', '{value}', true)" for name, value in VALUES.items()
)
"""For the beginning of a message, which is a transaction by itself, or of one that begins with `begin`. One statement:
each one more costs the server and the reader of its answers."""

FOR_SESSION = ";\n".join(f"set {name} = {value}" for name, value in VALUES.items()).encode()
"""For a connection that has its server session to itself."""

PROBES = 5
"""How often a pooler is asked whether it keeps to one session: some give their sessions in turn."""

TRANSACTION_POOLER = (
    "{name} leads through a pooler that gives each transaction another session (PgBouncer's `pool_mode = transaction`),"
    " and a replica needs one session to itself: set TOCSIN_DATABASE_DIRECT_URL to the address of PostgreSQL itself, or"
    " of a pool with `pool_mode = session`."
)

STATEMENT_POOLER = (
    "TOCSIN_DATABASE_URL leads through a pooler that takes no transactions (PgBouncer's `pool_mode = statement`): name"
    " PostgreSQL itself, or a pool with `pool_mode = session`."
)

ELSEWHERE = (
    "TOCSIN_DATABASE_DIRECT_URL leads to another database than TOCSIN_DATABASE_URL: both must end at the same server"
    " and database, one of them without a pooler."
)


async def ensure_session(connection: AsyncConnection[Any], address: str, name: str) -> int:
    """The number of the server session that the connection keeps. Raises PoolerProblem, which names the setting `name`.

    A server tells its session's number when a connection starts; where it calls itself by another one later, a pooler
    stands between. That one is watched: does it give the session away while a second connection is in a transaction?
    """
    first = await _pid(connection)
    if first == connection.info.backend_pid:
        return first
    problem = PoolerProblem(TRANSACTION_POOLER.format(name=name))
    async with await AsyncConnection.connect(address, autocommit=True, prepare_threshold=None) as other:
        for _ in range(PROBES):
            await other.execute(b"begin")
            # A pool of one session would never answer the second question.
            if await _pid(other) == first or await _pid(connection) != first:
                raise problem
            await other.execute(b"rollback")
    return first


async def ensure_same_session(connection: AsyncConnection[Any], pid: int) -> None:
    """Raises psycopg.OperationalError when the connection has got another server session than that with this number."""
    if await _pid(connection) != pid:
        raise psycopg.OperationalError("a pooler gave its session to somebody else")


async def _pid(connection: AsyncConnection[Any]) -> int:
    """The number of the server session that answers."""
    row = await (await connection.execute(b"select pg_backend_pid() as pid")).fetchone()
    assert row is not None
    return int(row["pid"] if isinstance(row, dict) else row[0])
