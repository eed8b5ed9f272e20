"""Who reads an answer, asked of Slack and not of the database."""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import NamedTuple

from bot.errors import SlackCallError
from bot.ports import Chat
from bot.ports.messages import SlackPerson

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


class Audience(NamedTuple):
    """Who reads an answer: whether everybody there is of this company, and whether who asked is a guest or a stranger,
    as far as Slack says so; and the `people` in it by their e-mail addresses."""

    is_internal: bool = False
    has_outsider: bool = False
    people: Mapping[str, str] = MappingProxyType({})


async def find_audience(
    chat: Chat, channel: str, user: str, known: SlackPerson | None, addresses: Iterable[str]
) -> Audience:
    """Who reads an answer to `user` in this channel; `known` is what Slack said of them before. The answer names who
    has these e-mail `addresses`."""
    return Audience(
        *await asyncio.gather(
            is_internal_channel(chat, channel),
            _is_known_outsider(chat, user, known),
            _find_people(chat, addresses),
        )
    )


async def _find_people(chat: Chat, addresses: Iterable[str]) -> Mapping[str, str]:
    """The ids of those who have these addresses, as far as Slack says so in time."""
    people: dict[str, str] = {}

    async def find(address: str) -> None:
        with suppress(SlackCallError, TimeoutError):
            async with asyncio.timeout(CHECK_TIMEOUT_S):
                people[address] = (await chat.find_person_by_email(address)).id

    await asyncio.gather(*map(find, addresses))
    return people


async def _is_known_outsider(chat: Chat, user: str, known: SlackPerson | None) -> bool:
    if known is None and user:
        try:
            async with asyncio.timeout(CHECK_TIMEOUT_S):
                known = await chat.person(user)
        except (SlackCallError, TimeoutError):
            return False
    return known is not None and (known.guest or known.stranger)
