"""Channels that come late, are lost and come back."""

from typing import cast

from bot import effects as e
from bot.delivery.channels import open_channel
from bot.delivery.done import Done
from bot.delivery.hands import Hands, Place, number_of, room
from bot.errors import ROOM_LOST, ChatRefused
from bot.lifecycle import rooms
from bot.ports import Claimed
from templates import alert, notices

IN_ROOM = (
    e.InvitePeople,
    e.MentionPeople,
    e.OfferCommand,
    e.PinAlert,
    e.AddBookmark,
    e.SetTopic,
    e.RefreshAlert,
    e.RefreshChecklist,
    e.RenameChannel,
)
"""Besides what is said in the room, the effects that are done in the incident's channel."""


TRIES = 5
"""After so many attempts what is refused in the thread too is put aside."""


async def post_alert(hands: Hands, row: Claimed) -> Done:
    """The alert where the incident is worked on. A further copy is brought up to date as soon as it is known: what
    changed while it was on its way was shown on the other copies only."""
    effect = cast(e.PostAlert, row.effect)
    view = await hands.view(effect.incident)
    sent = await hands.post(row, room(view.situation), alert.alert(view))
    if not effect.room:
        return Done(sent)
    shown = e.RefreshAlert(incident=effect.incident, change=f"copied{effect.room}")
    return Done(sent, lambda work: work.enqueue([shown]))


async def move_to_channel(hands: Hands, row: Claimed) -> Done:
    """Make the channel that was refused before; one that is refused again is tried again later."""
    situation = (await hands.view(number_of(row))).situation
    if situation.incident.channel is not None or not situation.incident.status.is_open:
        return Done()
    channel = await open_channel(hands, row, situation.incident)
    return Done(then=lambda work: rooms.moved(work, situation, channel.id))


async def return_to_channel(hands: Hands, row: Claimed) -> Done:
    """Look whether the lost channel can be used, and come into it where that takes no invitation."""
    effect = cast(e.ReturnToChannel, row.effect)
    situation = (await hands.view(effect.incident)).situation
    lost = situation.incident.lost_channel
    if lost is None:
        return Done()
    found = await hands.chat.channel(lost)
    if found.archived:
        return Done()
    if not found.member:
        await hands.chat.join(lost)
    return Done(then=lambda work: rooms.back(work, situation, lost, effect.change))


async def tell_thread(hands: Hands, row: Claimed) -> Done:
    """A line in the thread of the announcement, or to the commander where there is none."""
    effect = cast(e.TellThread, row.effect)
    view = await hands.view(effect.incident)
    announcement = view.situation.post("announcement")
    place = Place(view.incident.commander)
    if announcement is not None and not view.incident.private:
        place = Place(announcement.channel, announcement.ts)
    return Done(await hands.post(row, place, notices.notice(view, effect.words, dict(effect.detail))))


async def tell_of_runbook(hands: Hands, row: Claimed) -> Done:
    """A line in the incidents channel."""
    effect = cast(e.TellOfRunbook, row.effect)
    return Done(
        await hands.post(row, await hands.incidents_channel(), notices.runbook_unreadable(effect.why))
    )


async def goes_on_elsewhere(hands: Hands, row: Claimed, refusal: ChatRefused) -> bool:
    """Whether what was refused is said elsewhere from now on: the incident's channel was lost. Records that it was."""
    if refusal.code not in ROOM_LOST or not isinstance(row.effect, e.AboutIncident):
        return False
    number = row.effect.incident
    in_room = row.effect.lane == f"room:{number}" or isinstance(row.effect, IN_ROOM)
    situation = await hands.desk.store.situation(number)
    if situation is None or not in_room:
        return False
    channel = situation.incident.channel
    if channel is None:  # found out by another effect while this one was under way
        return situation.incident.lost_channel is not None and row.attempts < TRIES
    async with hands.desk.store.transaction() as work:
        return await rooms.lost(
            work, number, channel, ROOM_LOST[refusal.code], f"lost:{row.id}:{row.attempts}"
        )
