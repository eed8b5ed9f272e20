"""The clock's end: a tick that is under way comes to its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from bot.errors import StoreAway
from bot.lifecycle import Desk, Editions, edition
from bot.ports import Store
from bot.scheduler import Scheduler


class Slow:
    """A store whose database answers when it is told to, and then that it is away."""

    def __init__(self) -> None:
        self.asked, self.answer = asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Any]:
        self.asked.set()
        await self.answer.wait()
        yield Gone()


class Gone:
    async def due_notices(self, limit: int) -> None:
        raise StoreAway("The database does not answer.")


async def test_a_stop_during_a_tick_waits_for_its_end_and_leaves_no_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    slow = Slow()
    store = cast(Store, slow)
    scheduler = Scheduler(Desk(store, Editions(edition("# Runbook", "here"), store), "incident-response", {}))
    scheduler.start()
    async with asyncio.timeout(5):
        await slow.asked.wait()
        stopping = asyncio.create_task(scheduler.stop())
        await asyncio.sleep(0)
        assert not stopping.done()
        slow.answer.set()
        await stopping
    assert [each for each in caplog.records if each.exc_info] == []
    assert "tick: the database does not answer" in caplog.text
