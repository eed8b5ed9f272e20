"""PostgreSQL through psycopg, behind the `Store` port."""

from bot.adapters.database.errors import SchemaProblem
from bot.adapters.database.migrations import build_explicit_address, is_address, migrate
from bot.adapters.database.store import PostgresStore

__all__ = ["PostgresStore", "SchemaProblem", "build_explicit_address", "is_address", "migrate"]
