"""How an instant is read from the database."""

from datetime import UTC, datetime

from psycopg.abc import Buffer
from psycopg.adapt import Loader


class UtcLoader(Loader):
    """An instant in UTC, whatever zone the session has: in a zone with summer time, plus 15 minutes, it is another one
    after the clocks were changed."""

    def load(self, data: Buffer) -> datetime:
        """The instant of PostgreSQL's text, which is ISO 8601."""
        return datetime.fromisoformat(bytes(data).decode()).astimezone(UTC)
