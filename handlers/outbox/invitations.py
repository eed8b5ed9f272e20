"""Effect handlers that invite people into an incident's channel."""

from typing import cast

from bot.domain import effects as e
from bot.ports import LeasedEffect
from bot.services import effect_results
from bot.text.slack_errors import describe_slack_code
from handlers.outbox.effect_context import EffectContext
from handlers.outbox.effect_result import EffectResult


async def invite_people(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    effect = cast(e.InvitePeople, row.effect)
    incident = (await hands.load_view(effect.incident)).situation.incident
    people = [person for person in effect.people if person != hands.identity.user]
    if incident.channel is None or not people:
        return EffectResult()
    refused = await hands.chat.invite(incident.channel, people)
    if not refused:
        return EffectResult()
    named = {person: describe_slack_code(code) for person, code in refused.items()}
    return EffectResult(
        on_commit=lambda work: effect_results.report_failed_invitations(
            work, effect.incident, effect.change, named
        )
    )


async def move_people(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """Who is in the channel of the one that was merged is invited into the other's; nobody when it was reopened."""
    effect = cast(e.MovePeople, row.effect)
    situation = (await hands.load_view(effect.incident)).situation
    if situation.incident.status.is_open or situation.merged is None or situation.merged.into != effect.into:
        return EffectResult()
    channel = situation.incident.channel
    people = await hands.chat.channel_members(channel) if channel else situation.people
    moved = [person for person in people if person != hands.identity.user]
    return EffectResult(on_commit=lambda work: effect_results.invite_moved_people(work, effect, moved))
