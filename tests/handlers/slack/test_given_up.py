"""What is logged of a request that was given up: a fault of ours with its traceback, nothing of what is no fault."""

import asyncio
import gc
import logging

import pytest

from bot.errors import RequestExpired
from handlers.slack.background_tasks import note_late_end


async def give_up(error: Exception) -> None:
    """End a task that was given up with this error, and leave nothing of it."""

    async def late() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise error from None

    task = asyncio.create_task(late())
    await asyncio.sleep(0)
    task.cancel()
    task.add_done_callback(note_late_end)
    await asyncio.wait({task})
    del task
    gc.collect()


async def test_a_request_that_expired_while_it_was_given_up_is_no_error_of_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    await give_up(RequestExpired())
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_a_fault_of_ours_is_one(caplog: pytest.LogCaptureFixture) -> None:
    await give_up(KeyError("nowhere"))
    [record] = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert record.message == "a request that was given up failed" and record.exc_info is not None
