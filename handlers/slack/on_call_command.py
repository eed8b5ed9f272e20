"""Who is on call now: every contact with the schedules and calendars behind it, asked side by side."""

import asyncio
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

from bot.contacts import OnCallSource, OnCallSourceKind
from bot.domain.page_provider import OnCallResult
from bot.errors import SlackCallError, SlackRejected
from bot.runbook import check_reach, describe_reach
from handlers.slack.request_context import RequestContext
from templates.on_call_messages import ContactStatus

LOOKUP_TIMEOUT_S = 9.0
"""Seconds: each source has five, and Slack has to be asked and told."""


def has_external_schedules(front: RequestContext) -> bool:
    """Whether somebody else has to be asked who is on call, which takes a while."""
    return any(front.services.book.sources(name) for name in front.services.contacts)


async def list_standings(front: RequestContext) -> list[ContactStatus]:
    """Each contact: who that is now, how they are reached, and which severities call them."""
    desk, runbook = front.services, front.services.runbook_versions.current.runbook
    joined = desk.book.merge_handles(runbook.contacts)
    called: dict[str, list[str]] = {}
    for reach in check_reach(runbook, desk.book, front.is_set):
        for name, _ in (*reach.reached, *reach.unreached):
            called.setdefault(name, []).append(reach.severity)
    found = []
    for name, handles in joined.items():
        ways, reasons = describe_reach(handles, (), front.is_set)
        duties = await asyncio.gather(*(_duty(front, source) for source in desk.book.sources(name)))
        found.append(
            ContactStatus(name, tuple(called.get(name, ())), tuple(duties), tuple(ways), tuple(reasons))
        )
    nobody: Mapping[str, list[str]] = {name: who for name, who in called.items() if name not in joined}
    found += [ContactStatus(name, tuple(who), is_contact=False) for name, who in nobody.items()]
    return found


async def _duty(front: RequestContext, source: OnCallSource) -> tuple[str, OnCallResult, tuple[str, ...]]:
    """Who the source is in words, its answer, and the people of a user group by their ids."""
    if source.kind is OnCallSourceKind.GROUP:
        try:
            return (
                str(source.kind),
                OnCallResult(),
                tuple(await front.chat.list_usergroup_members(source.value)),
            )
        except SlackCallError as error:
            why = error.told if isinstance(error, SlackRejected) else "Slack does not answer"
            return str(source.kind), OnCallResult(problem=f"The Slack user group cannot be read. {why}."), ()
    digest = hashlib.sha256(source.value.encode()).hexdigest()
    last = await front.services.store.find_cached_calendar(digest)
    return str(source.kind), await front.on_call.on_call(source, datetime.now(UTC), last), ()
