"""SQL by PostgreSQL's own grammar: which statements only read, and psql's command line around them."""

from bot.command_parsers.sql.psql import parse_psql, parse_sql_fence

__all__ = ["parse_psql", "parse_sql_fence"]
