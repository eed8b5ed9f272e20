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
    """The people who may approve, by their ids in the file's order."""

    ordered: tuple[str, ...]

    @property
    def people(self) -> frozenset[str]:
        return frozenset(self.ordered)

    @property
    def words(self) -> str:
        """All of them with mentions."""
        return self.name_others()

    def name_others(self, *apart: str) -> str:
        """Those who are not `apart`, with mentions."""
        listed = [person for person in self.ordered if person not in apart]
        more = f" and {len(listed) - MAX_NAMED} more" if len(listed) > MAX_NAMED else ""
        return f"{', '.join(map(mark_person, listed[:MAX_NAMED]))}{more}"


async def list_approvers(desk: ServiceContext, chat: Chat, names: Iterable[str]) -> ApproverList:
    """The people behind the names: Slack handles, user groups and contacts. Raises SlackCallError."""
    handles = [handle for handle in list_approver_handles(desk, names) if handle.startswith("slack:")]
    found = await asyncio.gather(*(_resolve(chat, handle.removeprefix("slack:")) for handle in handles))
    return ApproverList(tuple(dict.fromkeys(person for group in found for person in group)))


async def _resolve(chat: Chat, handle: str) -> list[str]:
    if "@" in handle:
        return [(await chat.find_person_by_email(handle)).id]
    if re.fullmatch(r"S[A-Z0-9]+", handle):
        return list(await chat.list_usergroup_members(handle))
    return [handle]
