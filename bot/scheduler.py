"""The clock: APScheduler only ticks, what is due is in the database."""

import asyncio
import logging
import time

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.errors import StoreAway
from bot.lifecycle import Desk, climb, look_at_ways, look_at_windows, remind

log = logging.getLogger(__name__)

TICK_SECONDS = 0.5
TIDY_MINUTES = 30


class Scheduler:
    """Ticks twice a second while it runs. `last_tick` is the monotonic time of the last one that began."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self.last_tick = time.monotonic()
        self._store_away = ""
        self._busy = asyncio.Lock()

    def start(self) -> None:
        """Begin to tick on the running loop; missed ticks are not made up, the rows wait."""
        once = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
        self._scheduler.add_job(self.tick, "interval", seconds=TICK_SECONDS, id="tick", **once)
        self._scheduler.add_job(self.tidy, "interval", minutes=TIDY_MINUTES, id="tidy", **once)
        self._scheduler.start()

    async def stop(self) -> None:
        """Tick no more, and let the tick under way come to its end: it would be cut off with a traceback."""
        self._scheduler.pause()
        async with self._busy:
            self._scheduler.shutdown(wait=False)

    async def tick(self) -> None:
        """Look at everything that may be due. One that fails is due still at the next tick."""
        self.last_tick = time.monotonic()
        try:
            async with self._busy:
                while await remind(self._desk):
                    self.last_tick = time.monotonic()
                for look in (look_at_ways, climb):
                    while await look(self._desk):
                        self.last_tick = time.monotonic()
                await look_at_windows(self._desk)
            self._store_away = ""
        except StoreAway as away:
            if self._store_away != away.why:  # said once, not every second
                log.warning("tick: the database %s; what is due waits", away.why)
            self._store_away = away.why

    async def tidy(self) -> None:
        """Forget the keys of requests that can no longer come again."""
        try:
            async with self._busy:
                await self._desk.store.forget_old_requests()
        except StoreAway as away:
            log.warning("tidy: the database %s", away.why)
