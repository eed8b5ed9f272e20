"""Who may approve a remediation, read fresh from Slack at the click."""

import asyncio

from bot.domain.remediation import ApproverFacts, RemediationKind
from bot.errors import RuleViolation, SlackCallError
from bot.services.approver_list import ApproverList, list_approvers
from handlers.slack.request_context import RequestContext

LOOKUP_TIMEOUT_S = 1.2
"""Seconds for Slack to say who somebody is and who is in the groups: the rest is for recording the decision."""


async def read_facts(
    front: RequestContext, person: str, kind: RemediationKind, requester: str, first: str | None = None
) -> tuple[ApproverFacts, ApproverList]:
    """Who clicks, and who may; `first` is the first of two who agreed. Raises RuleViolation when Slack does not tell in
    time: then nothing is approved."""
    try:
        async with asyncio.timeout(LOOKUP_TIMEOUT_S):
            account, listed = await asyncio.gather(
                front.fetch_person(person),
                list_approvers(front.services, front.chat, front.services.book.approvers.of(kind.value)),
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
        first_is_approver=first in listed.people,
    )
    return facts, listed
