"""Watches the outbox for effects that no running version supports."""

import asyncio
import logging
import uuid
from datetime import timedelta

from bot.errors import DatabaseUnavailable
from bot.ports import UnsupportedEffect
from bot.services.context import ServiceContext
from bot.services.unsupported_effects import abandon_effect, explain_unsupported, skip_unsupported_page

log = logging.getLogger(__name__)

CHECK_INTERVAL_S = 1.0
"""Seconds between two looks."""

NAMED_AFTER, GIVEN_UP_AFTER = timedelta(seconds=60), timedelta(minutes=15)

MAX_ROWS = 200
"""Rows that are looked at in one go."""

MAX_NAMED_ROWS = 5
"""Of so many the health page tells the keys."""


class UnsupportedEffectsMonitor:
    """Runs until it is cancelled. `overdue` are the rows that wait for longer than a minute."""

    def __init__(self, desk: ServiceContext) -> None:
        self._desk = desk
        self._told: set[int] = set()
        self._named: set[int] = set()
        self.overdue: tuple[UnsupportedEffect, ...] = ()

    async def run(self) -> None:
        """Look again and again."""
        while True:
            try:
                await self.check()
            except DatabaseUnavailable:
                pass  # delivery says it
            except Exception:
                log.exception(
                    "checking for unsupported effects failed, error %s; retrying", uuid.uuid4().hex[:8]
                )
            await asyncio.sleep(CHECK_INTERVAL_S)

    async def check(self) -> None:
        """Let others pass, tell of pages at once, name what waits for long, and give up what waited for too long."""
        rows = await self._desk.store.list_unsupported(MAX_ROWS)
        self.overdue = tuple(row for row in rows if row.since >= NAMED_AFTER)
        for row in rows:
            if row.is_urgent and row.id not in self._told:
                await self._tell(row)
            if row.since >= NAMED_AFTER and row.id not in self._named:
                self._named.add(row.id)
                log.error(
                    "%s: waiting for %d s: %s", row.key, row.since.total_seconds(), explain_unsupported(row)
                )
            if row.since >= GIVEN_UP_AFTER:
                await self._give_up(row)
        waiting = {row.id for row in rows}
        self._told &= waiting
        self._named &= waiting

    async def _tell(self, row: UnsupportedEffect) -> None:
        async with self._desk.store.transaction() as tx:
            await skip_unsupported_page(self._desk, tx, row)
        self._told.add(row.id)
        log.error("%s: nobody is paged by it: %s", row.key, explain_unsupported(row))

    async def _give_up(self, row: UnsupportedEffect) -> None:
        async with self._desk.store.mark_abandoned(row, explain_unsupported(row)) as tx:
            if tx is not None:
                log.error("%s: moved to dead letters: %s", row.key, explain_unsupported(row))
                await abandon_effect(tx, row)

    def trouble(self) -> str:
        """What waits for a newer version, in a sentence; empty when nothing does."""
        if not self.overdue:
            return ""
        more = f" and {len(self.overdue) - MAX_NAMED_ROWS} more" if len(self.overdue) > MAX_NAMED_ROWS else ""
        keys = ", ".join(f"{row.key} ({row.kind})" for row in self.overdue[:MAX_NAMED_ROWS])
        return (
            f"no running version of Tocsin can perform {keys}{more}: start the newer version again, "
            "or give them up with ./tocsin outbox skip ID"
        )
