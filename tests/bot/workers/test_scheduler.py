"""The clock's end: a tick that is under way comes to its own."""

import asyncio
from typing import cast

import pytest

from bot.errors import DatabaseUnavailable
from bot.ports import Store
from bot.ports.due_work import DueWork
from bot.services import RunbookVersions, ServiceContext, build_version
from bot.workers.scheduler import Scheduler


class Slow:
    """A store whose database answers when it is told to, and then that it is away."""

    def __init__(self) -> None:
        self.asked, self.answer = asyncio.Event(), asyncio.Event()

    async def find_due_work(self, *_: object) -> frozenset[DueWork]:
        self.asked.set()
        await self.answer.wait()
        raise DatabaseUnavailable("The database does not answer.")


async def test_a_stop_during_a_tick_waits_for_its_end_and_leaves_no_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    slow = Slow()
    store = cast(Store, slow)
    scheduler = Scheduler(
        ServiceContext(
            store, RunbookVersions(build_version("# Runbook", "here"), store), "incident-response", {}
        )
    )
    scheduler.start()
    async with asyncio.timeout(60):
        await slow.asked.wait()
        stopping = asyncio.create_task(scheduler.stop())
        await asyncio.sleep(0)
        assert not stopping.done()
        slow.answer.set()
        await stopping
    assert [record for record in caplog.records if record.exc_info] == []
    assert "due work waits: the database does not answer" in caplog.text
