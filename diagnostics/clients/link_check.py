"""Asks whether the links of a runbook still lead somewhere: the LinkChecker port, over the guarded HTTP client."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bot.domain.finding import Inconclusive

if TYPE_CHECKING:
    import httpx

    from diagnostics.clients.http_client import HttpClient

AT_ONCE, MOST_LINKS, TIMEOUT_S, MAX_BODY_BYTES = 5, 50, 5.0, 65_536
"""Links that are asked side by side, and in all; seconds for each; bytes of an answer that are read."""

GONE = {404: "404, not found", 410: "410, gone"}
NO_HEAD = frozenset({403, 404, 405, 410, 501})
"""Statuses after which the page itself is asked for: many servers have no HEAD."""


class LinkCheck:
    """Never to an internal address, also by a redirect, and without any header that says who asks."""

    def __init__(
        self, addresses: Mapping[str, str], transport: "httpx.AsyncBaseTransport | None" = None
    ) -> None:
        """`addresses` are bases that are reached elsewhere, as the diagnostics have them."""
        self._addresses, self._transport = addresses, transport

    async def find_dead(self, urls: Sequence[str]) -> Mapping[str, str]:
        from diagnostics.clients.http_client import HttpClient  # with httpx, which a start does not wait for

        asked = list(dict.fromkeys(urls))[:MOST_LINKS]
        web, turns = HttpClient(self._addresses, transport=self._transport), asyncio.Semaphore(AT_ONCE)
        try:
            found = await asyncio.gather(*(_ask(web, turns, url) for url in asked))
        finally:
            await web.aclose()
        return {url: why for url, why in zip(asked, found, strict=True) if why}


async def _ask(web: "HttpClient", turns: asyncio.Semaphore, url: str) -> str:
    """What it answered when it is not there any more; else empty."""
    async with turns:
        by = asyncio.get_running_loop().time() + TIMEOUT_S
        try:
            answer = await web.ask("HEAD", url, by, most=MAX_BODY_BYTES)
            if answer.status in NO_HEAD:
                answer = await web.ask("GET", url, by, most=MAX_BODY_BYTES)
        except Inconclusive:
            return ""  # nothing can be said of it
        return GONE.get(answer.status, "")
