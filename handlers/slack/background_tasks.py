"""Small calls that may be lost: opening a form, answering only the person who asked. Each is tried once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from bot.errors import TocsinError

log = logging.getLogger(__name__)

TASK_TIMEOUT_S = 2.0
"""Seconds for a call to Slack alone."""

Call = Callable[[], Awaitable[object]]


class BackgroundTasks:
    """Keeps track of the errands under way, so that a stop can wait for them."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def run(
        self, what: str, call: Call, otherwise: Call | None = None, within: float = TASK_TIMEOUT_S
    ) -> None:
        """Start `call` and go on; `otherwise` is tried when it fails or takes longer, for a sentence to the person."""
        task = asyncio.create_task(self._try(what, call, otherwise, within), name=what)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _try(self, what: str, call: Call, otherwise: Call | None, within: float) -> None:
        try:
            async with asyncio.timeout(within):
                await call()
        except Exception as error:  # noqa: BLE001 - it may fail in any way; the person is told when there is a way
            log.warning("%s failed: %s", what, type(error).__name__)
            if otherwise is not None:
                await self._try(f"{what}, telling so", otherwise, None, TASK_TIMEOUT_S)

    async def finish(self) -> None:
        """Wait for the errands under way."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=TASK_TIMEOUT_S)


def note_late_end(task: asyncio.Future[Any]) -> None:
    """For a task that was given up: its person was told. What ends it by our own rules is nothing new; a fault is."""
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, TocsinError):
        log.error("a request that was given up failed", exc_info=error)
