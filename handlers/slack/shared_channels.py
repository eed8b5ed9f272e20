"""Whether people of another company read in a channel, asked of Slack and not of the database."""

import asyncio

from bot.errors import SlackCallError
from bot.ports import Chat

CHECK_TIMEOUT_S = 0.6
"""Seconds for Slack to say so."""


async def is_internal_channel(chat: Chat, channel: str) -> bool:
    """Whether Slack says that nobody of another company reads there; no when it says nothing, or without a channel."""
    if not channel:
        return False
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            return not (await chat.channel(channel)).shared
    except (SlackCallError, TimeoutError):
        return False
