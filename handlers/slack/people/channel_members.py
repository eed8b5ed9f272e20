"""Who is in a channel now, as far as Slack says: guests and people of other workspaces see what their channels hold."""

import asyncio
import logging
import time
from collections.abc import Callable

from bot.errors import SlackCallError
from bot.ports import Chat

log = logging.getLogger(__name__)

KEPT_FOR, ASKED_WITHIN = 60.0, 1.0
"""Seconds that what Slack said is believed, and that it may take to say it."""


class ChannelMembers:
    """The members of channels, kept for a minute."""

    def __init__(self, chat: Chat, clock: Callable[[], float] = time.monotonic) -> None:
        self._chat, self._clock = chat, clock
        self._known: dict[str, tuple[float, frozenset[str]]] = {}

    async def has(self, channel: str, user: str) -> bool:
        """Whether this person is in the channel; no, when Slack does not say so in time."""
        now = self._clock()
        known = self._known.get(channel)
        if known is None or now - known[0] >= KEPT_FOR:
            self._known = {room: one for room, one in self._known.items() if now - one[0] < KEPT_FOR}
            try:
                async with asyncio.timeout(ASKED_WITHIN):
                    known = now, frozenset(await self._chat.channel_members(channel))
            except (SlackCallError, TimeoutError) as error:
                log.warning("who is in a channel is not known: %s", error or "no answer")
                return False
            self._known[channel] = known
        return user in known[1]

    def forget(self, channel: str) -> None:
        """Somebody came or went."""
        self._known.pop(channel, None)
