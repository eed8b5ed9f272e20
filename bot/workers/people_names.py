"""What the people of the workspace are called, kept in memory: a text for customers must not name them."""

import asyncio
import logging

from bot.errors import SlackCallError
from bot.ports import Chat
from bot.services import ServiceContext

log = logging.getLogger(__name__)

MOST_PEOPLE = 5000
READ_EVERY_S, AGAIN_AFTER_S = 12 * 3600.0, 300.0
"""Seconds between two readings, and after one that Slack refused or did not answer."""


async def watch_people_names(chat: Chat, desk: ServiceContext) -> None:
    """Read them from time to time, where there is a status page at all."""
    while desk.status_pages:
        await asyncio.sleep(READ_EVERY_S if await read_people_names(chat, desk) else AGAIN_AFTER_S)


async def read_people_names(chat: Chat, desk: ServiceContext) -> bool:
    """Read them once; gives whether Slack told. Who left since stays known until the next start."""
    try:
        people = await chat.list_people(MOST_PEOPLE)
    except SlackCallError as error:
        log.warning("who is in the workspace is not known: %s", error)
        return False
    desk.workspace_names.update(name for person in people for name in (person.name, person.real_name) if name)
    return True
