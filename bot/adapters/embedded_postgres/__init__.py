"""The private PostgreSQL, for a team that has none to give: starts, reattaches, stops."""

from bot.adapters.embedded_postgres.binaries import PostgresProblem
from bot.adapters.embedded_postgres.server import PrivatePostgres

__all__ = ["PostgresProblem", "PrivatePostgres"]
