"""Records that tickets changed at the tracker: they are read there soon."""

import asyncio

from bot.services.context import ServiceContext


class TicketChanges:
    """Many deliveries at once take one connection of the database: while one is written the others gather, and are
    written together."""

    def __init__(self, desk: ServiceContext) -> None:
        self._desk, self._waiting, self._turn = desk, set[str](), asyncio.Lock()

    async def record(self, ticket: str) -> None:
        """Returns when it is recorded, though by another's statement. An empty id only says that the webhook came.
        Raises DatabaseUnavailable."""
        self._waiting.add(ticket)
        async with self._turn:
            if ticket not in self._waiting:
                return
            told, self._waiting = self._waiting, set()
            try:
                async with self._desk.store.transaction() as tx:
                    await tx.note_ticket_changes(self._desk.tracker, sorted(told - {""}))
            except BaseException:
                self._waiting |= told
                raise
