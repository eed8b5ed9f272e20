"""The scheduler: APScheduler only ticks, the database says what is due."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.domain.timeline_proof import TimelineHead
from bot.errors import DatabaseUnavailable
from bot.ports.due_work import DueWork
from bot.services import (
    ServiceContext,
    escalate_due,
    find_due_work,
    process_due_attempts,
    process_due_shifts,
    process_due_windows,
    propose_changed_reviews,
    release_due_pages,
    remind_of_due_actions,
    remind_public_promises,
    schedule_digest,
    send_due_reminders,
)

log = logging.getLogger(__name__)

TICK_SECONDS = 0.5
TIDY_MINUTES = 30
HEADS_EVERY = timedelta(days=1)
"""How often the heads of timelines go into the log."""

Look = Callable[[ServiceContext], Awaitable[int]]

AGAIN: Mapping[DueWork, Look] = {
    DueWork.REMINDER: send_due_reminders,
    DueWork.PAGE_ATTEMPT: process_due_attempts,
    DueWork.ESCALATION: escalate_due,
    DueWork.SHIFT: process_due_shifts,
    DueWork.ACTION: remind_of_due_actions,
    DueWork.PUBLIC_PROMISE: remind_public_promises,
    DueWork.REVIEW_PROPOSAL: propose_changed_reviews,
}
"""What is done for what is due, as long as there is more of it."""

HEADS_A_LINE = 50
WATCH_SECONDS = 0.5
STEP_SECONDS = 1.0
"""By how much the wall clock may part from the monotonic one before the jobs are scheduled anew."""


class Scheduler:
    """Ticks twice a second while it runs. `last_tick` is the monotonic time of the last one that began.

    APScheduler plans its next run by the wall clock: one that is set back would stop it for as long as the step.
    """

    def __init__(self, desk: ServiceContext, may_act: Callable[[], bool] = lambda: True) -> None:
        """While `may_act` says no, what is due waits."""
        self._desk, self._may_act = desk, may_act
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self.last_tick = time.monotonic()
        self._store_away = ""
        self._heads_at = float("-inf")
        self._busy = asyncio.Lock()
        self._is_stopping = False
        self._watching: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to tick on the running loop; missed ticks are not made up, the rows wait."""
        once = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
        self._scheduler.add_job(self.tick, "interval", seconds=TICK_SECONDS, id="tick", **once)
        self._scheduler.add_job(self.tidy, "interval", minutes=TIDY_MINUTES, id="tidy", **once)
        self._scheduler.start()
        self._watching = asyncio.create_task(self._watch_clock(), name="clock")

    async def stop(self) -> None:
        """Tick no more, and let the tick under way come to its end: it would be cut off with a traceback."""
        if self._watching is not None:
            self._watching.cancel()
        self._is_stopping = True
        self._scheduler.pause()
        async with self._busy:
            self._scheduler.shutdown(wait=False)

    async def tick(self) -> None:
        """Check everything that may be due. One that fails is due still at the next tick."""
        self.last_tick = time.monotonic()
        if not self._may_act():
            return
        try:
            async with self._busy:
                if (
                    self._is_stopping
                ):  # APScheduler cancels what waited for its turn a moment after it is told to end
                    return
                await self._process(await find_due_work(self._desk))
            self._store_away = ""
        except DatabaseUnavailable as away:
            if self._store_away != away.why:  # said once, not every second
                log.warning("due work waits: the database %s; retrying at the next tick", away.why)
            self._store_away = away.why

    async def _process(self, due: Collection[DueWork]) -> None:
        if DueWork.HELD_PAGE in due:
            await release_due_pages(self._desk)
        for work, look in AGAIN.items():
            while work in due and await look(self._desk):
                self.last_tick = time.monotonic()
        if DueWork.CHECKLIST_WINDOW in due:
            await process_due_windows(self._desk)

    async def _watch_clock(self) -> None:
        """Schedule the jobs anew, from now on, when the wall clock was set."""
        apart = _apart()
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            step = _apart() - apart
            if abs(step) > STEP_SECONDS:
                apart += step
                how = "ahead" if step > 0 else "back"
                log.warning(
                    "this machine's clock was set %s by %.0f s; the scheduler's jobs are planned again",
                    how,
                    abs(step),
                )
                self._scheduler.reschedule_job("tick", trigger="interval", seconds=TICK_SECONDS)
                self._scheduler.reschedule_job("tidy", trigger="interval", minutes=TIDY_MINUTES)

    async def tidy(self) -> None:
        """Forget the keys of requests that can no longer come again, see whether a month is over; once a day log the
        timelines' heads."""
        try:
            async with self._busy:
                await self._desk.store.forget_old_requests()
                if self._may_act():
                    await schedule_digest(self._desk, datetime.now(UTC))
                if time.monotonic() - self._heads_at >= HEADS_EVERY.total_seconds():
                    log_heads(await self._desk.store.list_timeline_heads(HEADS_EVERY * 2))
                    self._heads_at = time.monotonic()
        except DatabaseUnavailable as away:
            log.warning("cannot delete old requests: the database %s; retrying at the next run", away.why)


def log_heads(heads: Sequence[TimelineHead]) -> None:
    """Let the heads leave the database: what is changed before them later is found by `tocsin verify --heads`."""
    for first in range(0, len(heads), HEADS_A_LINE):
        log.info("timeline heads: %s", " ".join(head.text for head in heads[first : first + HEADS_A_LINE]))


def _apart() -> float:
    """By how many seconds the wall clock and the monotonic clock are apart."""
    return time.time() - time.monotonic()
