"""The bot's database seen from outside: rows as they stand, and due instants moved instead of waited for."""

from typing import Any

import psycopg
from psycopg.rows import dict_row


class Looking:
    """Reads and moves rows through a connection of its own."""

    def __init__(self, address: str) -> None:
        self._address = address

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """The rows of one statement."""
        with psycopg.connect(self._address, autocommit=True, row_factory=dict_row) as connection:
            connection.execute("set search_path to tocsin")
            cursor = connection.execute(query.encode(), values)
            return cursor.fetchall() if cursor.description else []

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
        looks = self.rows("select id as key, 'look' as state from look where ended_at is null")
        return looks + self.rows(
            "select key, state, error, not_before from outbox"
            " where state in ('pending', 'sending') and not_before < now() + interval '1 hour'"
            " and not (kind = 'MoveToChannel' and not_before > now())"
        )

    def sooner(self, minutes: float) -> None:
        """Let the promised updates and their reminders come that much sooner."""
        self.rows(
            "update incident set notice_at = notice_at - make_interval(secs => %s),"
            " next_update_at = next_update_at - make_interval(secs => %s)",
            minutes * 60,
            minutes * 60,
        )
