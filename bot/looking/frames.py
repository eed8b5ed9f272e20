"""What the bot and the process that asks say to each other: pickled values on a socket of their own."""

import asyncio
import pickle
from typing import Any

SIZE = 4
"""Bytes before each value that say how long it is."""


def framed(value: object) -> bytes:
    """The value as it is sent."""
    told = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    return len(told).to_bytes(SIZE) + told


WARM, PLAN, ASK, FORGET = "warm", "plan", "ask", "forget"
"""What the bot says: (number, one of these, values)."""

HEARD, DONE, FAILED, GONE = "heard", "done", "failed", "gone"
"""What comes back: (number, one of these, value); the last one when nobody is there any more."""


LETS_GO_WITHIN = 3.0
"""Seconds for the process, when the bot is gone, to stop what goes on at the other side, such as a billed query."""


async def read(reader: asyncio.StreamReader) -> Any:
    """The next value. Raises EOFError when the other side is gone."""
    try:
        size = int.from_bytes(await reader.readexactly(SIZE))
        told = await reader.readexactly(size)
    except (asyncio.IncompleteReadError, ConnectionError):
        raise EOFError from None
    return pickle.loads(told)  # noqa: S301 - our own program wrote it
