"""Changes as they happen: a stream for each tab that says which pieces of its page are others now."""

import asyncio
import json
import secrets
from collections.abc import Sequence
from contextlib import suppress

from aiohttp import web

from sandbox.slack.change_notifier import ChangeNotifier
from sandbox.slack.workspace_model import Json
from sandbox.web_ui.origin_guard import HEADERS
from sandbox.web_ui.regions import BrowserTab, PageRenderer, Region

TOGETHER = 0.01
"""Seconds in which changes are gathered: an API call makes several."""
HEARTBEAT = 15.0
"""Seconds after which a silent stream says that it lives; that is how a closed tab is noticed."""


class LiveUpdates:
    """The streams of one workspace. `state` names what a page was drawn from, in this run of the stand-in."""

    def __init__(self, drawing: PageRenderer, changes: ChangeNotifier, stopping: asyncio.Event) -> None:
        self._drawing, self._changes, self._stopping = drawing, changes, stopping
        self._run = secrets.token_hex(4)

    @property
    def state(self) -> str:
        return f"{self._run}-{self._changes.count}"

    async def stream(self, request: web.Request, tab: BrowserTab, since: str) -> web.StreamResponse:
        """Send what changed until the tab is closed or the stand-in stops.

        Whoever comes back with a `since` that is not the present state is sent every piece with its mark: the page
        keeps what it has already, so nothing can be lost between two connections.
        """
        response = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream"})
        await response.prepare(request)
        with suppress(ConnectionResetError):  # the tab is gone, and nobody reads what is left
            await self._follow(response, tab, since)
        return response

    async def _follow(self, response: web.StreamResponse, tab: BrowserTab, since: str) -> None:
        sent: dict[str, Region] | None = None
        while not self._stopping.is_set():
            state, count = self.state, self._changes.count
            if self._drawing.tab(*tab) != tab:
                await _send(response, state, {"leave": True})
                return
            regions = self._drawing.regions(tab)
            news = compare_regions(sent or {}, regions)
            if sent is None and since != state:
                await _send(response, state, {"whole": True, "run": self._run, **news})
            elif sent is not None and (news["changed"] or news["gone"]):
                await _send(response, state, news)
            sent = {region.key: region for region in regions}
            await self._next(response, count)

    async def _next(self, response: web.StreamResponse, count: int) -> None:
        """Return when there is something to compare."""
        while not self._stopping.is_set() and self._changes.count == count:
            try:
                async with asyncio.timeout(HEARTBEAT):
                    await self._changes.after(count)
            except TimeoutError:
                await response.write(b": still here\n\n")
        await asyncio.sleep(TOGETHER)


def compare_regions(before: dict[str, Region], now: Sequence[Region]) -> Json:
    """The pieces that are new or others, as `[key, mark, html]`, and the keys of those that are gone."""
    keys = {region.key for region in now}
    return {
        "changed": [list(region) for region in now if before.get(region.key, ("", "", ""))[1] != region.mark],
        "gone": [key for key in before if key not in keys],
    }


async def _send(response: web.StreamResponse, state: str, news: Json) -> None:
    await response.write(f"id: {state}\ndata: {json.dumps(news)}\n\n".encode())
