"""PostgreSQL through psycopg, behind the `Store` port."""

from bot.adapters.database.errors import SchemaProblem
from bot.adapters.database.inspection import DatabaseFacts, inspect_database
from bot.adapters.database.migrations import build_explicit_address, is_address, migrate
from bot.adapters.database.server_versions import explain_untested_version
from bot.adapters.database.store import PostgresStore

__all__ = [
    "DatabaseFacts",
    "PostgresStore",
    "SchemaProblem",
    "build_explicit_address",
    "explain_untested_version",
    "inspect_database",
    "is_address",
    "migrate",
]
