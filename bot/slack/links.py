"""The way to Socket Mode: Slack gives an address for the app-level token, a websocket is opened there."""

import asyncio
from typing import Self

import aiohttp

from bot.errors import ChatAway
from bot.slack import answers
from bot.slack.wire import Wire, proxy_for

OPEN_WITHIN = 10.0
"""Seconds for the address, and again for the websocket."""

HEARTBEAT = 10.0
"""Seconds between our pings. A connection without a pong for half of that counts as broken."""

GOODBYE_WITHIN = 1.0
"""Seconds that Slack has to answer a close."""


class SlackLinks:
    """Opens websockets for one app. Use it as an async context manager."""

    def __init__(self, app_token: str, base_url: str) -> None:
        self._wire = Wire(app_token, base_url, OPEN_WITHIN)
        self._session: aiohttp.ClientSession | None = None
        self._ahead = ""

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()
        await self._wire.close()

    async def ask_ahead(self) -> None:
        """Get the first address before it is needed, so that a wrong token is known early. Raises as `open`."""
        self._ahead = await self._address()

    async def open(self) -> aiohttp.ClientWebSocketResponse:
        """A websocket to Slack that answers pings and sends its own; nothing of it is read yet.

        Raises ChatRefused, ChatLimited, ChatAway or ChatUnknown. It is tried once: an address serves one time.
        """
        assert self._session is not None
        address, self._ahead = self._ahead or await self._address(), ""
        try:
            async with asyncio.timeout(OPEN_WITHIN):
                return await self._session.ws_connect(
                    address,
                    heartbeat=HEARTBEAT,
                    timeout=aiohttp.ClientWSTimeout(ws_close=GOODBYE_WITHIN),
                    proxy=proxy_for(address),
                )
        except aiohttp.WSServerHandshakeError as error:
            why = f"status {error.status}"
        except (aiohttp.ClientError, TimeoutError) as error:
            why = type(error).__name__
        raise ChatAway(f"Slack's websocket could not be opened ({why})")  # outside: the error has the ticket

    async def _address(self) -> str:
        return await self._wire.call("apps.connections.open", answers.address)
