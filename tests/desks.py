"""A desk with the shipped runbook on it, for rules on a real PostgreSQL."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from bot.adapters.database import PostgresStore
from bot.services import RunbookVersions, ServiceContext, build_version

RUNBOOK = (Path(__file__).parents[1] / "templates" / "runbook.md").read_text(encoding="utf-8")


@asynccontextmanager
async def opened_desk(
    database: str, contacts: Mapping[str, tuple[str, ...]] | None = None
) -> AsyncIterator[ServiceContext]:
    """The runbook is in force and kept; `contacts` are names with their handles."""
    async with PostgresStore(database) as store:
        current = build_version(RUNBOOK, "test")
        async with store.transaction() as tx:
            await tx.save_runbook_version(current.sha, current.source, current.text)
        yield ServiceContext(
            store, RunbookVersions(current, store), "incident-response", dict(contacts or {})
        )
