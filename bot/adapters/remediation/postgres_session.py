"""A session of our own in the monitored PostgreSQL, and what every remediation there asks first."""

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.rows import dict_row

from bot.text.redaction import redact

CONNECT_S, STATEMENT_MS = 2, 4000
ABOUT = """
select current_database() as database, pg_postmaster_start_time() as started, pg_is_in_recovery() as is_standby,
    pg_has_role(current_user, 'pg_read_all_stats', 'usage') as may_see,
    current_setting('max_connections')::int as most,
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - coalesce(nullif(current_setting('reserved_connections', true), ''), '0')::int as room,
    (select count(*)::int from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid())
        as used
"""

Connection = psycopg.Connection[dict[str, Any]]


def open_session(address: str) -> Connection:
    """Every statement by itself, each with a deadline."""
    return psycopg.connect(
        address,
        autocommit=True,
        connect_timeout=CONNECT_S,
        options=f"-c statement_timeout={STATEMENT_MS}",
        row_factory=dict_row,
    )


def fetch_one(
    connection: Connection, query: str, values: Mapping[str, object] | None = None
) -> dict[str, Any]:
    """The only row of what always has one."""
    row = connection.execute(query.encode(), values).fetchone()
    assert row is not None
    return row


def name_target(address: str, database: str) -> str:
    """The database's name in the whole world."""
    where = psycopg.conninfo.conninfo_to_dict(address)
    return f"postgres:{where.get('host', 'local')}:{where.get('port', 5432)}/{database}"


def explain_error(error: Exception) -> str:
    """What PostgreSQL says, as one sentence."""
    text = redact(str(error)).strip().partition("\n")[0]
    return text if text.endswith(".") else f"{text}."


def explain_unfit(about: Mapping[str, Any]) -> str:
    """Why nothing can be planned with what this role sees here, in a sentence; empty when it can."""
    if not about["may_see"]:
        return "My role may not see what sessions do: it lacks pg_read_all_stats (it is part of pg_monitor)."
    if about["is_standby"]:
        return "This is a standby: name the writer in TOCSIN_MONITORED_DATABASE_URL."
    return ""


def count_waiting(count: int) -> str:
    """`1 session waits`, `3 sessions wait`."""
    return "1 session waits" if count == 1 else f"{count} sessions wait"
