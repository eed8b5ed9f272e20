"""Maps the database's errors to words that a person can act on."""

from typing import Any, Self

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import PoolTimeout

from bot.adapters.database.utc_loader import UtcLoader
from bot.errors import TocsinError

UNANSWERED = "does not answer"
READ_ONLY = "is read-only"
FULL = "has no room left on its disk"
CROWDED = "takes no more connections"
LOGIN = "refuses the login"

AWAY = (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout, psycopg.errors.ReadOnlySqlTransaction)
"""What a database that is away, closed to changes or full makes psycopg raise."""

SURELY_NOT_DONE = frozenset({READ_ONLY, FULL, CROWDED})
"""With these the database itself said no: nothing is in doubt, also when it said so to a commit."""

CODES: tuple[tuple[type[psycopg.Error], str], ...] = (
    (psycopg.errors.ReadOnlySqlTransaction, READ_ONLY),
    (psycopg.errors.DiskFull, FULL),
    (psycopg.errors.TooManyConnections, CROWDED),
)

REFUSALS = (
    ("too many clients", CROWDED),
    ("too many connections", CROWDED),
    ("no more connections allowed", CROWDED),
    ("query_wait_timeout", CROWDED),
    ("connection slots are reserved", CROWDED),
    ("session is read-only", READ_ONLY),
    ("No space left on device", FULL),
    ("authentication failed", LOGIN),
    ("no password supplied", LOGIN),
    ("no pg_hba.conf entry", LOGIN),
    ("pg_hba.conf rejects connection", LOGIN),
    ('" does not exist', LOGIN),
    ("no such database", LOGIN),
    ("no such user", LOGIN),
    ("is not permitted to log in", LOGIN),
    ("permission denied for database", LOGIN),
)
"""What the server says when it refuses a connection: libpq hands on those words, and no code."""


class SchemaProblem(TocsinError):
    """The database was made by another version of Tocsin, a migration was edited after it ran, or what leads to the
    database cannot carry what a replica needs."""


class PoolerProblem(SchemaProblem):
    """What leads to the database cannot carry a replica's session. The text says which address to set."""


class PoolConnection(AsyncConnection[Any]):
    """A connection of the pool, whose failed attempts leave their words in `told`: the pool keeps them to itself."""

    @classmethod
    async def connect(cls, conninfo: str = "", *, told: list[str], **settings: Any) -> Self:  # type: ignore[override]
        """See psycopg. `told` has the words of the last failed attempt, and none after one that worked."""
        try:
            connection = await super().connect(conninfo, **settings)
        except psycopg.Error as error:
            told[:] = [str(error)]
            raise
        connection.adapters.register_loader("timestamptz", UtcLoader)
        told.clear()
        return connection


def describe_failure(error: BaseException, told: list[str]) -> str:
    """What is wrong with the database, to be said after "the database"; `told` see Connection."""
    for kind, why in CODES:
        if isinstance(error, kind):
            return why
    words = " ".join(told) if isinstance(error, PoolTimeout) else str(error)
    return next((why for part, why in REFUSALS if part in words), UNANSWERED)
