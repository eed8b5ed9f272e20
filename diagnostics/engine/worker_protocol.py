"""Messages between the bot and the diagnostics worker: pickled values in frames."""

import asyncio
import pickle
from typing import Any

from bot import child_process

WARM, PLAN, ASK, FORGET = "warm", "plan", "ask", "forget"
"""What the bot sends: (number, one of these, values)."""

HEARD, DONE, FAILED, GONE = "heard", "done", "failed", "gone"
"""What comes back: (number, one of these, value); the last one when the worker is gone."""

SHUTDOWN_GRACE_S = 3.0
"""How long the worker, when the bot is gone, may take to stop what goes on elsewhere, such as a billed query."""


def encode_frame(value: object) -> bytes:
    """The value as it is sent."""
    return child_process.pack_frame(pickle.dumps(value, pickle.HIGHEST_PROTOCOL))


async def read_frame(reader: asyncio.StreamReader) -> Any:
    """The next value. Raises EOFError when the other side is gone."""
    return pickle.loads(await child_process.read_frame(reader))  # noqa: S301 - our own program wrote it
