"""PostgreSQL through psycopg, behind the `Store` port."""

from bot.store.connect import SchemaProblem, explicit, migrate
from bot.store.database import PostgresStore

__all__ = ["PostgresStore", "SchemaProblem", "explicit", "migrate"]
