"""Our own page as the bot's HTTP server shows it: drawn from the database when it is read, and kept for a moment."""

import asyncio
import logging
import time
from collections.abc import Mapping

from bot.adapters.status_pages.own_page import OwnPage
from bot.errors import DatabaseUnavailable

log = logging.getLogger(__name__)

KEPT_S = 1.0
"""Seconds for which a drawing serves: many who read at once cause one."""


class ServedPage:
    """The files by their paths; the last good ones while the database is away."""

    def __init__(self, page: OwnPage) -> None:
        self._page = page
        self._files: Mapping[str, bytes] = {}
        self._drawn_at = float("-inf")
        self._drawing = asyncio.Lock()

    async def files(self) -> Mapping[str, bytes]:
        """Raises DatabaseUnavailable when there were none yet."""
        async with self._drawing:
            if time.monotonic() - self._drawn_at >= KEPT_S:
                try:
                    self._files = await self._page.draw()
                except DatabaseUnavailable as away:
                    if not self._files:
                        raise
                    log.warning("the status page shows its last state: the database %s", away.why)
                self._drawn_at = time.monotonic()
            return self._files
