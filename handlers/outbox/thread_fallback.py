"""Effect handlers for channels that come late, are lost, or come back."""

from typing import cast

from bot.domain import effects as e
from bot.errors import ROOM_LOST, SlackRejected
from bot.ports import LeasedEffect
from bot.services import channel_fallback
from handlers.outbox.channel_creation import ensure_channel
from handlers.outbox.effect_context import Destination, EffectContext, find_room, get_incident_number
from handlers.outbox.effect_result import EffectResult
from templates import alert, notices

IN_ROOM = (
    e.InvitePeople,
    e.MentionPeople,
    e.OfferCommand,
    e.PinAlert,
    e.PostPlaybook,
    e.AddBookmark,
    e.SetTopic,
    e.RefreshAlert,
    e.RefreshChecklist,
    e.RenameChannel,
)
"""Besides what is said in the room, the effects that are done in the incident's channel."""


MAX_TRIES = 5
"""After so many attempts what is refused in the thread too is put aside."""


async def post_alert(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """The alert where the incident is worked on. A further copy is brought up to date as soon as it is known: what
    changed while it was on its way was shown on the other copies only."""
    effect = cast(e.PostAlert, row.effect)
    view = await hands.load_view(effect.incident)
    sent = await hands.post(row, find_room(view.situation), alert.render_alert(view))
    if not effect.room:
        return EffectResult(sent)
    shown = e.RefreshAlert(incident=effect.incident, change=f"copied{effect.room}")
    return EffectResult(sent, lambda work: work.enqueue([shown]))


async def move_to_channel(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """Make the channel that was refused before; one that is refused again is tried again later."""
    situation = (await hands.load_view(get_incident_number(row))).situation
    if situation.incident.channel is not None or not situation.incident.status.is_open:
        return EffectResult()
    channel = await ensure_channel(hands, row, situation.incident)
    return EffectResult(on_commit=lambda work: channel_fallback.move_to_channel(work, situation, channel.id))


async def return_to_channel(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """Check whether the lost channel can be used, and come into it where that takes no invitation."""
    effect = cast(e.ReturnToChannel, row.effect)
    situation = (await hands.load_view(effect.incident)).situation
    lost = situation.incident.lost_channel
    if lost is None:
        return EffectResult()
    found = await hands.chat.channel(lost)
    if found.archived:
        return EffectResult()
    if not found.member:
        await hands.chat.join(lost)
    return EffectResult(
        on_commit=lambda work: channel_fallback.return_to_channel(work, situation, lost, effect.change)
    )


async def post_to_thread(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """A line in the thread of the announcement, or to the commander where there is none."""
    effect = cast(e.TellThread, row.effect)
    view = await hands.load_view(effect.incident)
    announcement = view.situation.post("announcement")
    place = Destination(view.incident.commander)
    if announcement is not None and not view.incident.private:
        place = Destination(announcement.channel, announcement.ts)
    return EffectResult(await hands.post(row, place, notices.render_notice(view, effect.notice)))


async def report_runbook_problem(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """A line in the incidents channel."""
    effect = cast(e.TellOfRunbook, row.effect)
    return EffectResult(
        await hands.post(
            row, await hands.incidents_channel(), notices.render_runbook_problem(effect.why, effect.in_force)
        )
    )


async def report_contacts_problem(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """What is to be mended of the contacts, in the incidents channel."""
    effect = cast(e.TellOfContacts, row.effect)
    return EffectResult(
        await hands.post(row, await hands.incidents_channel(), notices.render_unreachable(effect.unreached))
    )


async def fall_back_to_thread(hands: EffectContext, row: LeasedEffect, refusal: SlackRejected) -> bool:
    """Whether what was refused is said elsewhere from now on: the incident's channel was lost. Records that it was."""
    if refusal.code not in ROOM_LOST or not isinstance(row.effect, e.AboutIncident):
        return False
    number = row.effect.incident
    in_room = row.effect.lane == f"room:{number}" or isinstance(row.effect, IN_ROOM)
    situation = await hands.services.store.situation(number)
    if situation is None or not in_room:
        return False
    channel = situation.incident.channel
    if channel is None:  # found out by another effect while this one was under way
        return situation.incident.lost_channel is not None and row.attempts < MAX_TRIES
    async with hands.services.store.transaction() as tx:
        return await channel_fallback.fall_back_to_thread(
            tx, number, channel, ROOM_LOST[refusal.code], f"lost:{row.id}:{row.attempts}"
        )
