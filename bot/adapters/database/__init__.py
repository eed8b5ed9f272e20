"""PostgreSQL through psycopg, behind the `Store` port."""

from bot.adapters.database.errors import CROWDED, FULL, LOGIN, READ_ONLY, SchemaProblem
from bot.adapters.database.inspection import DatabaseFacts, check_session, inspect_database
from bot.adapters.database.migrations import build_explicit_address, is_address, migrate, try_migration
from bot.adapters.database.server_versions import explain_untested_version
from bot.adapters.database.store import PostgresStore

__all__ = [
    "CROWDED",
    "FULL",
    "LOGIN",
    "READ_ONLY",
    "DatabaseFacts",
    "PostgresStore",
    "SchemaProblem",
    "build_explicit_address",
    "check_session",
    "explain_untested_version",
    "inspect_database",
    "is_address",
    "migrate",
    "try_migration",
]
