"""Who would read what is announced: asked of Slack before the bot runs, for `check`."""

import asyncio

from bot.adapters.slack.gateway import SLACK, SlackGateway
from bot.errors import SlackCallError
from handlers.outbox.audience import count_channel_members
from templates.paging_sentences import describe_empty_channel, format_channel

LOOKUP_TIMEOUT_S = 5.0
"""Seconds for all that is asked."""


async def find_audience_problem(token: str, base_url: str, channel_name: str) -> str:
    """A sentence when nobody would read the incidents channel, or when that cannot be known; else empty."""
    room = format_channel(channel_name)
    try:
        async with asyncio.timeout(LOOKUP_TIMEOUT_S), SlackGateway(token, base_url or SLACK) as chat:
            identity = await chat.identity()
            is_id = room == channel_name
            found = await (chat.channel(channel_name) if is_id else chat.find_channel(channel_name))
            if found is None:
                return f"{room} does not exist yet: it is made at the first start."
            return (
                ""
                if await count_channel_members(chat, identity.user, found.id)
                else f"{describe_empty_channel(channel_name)}."
            )
    except TimeoutError:
        return f"Who is in {room} is not known: Slack has not answered in {LOOKUP_TIMEOUT_S:.0f} s."
    except SlackCallError as error:
        return f"Who is in {room} is not known: {error}"
