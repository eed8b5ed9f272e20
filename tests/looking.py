"""The bot's database seen from outside: rows as they stand, and due instants moved instead of waited for."""

from collections.abc import Callable
from typing import Any

import psycopg
from psycopg.rows import dict_row

from sandbox.slack import ImpossibleActionError

Connection = psycopg.Connection[dict[str, Any]]
SCHEMA = "-c search_path=tocsin"
OPEN: dict[str, Connection] = {}
"""The connections of this test by address, closed when it ends: a new one for each question is most of its time."""


def close_connections() -> None:
    """Close what a test opened."""
    while OPEN:
        OPEN.popitem()[1].close()


def holds(true: Callable[[], object]) -> bool:
    """Whether it is true by now. It is not yet when what it looks at is not there: a channel, a row, a message."""
    try:
        return bool(true())
    except (ImpossibleActionError, LookupError):
        return False


class Looking:
    """Reads and moves rows through a connection of its own."""

    def __init__(self, address: str) -> None:
        self._address = address

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """The rows of one statement; through a new connection where the server went away since the last one."""
        kept = self._kept()
        try:
            cursor = kept.execute(query.encode(), values)
        except psycopg.OperationalError:
            if not kept.closed:
                raise
            cursor = self._kept().execute(query.encode(), values)
        return cursor.fetchall() if cursor.description else []

    def _kept(self) -> Connection:
        kept = OPEN.get(self._address)
        if kept is None or kept.closed:
            kept = psycopg.connect(self._address, autocommit=True, row_factory=dict_row, options=SCHEMA)
            OPEN[self._address] = kept
        return kept

    def effects(self, kind: str = "%") -> list[str]:
        """The keys of the effects of one kind, in the order in which they were written."""
        return [
            row["key"] for row in self.rows("select key from outbox where kind like %s order by id", kind)
        ]

    def kinds(self, number: int) -> list[str]:
        """What the timeline of an incident tells."""
        query = "select kind from timeline_entry where incident = %s order by id"
        return [row["kind"] for row in self.rows(query, number)]

    def waiting(self) -> list[dict[str, Any]]:
        """The effects that are not settled and not meant for later, and the looks that are not over."""
        return self.rows(
            "select key, state, error, not_before from outbox"
            " where settled_at is null and not_before < now() + interval '1 hour'"
            " and not (kind = 'MoveToChannel' and not_before > now())"
            " and not (kind = 'PageResponder' and not_before > now() and attempts = 0)"
            " union all select id::text, 'look', null, begun_at from look where ended_at is null"
        )

    def sooner(self, minutes: float) -> None:
        """Let the promised updates and their reminders come that much sooner."""
        self.rows(
            "update incident set notice_at = notice_at - make_interval(secs => %s),"
            " next_update_at = next_update_at - make_interval(secs => %s)",
            minutes * 60,
            minutes * 60,
        )

    def pass_uncertainty(self) -> None:
        """Let the calls that were not answered have been made seven seconds ago: what became of them can be asked."""
        self.rows(
            "update outbox set uncertain_since = uncertain_since - interval '7 seconds', not_before = now()"
            " where settled_at is null and lease_owner is null and uncertain_since > now() - interval '3.5 seconds'"
        )

    def calm(self) -> None:
        """Let what was declared, and who was rung, have been three minutes ago: nothing is taken for a flood then."""
        self.rows("update incident set declared_at = declared_at - interval '3 minutes'")
        self.rows("update page set requested_at = requested_at - interval '3 minutes'")
        self.rows("update way set requested_at = requested_at - interval '3 minutes'")
