"""Waiting for something to become true: woken by changes, never by a timer."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


class ChangeNotifier:
    """Wakes everybody who waits whenever the workspace, the log or an answer changed."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.count = 0

    def touch(self) -> None:
        self.count += 1
        self._event.set()
        self._event = asyncio.Event()

    async def after(self, count: int) -> None:
        """Return once more than `count` changes happened."""
        while self.count <= count:
            await self._event.wait()

    async def wait_for(self, predicate: Callable[[], Found], timeout: float = 30.0, what: str = "") -> Found:
        """What `predicate` returns as soon as it is true. Raises TimeoutError after `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                while True:
                    event = self._event
                    found = predicate()
                    if found:
                        return found
                    await event.wait()
        except TimeoutError:
            raise TimeoutError(f"not seen within {timeout:g} s: {what or predicate!r}") from None
