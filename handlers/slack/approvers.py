"""Who may approve a remediation, read fresh from Slack at the click."""

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.remediation import ApproverFacts, RemediationKind
from bot.errors import RuleViolation, SlackCallError
from bot.services.remediation_records import list_approver_handles
from bot.text.person_marks import mark_person
from handlers.slack.request_context import RequestContext

LOOKUP_TIMEOUT_S = 1.2
"""Seconds for Slack to say who somebody is and who is in the groups: the rest is for recording the decision."""


@dataclass(frozen=True, slots=True)
class ApproverList:
    """The people who may approve, by their ids, and the words for them with mentions."""

    people: frozenset[str]
    words: str


async def read_facts(
    front: RequestContext, person: str, kind: RemediationKind, requester: str
) -> tuple[ApproverFacts, ApproverList]:
    """Who clicks, and who may. Raises RuleViolation when Slack does not tell in time: then nothing is approved."""
    try:
        async with asyncio.timeout(LOOKUP_TIMEOUT_S):
            account, listed = await asyncio.gather(
                front.fetch_person(person),
                list_approvers(front, front.services.book.approvers.of(kind.value)),
            )
    except (SlackCallError, TimeoutError):
        raise RuleViolation(
            "Slack does not say right now who you are and who may approve. Nothing was approved. Click again in a "
            "moment."
        ) from None
    facts = ApproverFacts(
        person,
        is_approver=person in listed.people,
        guest=account.guest,
        bot=account.bot,
        stranger=account.stranger,
        deactivated=account.deactivated,
        requester_is_approver=requester in listed.people,
    )
    return facts, listed


async def list_approvers(front: RequestContext, names: Iterable[str]) -> ApproverList:
    """The people behind the names: Slack handles, user groups and contacts. Raises SlackCallError."""
    handles = [
        handle for handle in list_approver_handles(front.services, names) if handle.startswith("slack:")
    ]
    found = await asyncio.gather(*(_resolve(front, handle.removeprefix("slack:")) for handle in handles))
    people = dict.fromkeys(person for group in found for person in group)
    mentions = ", ".join(f"{mark_person(person)}" for person in list(people)[:MAX_NAMED])
    more = f" and {len(people) - MAX_NAMED} more" if len(people) > MAX_NAMED else ""
    return ApproverList(frozenset(people), f"{mentions}{more}")


MAX_NAMED = 8


async def _resolve(front: RequestContext, handle: str) -> list[str]:
    if "@" in handle:
        return [(await front.chat.find_person_by_email(handle)).id]
    if re.fullmatch(r"S[A-Z0-9]+", handle):
        return list(await front.chat.list_usergroup_members(handle))
    return [handle]
