"""Rows of any SELECT as texts. A field may hold a gigabyte: it is cut before secrets are looked for."""

import asyncio
import json
import re
from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import tuple_row
from psycopg.types.string import TextLoader

from bot.text.redaction import redact_value, strip_literals
from diagnostics.rendering.tables import format_cell, truncate_value

READ = 2_000
"""Letters of a field that are looked at; far fewer are shown, so that no secret is cut in two."""

PLAIN = re.compile(r"\s*(?:show|explain)\b", re.I)
STATEMENT = re.compile(
    r"(?:\s|\(|/\*.*?\*/|--[^\n]*\n)*(?:(?:select|insert|update|delete|merge|with|values|copy|call|execute|prepare|declare"
    r"|do|explain|set|create|alter|begin|notify|fetch|grant|truncate|commit|rollback)\b|comment\s+on\b|lock\s+table\b"
    r"|start\s+transaction\b|refresh\s+materialized\b|security\s+label\b)",
    re.I | re.S,
)

Rows = tuple[tuple[str, ...], list[tuple[str, ...]], bool]


async def fetch_rows(connection: AsyncConnection[Any], sql: str, most: int) -> Rows:
    """The heads and the first rows of a SELECT as texts, redacted, and whether there are more: read through a cursor of
    the server's, in a transaction that cannot write. SHOW and EXPLAIN take no such cursor, and have few rows."""
    for name in ("json", "jsonb"):  # as texts: read whole, one of a few megabytes would hold up everybody
        connection.adapters.register_loader(name, TextLoader)
    async with connection.transaction():
        await connection.execute("set transaction read only")
        name = "" if PLAIN.match(sql) else "tocsin"
        async with connection.cursor(name, row_factory=tuple_row) as cursor:
            await cursor.execute(sql.rstrip().rstrip(";").encode())
            rows = await cursor.fetchmany(most + 1)
            heads = tuple(column.name for column in cursor.description or ())
    return heads, await asyncio.to_thread(_format_rows, heads, rows[:most]), len(rows) > most


def _format_rows(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[tuple[str, ...]]:
    return [
        tuple(
            format_cell(redact_value(_redact_field(value), head))
            for head, value in zip(heads, row, strict=True)
        )
        for row in rows
    ]


def _redact_field(value: Any) -> Any:
    """A field as far as it can be shown. A statement in it, such as `query` of pg_stat_activity, comes without its
    literals; JSON as what it says, so that names tell what their values are."""
    value = truncate_value(value, READ)
    if not isinstance(value, str):
        return value
    if value[:1] in ("{", "[") and len(value) < READ:
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return strip_literals(value) if STATEMENT.match(value) else value
