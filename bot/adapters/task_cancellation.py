"""Cancels a task and waits for its end, whatever it waits for."""

import asyncio
import logging

log = logging.getLogger(__name__)

STOP_TIMEOUT_S = 6.0
"""Seconds for a loop to end: a little more than what is under way is given."""


async def cancel_task(task: asyncio.Task[None]) -> None:
    """Before Python 3.12 `asyncio.wait_for`, by which the pool waits for a connection, loses a cancellation that comes
    in the moment when it has what it waits for: then it is asked once more."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=STOP_TIMEOUT_S)
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("task %s failed: %r", task.get_name(), error)
