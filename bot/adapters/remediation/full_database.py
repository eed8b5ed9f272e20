"""Whether our roles still get into the monitored PostgreSQL when it is full.

From 16 on `reserved_connections` keeps places for roles with `pg_use_reserved_connections`; before that only superusers
get in. https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-RESERVED-CONNECTIONS
"""

import psycopg

from bot.adapters.remediation.database_address import APPLICATION
from bot.text.redaction import redact

KNOWN_FROM, CONNECT_S = 160000, 2
ASKED = """
select current_setting('server_version_num')::int as version, current_user as role,
    coalesce(nullif(current_setting('reserved_connections', true), ''), '0')::int as reserved,
    (select rolsuper from pg_roles where rolname = current_user) as is_superuser,
    coalesce((select pg_has_role(current_user, oid, 'usage') from pg_roles
        where rolname = 'pg_use_reserved_connections'), false) as may_use
"""
FULL = "If your database fills up I cannot"


def explain_locked_out(address: str, deed: str) -> str:
    """Why the role of this address would not get into a full database to `deed` (`look`), in a sentence; empty when it
    would."""
    try:
        with psycopg.connect(
            address, autocommit=True, connect_timeout=CONNECT_S, application_name=APPLICATION
        ) as connection:
            row = connection.execute(ASKED).fetchone()
    except psycopg.Error as error:
        said = redact(str(error)).strip().partition("\n")[0].rstrip(".")
        return f"Whether I can {deed} when your database is full cannot be told: {said}."
    assert row is not None
    version, role, reserved, is_superuser, may_use = row
    if is_superuser:
        return ""
    if version < KNOWN_FROM:
        return f"{FULL} {deed}: PostgreSQL {version // 10000} keeps places for superusers only. 16 and later can."
    if not reserved:
        return (
            f"{FULL} {deed}: reserved_connections is 0. Set it to 4, restart the server, and "
            f"grant pg_use_reserved_connections to {role}."
        )
    return "" if may_use else f"{FULL} {deed}: grant pg_use_reserved_connections to {role}."
