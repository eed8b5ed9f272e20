"""What an operator types, in this process, and incidents in a database without a bot."""

import json
from typing import Any

import psycopg
from click.testing import CliRunner, Result

from bot.cli.main import main

INCIDENT = (
    "insert into incident (title, severity, commander, declared_by, edition, private, status, closed_at)"
    " values (%s, 'P0', 'U0ANA', 'U0ANA', 'sha', %s, %s, now() - make_interval(months => %s)) returning number"
)


def operate(database: str, *words: str, given: str | None = None, **settings: str) -> Result:
    """The result of `tocsin WORDS` with this database; `given` is its standard input."""
    env = {"TOCSIN_DATABASE_URL": database, "TOCSIN_SECRETS_DIR": "/nowhere", **settings}
    return CliRunner().invoke(main, list(words), input=given, env=env, catch_exceptions=False)


def connect(database: str) -> psycopg.Connection[Any]:
    """A connection of the schema's owner."""
    connection = psycopg.connect(database, autocommit=True, options="-c search_path=tocsin")
    connection.execute(
        "insert into edition (sha, source, text) values ('sha', 'x', '# x') on conflict do nothing"
    )
    return connection


def add_incident(
    connection: psycopg.Connection[Any],
    title: str = "API is down",
    private: bool = False,
    status: str = "investigating",
    months: int = 0,
) -> int:
    """A new incident with three timeline entries: its declaration, an acknowledgement of Bruno's, a note of Ana's."""
    row = connection.execute(INCIDENT, (title, private, status, months)).fetchone()
    assert row is not None
    number = int(row[0])
    add_entry(connection, number, "U0ANA", "declared", severity="P0", title=title)
    add_entry(connection, number, "U0BRUNO", "acknowledged", seconds="130")
    add_entry(
        connection, number, "U0ANA", "note_added", text="Bruno Silva says the pool is full: *1* <@U0BRUNO>"
    )
    return number


def add_entry(connection: psycopg.Connection[Any], number: int, actor: str, kind: str, **detail: str) -> None:
    """One more entry, as any version writes it."""
    connection.execute(
        "insert into timeline_entry (incident, actor, kind, detail) values (%s, %s, %s, %s)",
        (number, actor, kind, json.dumps(detail)),
    )


def forge(connection: psycopg.Connection[Any], statement: str) -> None:
    """What only the schema's owner can do: the triggers are off meanwhile."""
    connection.execute("alter table timeline_entry disable trigger user")
    connection.execute(statement.encode())
    connection.execute("alter table timeline_entry enable trigger user")
