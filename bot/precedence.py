"""Who goes first in the one event loop: what a person waits for or calls one, before all that follows from it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

AT_MOST = 0.05
"""Seconds for which the rest lets others go first each time: under a load that never ends it still gets on."""


class Precedence:
    """Requests and pages take precedence; what is read and recorded for messages lets those go first (`given`), and
    messages are drawn one in each turn of the loop (`turn`).
    """

    def __init__(self) -> None:
        self._ahead = 0
        self._nobody = asyncio.Event()
        self._nobody.set()
        self._drawing = asyncio.Lock()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """While this is done the rest waits."""
        self._ahead += 1
        self._nobody.clear()
        try:
            yield
        finally:
            self._ahead -= 1
            if not self._ahead:
                self._nobody.set()

    async def given(self) -> None:
        """Return when nobody goes first any more, or for AT_MOST already."""
        if self._ahead:
            with suppress(TimeoutError):
                async with asyncio.timeout(AT_MOST):
                    await self._nobody.wait()

    async def turn(self) -> None:
        """Return in a turn of the loop in which nobody else returns from here: between two of them all others run."""
        async with self._drawing:
            await asyncio.sleep(0)
