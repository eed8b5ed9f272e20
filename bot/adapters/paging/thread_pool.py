"""Runs the providers' blocking libraries in threads: few at a time, each with a timeout."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from contextvars import copy_context
from typing import TypeVar

from bot.ports import MAY_SEND

T = TypeVar("T")


class WorkNotStarted(Exception):
    """The work was never begun: surely not done."""


class WorkTimedOut(Exception):
    """The work had begun and took too long; it may still end well, and nobody will hear of it."""


class ThreadPool:
    """At most so many threads at a time. They are daemons: a provider that hangs does not hold up the bot's end."""

    def __init__(self, at_most: int) -> None:
        self._free = asyncio.Semaphore(at_most)

    async def run(self, work: Callable[[], T], within: float) -> T:
        """What `work` gives or raises. Raises NotBegun or NotFinished after `within` seconds, and NotBegun when
        this replica may no longer send."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + within
        try:
            async with asyncio.timeout_at(ends):
                await self._free.acquire()
        except TimeoutError:
            raise WorkNotStarted from None
        result: asyncio.Future[T] = loop.create_future()
        context = copy_context()
        threading.Thread(
            target=context.run, args=(self._work, work, loop, result), name="pager", daemon=True
        ).start()
        try:
            async with asyncio.timeout_at(ends):
                return await asyncio.shield(result)
        except TimeoutError:
            if result.done():
                raise
            result.add_done_callback(lambda late: late.cancelled() or late.exception())
            raise WorkTimedOut from None

    def _work(
        self, work: Callable[[], T], loop: asyncio.AbstractEventLoop, result: asyncio.Future[T]
    ) -> None:
        may_send = MAY_SEND.get()
        outcome: T | None = None
        failure: Exception | None = None
        try:
            if may_send is not None and not may_send():
                raise WorkNotStarted
            outcome = work()
        except Exception as error:  # noqa: BLE001 - it is raised again where it is awaited
            failure = error

        def settle() -> None:
            self._free.release()
            if result.done():
                return
            if failure is not None:
                result.set_exception(failure)
            else:
                result.set_result(outcome)  # type: ignore[arg-type] # set whenever nothing was raised

        with contextlib.suppress(RuntimeError):  # the loop has ended before the provider answered
            loop.call_soon_threadsafe(settle)
