"""Which hosts were reached lately: if all others fail the same way, our own way out is broken."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from bot.domain.finding import Inconclusive, UnknownCause

T = TypeVar("T")

LATELY = 20.0
"""Seconds for which it counts what came of a request."""

PATIENCE = 2.0
"""Seconds to wait for what is asked of others at the same moment, and may not have been sent yet."""

EVERY = 0.05
FEWEST = 2
"""Other hosts that must fail in the same way."""


@dataclass(slots=True)
class Reachability:
    """What came of the requests to each host, by the event loop's time."""

    _failed: dict[str, tuple[float, str]] = field(default_factory=dict)
    _answered: dict[str, float] = field(default_factory=dict)
    _under_way: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def track_request(self, host: str) -> Iterator[None]:
        """Around one request to a host: notes whether it was reached."""
        loop = asyncio.get_running_loop()
        self._under_way[host] += 1
        try:
            yield
            self._answered[host] = loop.time()
        except Inconclusive as why:
            if why.cause is UnknownCause.UNREACHABLE:
                self._failed[host] = loop.time(), _kind(why, host)
            elif why.cause not in (UnknownCause.TIMEOUT, UnknownCause.NOT_CONFIGURED):
                self._answered[host] = loop.time()
            raise
        finally:
            self._under_way[host] -= 1

    async def find_similar_failures(self, host: str) -> tuple[str, ...]:
        """The other hosts that failed lately in the same way, when no other one was reached; empty where one was, or
        where too few failed. Waits a little for those that are being asked."""
        loop = asyncio.get_running_loop()
        until, since = loop.time() + PATIENCE, loop.time() - LATELY
        while loop.time() < until and not self._answers_elsewhere(host, since):
            if not self._asks_others(host) and len(self._list_similar(host, since)) >= FEWEST:
                break
            await asyncio.sleep(EVERY)
        others = self._list_similar(host, since)
        return () if self._answers_elsewhere(host, since) or len(others) < FEWEST else others

    def _answers_elsewhere(self, host: str, since: float) -> bool:
        return any(at >= since for at in _without(self._answered, host).values())

    def _list_similar(self, host: str, since: float) -> tuple[str, ...]:
        """The other hosts that failed since then in the same way."""
        _, kind = self._failed.get(host, (0.0, ""))
        failed = _without(self._failed, host)
        return tuple(other for other, (at, its) in failed.items() if kind and at >= since and its == kind)

    def _asks_others(self, host: str) -> bool:
        return any(_without(self._under_way, host).values())


def _without(by_host: Mapping[str, T], host: str) -> dict[str, T]:
    return {other: value for other, value in by_host.items() if other != host}


def _kind(why: Inconclusive, host: str) -> str:
    """What went wrong, without whose name it is."""
    return why.said.replace(host, "")
