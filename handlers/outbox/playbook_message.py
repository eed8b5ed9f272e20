"""Posts the playbook in the incident's channel, below the alert and the evidence, however long it is."""

from datetime import timedelta
from typing import cast

from bot.domain import effects as e
from bot.ports import LeasedEffect
from handlers.outbox.effect_context import EffectContext, RetryLater, find_room
from handlers.outbox.effect_result import EffectResult
from handlers.outbox.evidence_place import stand_below_evidence
from templates import playbook

RETRY_DELAY, MAX_WAITS = timedelta(seconds=0.5), 40
"""How long, and how often, a playbook waits for its steps to be understood, which takes a second after the start. How
often it waited for the evidence counts."""


async def post_playbook(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """One part of the playbook; the next one follows it."""
    effect = cast(e.PostPlaybook, row.effect)
    if effect.part == 0:  # asked before the incident is read, which costs much more
        await stand_below_evidence(hands, row, effect.incident)
    view = await hands.load_view(effect.incident)
    steps = view.playbook.steps() if view.playbook else ()
    if row.attempts <= MAX_WAITS and any(step.meaning is None for step in steps):
        raise RetryLater("the runbook's commands are still being read", RETRY_DELAY)
    parts = playbook.render_incident_playbook(view)
    if effect.part >= len(parts):
        return EffectResult()
    sent = await hands.post(row, find_room(view.situation), parts[effect.part])
    if effect.part + 1 == len(parts):
        return EffectResult(sent)
    following = e.PostPlaybook(incident=effect.incident, part=effect.part + 1, room=effect.room)
    return EffectResult(sent, lambda work: work.enqueue([following]))
