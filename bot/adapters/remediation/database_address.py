"""Where the monitored PostgreSQL is: for reading, and for what was approved."""

from psycopg.conninfo import make_conninfo

from bot.adapters.remediation.protocol import Task

PARAMETERS = {
    "PGHOST": "host",
    "PGPORT": "port",
    "PGUSER": "user",
    "PGPASSWORD": "password",
    "PGDATABASE": "dbname",
    "PGSSLMODE": "sslmode",
    "PGSSLROOTCERT": "sslrootcert",
}
"""libpq's names in the environment, by its parameters."""

APPLICATION = "tocsin"


def build_read_address(task: Task) -> str:
    """By the reading keys; empty where nothing names a database."""
    named = str(task.keys.get("monitored_database_url") or "")
    if named:
        return make_conninfo(named, application_name=APPLICATION)
    libpq = task.keys.get("libpq") or {}
    given = {PARAMETERS[name]: value for name, value in libpq.items() if name in PARAMETERS and value}
    return make_conninfo("", application_name=APPLICATION, **given) if "host" in given else ""


def build_act_address(task: Task) -> str:
    """By the key for what was approved."""
    return make_conninfo(str(task.keys["remediation_database_url"]), application_name=APPLICATION)
