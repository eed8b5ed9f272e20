"""Who is on call now: every contact with the schedules and calendars behind it, asked side by side."""

import asyncio
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

from bot.contacts import Source, SourceKind
from bot.errors import ChatError
from bot.paging import Duty
from bot.runbook import how_reached, preflight
from handlers.front import Front
from templates.duty import Standing

WITHIN = 9.0
"""Seconds: each source has five, and Slack has to be asked and told."""


def is_asked(front: Front) -> bool:
    """Whether somebody else has to be asked who is on call, which takes a while."""
    return any(front.desk.book.sources(name) for name in front.desk.contacts)


async def standings(front: Front) -> list[Standing]:
    """Each contact: who that is now, how they are reached, and which severities call them."""
    desk, runbook = front.desk, front.desk.editions.current.runbook
    joined = desk.book.joined(runbook.contacts)
    called: dict[str, list[str]] = {}
    for reach in preflight(runbook, desk.book, front.is_set):
        for name, _ in (*reach.reached, *reach.unreached):
            called.setdefault(name, []).append(reach.severity)
    found = []
    for name, handles in joined.items():
        ways, reasons = how_reached(handles, (), front.is_set)
        duties = await asyncio.gather(*(_duty(front, source) for source in desk.book.sources(name)))
        found.append(Standing(name, tuple(called.get(name, ())), tuple(duties), tuple(ways), tuple(reasons)))
    nobody: Mapping[str, list[str]] = {name: who for name, who in called.items() if name not in joined}
    found += [Standing(name, tuple(who), is_contact=False) for name, who in nobody.items()]
    return found


async def _duty(front: Front, source: Source) -> tuple[str, Duty, tuple[str, ...]]:
    """Who the source is in words, its answer, and the people of a user group by their ids."""
    if source.kind is SourceKind.GROUP:
        try:
            return str(source.kind), Duty(), tuple(await front.chat.usergroup_members(source.value))
        except ChatError as error:
            return str(source.kind), Duty(problem=f"The Slack user group cannot be read: {error}."), ()
    digest = hashlib.sha256(source.value.encode()).hexdigest()
    last = await front.desk.store.calendar_copy(digest)
    return str(source.kind), await front.on_call.on_call(source, datetime.now(UTC), last), ()
