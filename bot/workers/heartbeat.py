"""Pings an address while everything really works, so that somebody else notices when it does not."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from bot.errors import DatabaseUnavailable, SlackCallError
from bot.ports import Chat, Store

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

BEAT_EVERY_S = 30.0
WITHIN_S = 60.0
"""Seconds within which a tick, a write and an answer of Slack must have worked, and nothing may have failed."""

TIMEOUT_S = 10.0


class Vitals(Protocol):
    """What is known to be wrong, in sentences, and the monotonic time of the scheduler's last tick."""

    @property
    def last_tick(self) -> Callable[[], float]: ...
    def list_troubles(self) -> Sequence[str]: ...


class Failures(Protocol):
    """The last delivery that failed: the monotonic time of it, and which one it was."""

    failed_at: float
    failure: str


class Heartbeat:
    """Beats until it is cancelled. `beaten_at` is the monotonic time at which the address took the last one."""

    def __init__(self, url: str, store: Store, chat: Chat, vitals: Vitals, failures: Failures) -> None:
        self._url, self._store, self._chat = url, store, chat
        self._vitals, self._failures = vitals, failures
        self.beaten_at = float("-inf")
        self._withheld = ""

    async def run(self) -> None:
        """Beat, for ever."""
        import httpx  # three megabytes, which nobody pays for without a heartbeat

        async with httpx.AsyncClient(timeout=TIMEOUT_S) as client:
            while True:
                await self.beat(client)
                await asyncio.sleep(BEAT_EVERY_S)

    async def beat(self, client: "httpx.AsyncClient") -> str:
        """Try everything once and ping if it worked; why not, in words."""
        import httpx

        why = await self._find_reason()
        if not why:
            try:
                (await client.get(self._url)).raise_for_status()
                self.beaten_at = time.monotonic()
            except httpx.HTTPError as error:
                why = f"its address does not take it ({type(error).__name__})"
        if why != self._withheld:  # said once, not every half minute
            log.warning("heartbeat withheld: %s", why) if why else log.info("the heartbeat goes on")
        self._withheld = why
        return why

    async def _find_reason(self) -> str:
        """What does not work; empty when everything does."""
        failures, database, slack = self._failures, await self._try_database(), await self._try_slack()
        checks = (
            database,
            slack,
            *self._vitals.list_troubles(),
            f"{failures.failure} failed" if self._is_recent(failures.failed_at) else "",
            "" if self._is_recent(self._vitals.last_tick()) else "the scheduler does not tick",
        )
        return next((why for why in checks if why), "")

    def _is_recent(self, at: float) -> bool:
        return time.monotonic() - at <= WITHIN_S

    async def _try_database(self) -> str:
        try:
            return "a page failed" if await self._store.write_heartbeat(WITHIN_S) else ""
        except DatabaseUnavailable as away:
            return f"the database {away.why}"

    async def _try_slack(self) -> str:
        try:
            await self._chat.identity()
        except SlackCallError as error:
            return f"Slack does not answer auth.test: {error}"
        return ""
