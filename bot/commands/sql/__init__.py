"""SQL by PostgreSQL's own grammar: which statements only read, and psql's command line around them."""

from bot.commands.sql.psql import read_psql, read_statements

__all__ = ["read_psql", "read_statements"]
