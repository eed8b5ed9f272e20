"""Effect handlers for the end of a commander's shift."""

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import cast

from bot.contacts import Handle, HandleKind, OnCallSource, OnCallSourceKind
from bot.domain import effects as e
from bot.domain.page_provider import OnCallPerson
from bot.errors import SlackRejected
from bot.ports import LeasedEffect
from bot.services import shift_handover
from handlers.outbox.effect_context import Destination, EffectContext
from handlers.outbox.effect_result import EffectResult
from templates import shift_handover as handover

MAX_NEXT_PEOPLE = 5
"""Of so many people of one source it is asked who they are in Slack."""


async def find_shift(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """Look up who is on call in every schedule and calendar; when that is the commander, who is when the shift ends."""
    effect = cast(e.FindShift, row.effect)
    now = datetime.now(UTC)
    sources = _list_sources(hands)
    duties = await asyncio.gather(*(_on_duty(hands, source, now) for source in sources))
    ends = [
        (at, source)
        for source, people in zip(sources, duties, strict=True)
        for at in await _list_shift_ends(hands, people, effect.commander)
    ]
    if not ends:
        return EffectResult()
    at, source = min(ends, key=lambda end: end[0])
    following = await _on_duty(hands, source, at) if at - now <= shift_handover.BEFORE else ()
    ending = await _build_ending(hands, at, following[:MAX_NEXT_PEOPLE])
    return EffectResult(on_commit=lambda tx: shift_handover.handle_found_shift(tx, effect, ending, now))


def _list_sources(hands: EffectContext) -> list[OnCallSource]:
    """The schedules and calendars of all contacts, each once."""
    listed = [source for name in hands.services.contacts for source in hands.services.book.sources(name)]
    return [source for source in dict.fromkeys(listed) if source.kind is not OnCallSourceKind.GROUP]


async def _list_shift_ends(
    hands: EffectContext, people: Sequence[OnCallPerson], commander: str
) -> list[datetime]:
    """When the commander's shifts among these end."""
    return [
        person.until
        for person in people[:MAX_NEXT_PEOPLE]
        if person.until is not None and commander in await _in_slack(hands, person.handles)
    ]


async def _build_ending(
    hands: EffectContext, at: datetime, following: Sequence[OnCallPerson]
) -> shift_handover.ShiftEnd:
    """The end of the shift, with those who are on call next."""
    ids = [id for person in following for id in await _in_slack(hands, person.handles)]
    names = ", ".join(person.name for person in following)
    return shift_handover.ShiftEnd(at, tuple(dict.fromkeys(ids)), names)


async def _on_duty(hands: EffectContext, source: OnCallSource, at: datetime) -> tuple[OnCallPerson, ...]:
    """Who is on call there at that instant; nobody when it cannot be read."""
    digest = hashlib.sha256(source.value.encode()).hexdigest()
    last = await hands.services.store.find_cached_calendar(digest)
    return (await hands.on_call.on_call(source, at, last)).people


async def _in_slack(hands: EffectContext, handles: Iterable[Handle]) -> list[str]:
    """The ids of somebody in Slack, by their handles."""
    found = []
    for handle in handles:
        if handle.kind is HandleKind.SLACK_USER:
            found.append(handle.value)
        elif handle.kind is HandleKind.SLACK_EMAIL:
            try:
                found.append((await hands.chat.find_person_by_email(handle.value)).id)
            except SlackRejected:  # Slack knows nobody by that address
                continue
    return found


async def notify_shift_end(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """Nothing when it is over, or has another commander by now."""
    effect = cast(e.TellOfShift, row.effect)
    view = await hands.load_view(effect.incident)
    is_next = effect.person == effect.next
    if not view.incident.status.is_open or (not is_next and view.incident.commander != effect.person):
        return EffectResult()
    if is_next and view.incident.commander == effect.person:
        return EffectResult()
    drawn = handover.render_for_next(view, effect) if is_next else handover.render_for_commander(view, effect)
    return EffectResult(await hands.post(row, Destination(effect.person), drawn))
