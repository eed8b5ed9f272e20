"""Who may approve a remediation, read fresh from Slack."""

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.ports import Chat
from bot.services.context import ServiceContext
from bot.services.remediation_records import list_approver_handles
from bot.text.person_placeholders import mark_person

MAX_NAMED = 8


@dataclass(frozen=True, slots=True)
class ApproverList:
    """The people who may approve, by their ids, and the words for them with mentions."""

    people: frozenset[str]
    words: str


async def list_approvers(desk: ServiceContext, chat: Chat, names: Iterable[str]) -> ApproverList:
    """The people behind the names: Slack handles, user groups and contacts. Raises SlackCallError."""
    handles = [handle for handle in list_approver_handles(desk, names) if handle.startswith("slack:")]
    found = await asyncio.gather(*(_resolve(chat, handle.removeprefix("slack:")) for handle in handles))
    people = dict.fromkeys(person for group in found for person in group)
    mentions = ", ".join(f"{mark_person(person)}" for person in list(people)[:MAX_NAMED])
    more = f" and {len(people) - MAX_NAMED} more" if len(people) > MAX_NAMED else ""
    return ApproverList(frozenset(people), f"{mentions}{more}")


async def _resolve(chat: Chat, handle: str) -> list[str]:
    if "@" in handle:
        return [(await chat.find_person_by_email(handle)).id]
    if re.fullmatch(r"S[A-Z0-9]+", handle):
        return list(await chat.list_usergroup_members(handle))
    return [handle]
