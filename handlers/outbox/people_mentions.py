"""Mentions in the channel the people whom no direct message has reached."""

from datetime import timedelta
from typing import cast

from bot.domain import effects as e
from bot.ports import LeasedEffect
from handlers.outbox.effect_context import EffectContext, RetryLater, find_room
from handlers.outbox.effect_result import EffectResult
from templates import alert
from templates.incident_view import IncidentViewModel

RETRY_DELAY, MAX_WAITS = timedelta(seconds=0.5), 40
"""How long, and how often, the mention waits for the direct messages: in a room that rings, all are called by then."""


async def mention_people(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """Mention those whom no direct message reached, and say how to reach those who cannot be paged."""
    effect = cast(e.MentionPeople, row.effect)
    if not effect.people and not effect.missing:
        return EffectResult()
    view = await hands.load_view(effect.incident)
    if not view.incident.status.is_open:
        return EffectResult()
    if row.attempts <= MAX_WAITS and _is_on_its_way(view, effect):
        raise RetryLater("direct messages are on their way", RETRY_DELAY)
    people = _not_reached(view, row)
    # What has to be mended of a contact is not for a room in which something burns.
    ways = [(name, how) for name, _ in effect.missing if (how := view.describe_phone(name))]
    if not people and not ways:
        return EffectResult()
    return EffectResult(
        await hands.post(row, find_room(view.situation), alert.render_mention(view, people, ways))
    )


def _is_on_its_way(view: IncidentViewModel, effect: e.MentionPeople) -> bool:
    return any(page.person in effect.people and page.is_on_its_way for page in view.situation.pages)


def _not_reached(view: IncidentViewModel, row: LeasedEffect) -> list[str]:
    """Those whose direct message failed or is on its way still. Who had one before is called anew by this: an edit
    rings nobody. Who has none was not called: they declared it. What joined another page rings by itself, later."""
    people = cast(e.MentionPeople, row.effect).people
    pages = {
        page.person: page for page in view.situation.pages if page.is_waiting and page.held_until is None
    }
    return [
        person
        for person in people
        if (page := pages.get(person)) is not None
        and (page.accepted_at is None or page.requested_at < row.created_at)
    ]
