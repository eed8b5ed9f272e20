"""A browser's side of the page, without a browser: what it asks and what it is sent."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from sandbox.slack import Slack
from sandbox.web_ui import AppCommands, build_page_routes
from sandbox.web_ui.app_commands import CommandUsage, Shortcut

OFFER = AppCommands(
    "/incident",
    (
        CommandUsage("declare", "declare p0 WORDS", "declare at once"),
        CommandUsage("ack", "ack", "come to help"),
    ),
    (Shortcut("add_to_timeline", "Add to the timeline"),),
)
OWN = {"Sec-Fetch-Site": "same-origin"}


@asynccontextmanager
async def slack_with_page() -> AsyncIterator[Slack]:
    """A stand-in with its page."""
    running = await Slack.start(events_again=(0.0,), also=build_page_routes(OFFER))
    yield running
    await running.stop()


@dataclass
class Window:
    """One tab: who looks, and the connection."""

    slack: Slack
    who: str
    http: aiohttp.ClientSession
    at: str = ""
    thread: str = ""

    async def page(self, **headers: str) -> str:
        """The page as it is sent when the tab is opened."""
        async with self.http.get(f"{self.slack.url}/", params=self._query(), headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.text()

    async def act(self, name: str, status: int = 200, /, **what: Any) -> str:
        """Do something as this person; gives the sentence that they are told."""
        body = {"as": self.who, "channel": self.at, **what}
        async with self.http.post(f"{self.slack.url}/act/{name}", json=body, headers=OWN) as answer:
            assert answer.status == status, await answer.text()
            said: str = (await answer.json())["say"]
            return said

    @asynccontextmanager
    async def live(self, since: str, **headers: str) -> AsyncIterator["Stream"]:
        """The stream of changes, from this state on."""
        query = {**self._query(), "since": since}
        async with self.http.get(f"{self.slack.url}/live", params=query, headers=OWN | headers) as answer:
            assert answer.status == 200, await answer.text()
            yield Stream(answer)

    def _query(self) -> dict[str, str]:
        return {"as": self.who, "at": self.at, "thread": self.thread}


@dataclass
class Stream:
    """What is sent to a tab. `shown` is what it shows by key, as far as it was sent."""

    answer: aiohttp.ClientResponse
    state: str = ""
    shown: dict[str, str] = field(default_factory=dict)

    async def next(self) -> dict[str, Any]:
        """The next change, as the page applies it."""
        while True:
            async with asyncio.timeout(60):
                line = (await self.answer.content.readline()).decode()
            assert line, "the stream ended"
            if line.startswith("id: "):
                self.state = line[4:].strip()
            if line.startswith("data: "):
                news: dict[str, Any] = json.loads(line[6:])
                for key in news.get("gone", ()):
                    self.shown.pop(key, None)
                self.shown |= {key: html for key, _, html in news.get("changed", ())}
                return news

    async def until(self, words: str, key: str = "") -> str:
        """Wait until a piece whose key begins so shows the words; gives it."""
        while True:
            for each, html in self.shown.items():
                if each.startswith(key) and words in html:
                    return html
            await self.next()


def state_of(page: str) -> str:
    """The state that a page was drawn from."""
    found = re.search(r'data-state="([^"]+)"', page)
    assert found
    return found[1]


def channels_in(page: str) -> set[str]:
    """The names of the conversations in the sidebar."""
    return set(re.findall(r'<span class="name">([^<]*)</span>', page))
