"""How long a request waits for Slack to say what it needs: Slack's silence counts, a pause of ours does not."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

LOOKUP_TIMEOUT_S = 1.2
"""Seconds for Slack to say who somebody is; Slack itself gives up on us after three."""

STOOD_STILL_S, AGAIN_S = 0.2, 0.6
"""A time-out that comes so many seconds late shows that this process stood still; then so many more are given."""


async def look_up_in_time(look_up: Callable[[], Awaitable[T]]) -> T:
    """What the look-up gives. Raises TimeoutError, and what it raises.

    After a pause of this process the time is over though Slack may have answered: it is asked once more.
    """
    loop = asyncio.get_running_loop()
    due = loop.time() + LOOKUP_TIMEOUT_S
    try:
        async with asyncio.timeout_at(due):
            return await look_up()
    except TimeoutError:
        if loop.time() - due < STOOD_STILL_S:
            raise
    async with asyncio.timeout(AGAIN_S):
        return await look_up()
