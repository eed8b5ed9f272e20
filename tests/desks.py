"""A desk with the shipped runbook on it, for rules on a real PostgreSQL."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from bot.lifecycle import Desk, Editions, edition
from bot.store import PostgresStore

RUNBOOK = (Path(__file__).parents[1] / "templates" / "runbook.md").read_text(encoding="utf-8")


@asynccontextmanager
async def opened_desk(
    database: str, contacts: Mapping[str, tuple[str, ...]] | None = None
) -> AsyncIterator[Desk]:
    """The runbook is in force and kept; `contacts` are names with their handles."""
    async with PostgresStore(database) as store:
        current = edition(RUNBOOK, "test")
        async with store.transaction() as work:
            await work.keep_edition(current.sha, current.source, current.text)
        yield Desk(store, Editions(current, store), "incident-response", dict(contacts or {}))
