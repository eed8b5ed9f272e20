"""Looks up the names of people, channels and usergroups, for mentions that come without one."""

import asyncio
import time
from collections.abc import Collection, Mapping
from contextlib import suppress

from bot.adapters.slack import response_parsers
from bot.adapters.slack.web_client import SlackWebClient
from bot.errors import SlackCallError
from bot.ports.messages import BotIdentity

CACHE_TTL_S = 3600.0
"""Seconds for which a name is believed."""

HIDDEN = "private-channel"
"""What a private channel is called: its name is for those who are in it."""


class NameLookup:
    """Asks Slack once for each name, and remembers it."""

    def __init__(self, wire: SlackWebClient) -> None:
        self._wire = wire
        self._known: dict[str, tuple[str, float]] = {}

    async def of(self, ids: Collection[str], me: BotIdentity) -> Mapping[str, str]:
        """The names by id; who Slack does not tell, or not now, is left out."""
        now = time.monotonic()
        new = {id for id in ids if id not in self._known or now - self._known[id][1] > CACHE_TTL_S}
        asks = [self._ask(id, me) for id in new if not id.startswith("S")]
        if any(id.startswith("S") for id in new):  # one call tells of all usergroups
            asks.append(self._groups())
        await asyncio.gather(*asks)
        return {id: self._known[id][0] for id in ids if id in self._known}

    async def _ask(self, id: str, me: BotIdentity) -> None:
        if id.startswith(("U", "W")):
            await self._person(id, me)
        elif id.startswith(("C", "G")):
            await self._channel(id)

    async def _person(self, id: str, me: BotIdentity) -> None:
        with suppress(SlackCallError):
            found = await self._wire.call(
                "users.info", lambda answer: response_parsers.parse_person(answer, me), user=id
            )
            self._learn(id, found.name)

    async def _channel(self, id: str) -> None:
        with suppress(SlackCallError):
            found = await self._wire.call(
                "conversations.info", response_parsers.parse_channel_label, channel=id
            )
            self._learn(id, found or HIDDEN)

    async def _groups(self) -> None:
        with suppress(SlackCallError):
            for id, handle in (
                await self._wire.call("usergroups.list", response_parsers.parse_handles)
            ).items():
                self._learn(id, handle)

    def _learn(self, id: str, name: str) -> None:
        self._known[id] = (name, time.monotonic())
