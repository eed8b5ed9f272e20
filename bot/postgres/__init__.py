"""The private PostgreSQL: for a team that has none to give. Starts, reattaches, stops."""

from bot.postgres.programs import PostgresProblem
from bot.postgres.server import PrivatePostgres

__all__ = ["PostgresProblem", "PrivatePostgres"]
