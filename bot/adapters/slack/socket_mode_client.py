"""Opens Socket Mode connections: Slack gives an address for the app-level token, a websocket is opened there."""

import asyncio
from typing import Self

import aiohttp

from bot.adapters.slack import response_parsers
from bot.adapters.slack.web_client import SlackWebClient, find_proxy
from bot.errors import SlackUnreachable

OPEN_TIMEOUT_S = 10.0
"""Seconds for the address, and again for the websocket."""

HEARTBEAT = 10.0
"""Seconds between our pings. A connection without a pong for half of that counts as broken."""

CLOSE_TIMEOUT_S = 1.0
"""Seconds that Slack has to answer a close."""


class SocketModeConnector:
    """Opens websockets for one app. Use it as an async context manager."""

    def __init__(self, app_token: str, base_url: str) -> None:
        self._wire = SlackWebClient(app_token, base_url, OPEN_TIMEOUT_S)
        self._session: aiohttp.ClientSession | None = None
        self._ahead = ""

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()
        await self._wire.close()

    async def prefetch_address(self) -> None:
        """Get the first address before it is needed, so that a wrong token is known early. Raises as `open`."""
        self._ahead = await self._address()

    async def open(self) -> aiohttp.ClientWebSocketResponse:
        """A websocket to Slack that answers pings and sends its own; nothing of it is read yet.

        Raises SlackRejected, SlackRateLimited, SlackUnreachable or SlackOutcomeUnknown. It is tried once: an address
        serves one time.
        """
        assert self._session is not None
        address, self._ahead = self._ahead or await self._address(), ""
        try:
            async with asyncio.timeout(OPEN_TIMEOUT_S):
                return await self._session.ws_connect(
                    address,
                    heartbeat=HEARTBEAT,
                    timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_TIMEOUT_S),
                    proxy=find_proxy(address),
                )
        except aiohttp.WSServerHandshakeError as error:
            why = f"status {error.status}"
        except (aiohttp.ClientError, TimeoutError) as error:
            why = type(error).__name__
        raise SlackUnreachable(
            f"Slack's websocket could not be opened ({why})"
        )  # outside: the error has the ticket

    async def _address(self) -> str:
        return await self._wire.call("apps.connections.open", response_parsers.parse_address)
