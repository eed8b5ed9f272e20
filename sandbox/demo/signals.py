"""An end in good order when somebody has seen enough."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any


async def run_until_signal(work: Coroutine[Any, Any, int]) -> int:
    """What the work gives; 130 when Ctrl-C or a SIGTERM ended it, after it has put everything away.

    More of them while it does so change nothing: half put away would be processes left behind.
    """
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()

    def asked() -> None:
        if not task.cancelling():
            task.cancel()

    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, asked)
    try:
        return await task
    except asyncio.CancelledError:
        print("\nStopped.", flush=True)
        return 130
