"""Who goes first in the one event loop: what a person waits for or calls one, before all that follows from it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

AT_MOST = 0.025
"""Seconds for which the rest lets others go first: under a load that never ends it still gets on."""


class Precedence:
    """Requests and pages take precedence; messages, recorded findings and the like come one at a time, in turns of the
    loop of their own, and let those go first.
    """

    def __init__(self) -> None:
        self._ahead = 0
        self._nobody = asyncio.Event()
        self._nobody.set()
        self._one = asyncio.Lock()

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
        """Return when it is this one's turn: nobody goes first any more, or for AT_MOST already."""
        async with self._one:
            if self._ahead:
                with suppress(TimeoutError):
                    async with asyncio.timeout(AT_MOST):
                        await self._nobody.wait()
