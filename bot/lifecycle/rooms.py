"""Where an incident is worked on: its channel, or without one the thread of its announcement, and back again.

A private incident never goes into the incidents channel: without its channel it is worked on in the direct message with
its commander. `bot.delivery.hands.room` says where that is now.
"""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.effects import (
    AddBookmark,
    Effect,
    EnsureIncidentsChannel,
    InvitePeople,
    MoveToChannel,
    PinAlert,
    PostAlert,
    PostNotice,
    PostPlaybook,
    RefreshAlert,
    RefreshAnnouncement,
    RefreshPage,
    ReturnToChannel,
    SetTopic,
    TellOfRunbook,
    TellThread,
)
from bot.incident import EntryKind, Incident, Outcome, Situation, Status
from bot.lifecycle.desk import Desk, Request, once
from bot.ports import Transaction

AGAIN = timedelta(minutes=1)
LONGEST = timedelta(minutes=10)
"""Between two tries to make a channel that Slack refused: doubling from AGAIN."""

OVER = frozenset({Status.CLOSED, Status.CANCELLED})


async def begin(desk: Desk) -> None:
    """What a start causes: the incidents channel is made or joined once, tried again at each start while that has not
    worked; and it is told, once for each thing that is wrong, that the runbook's file could not be read.
    """
    ensured = EnsureIncidentsChannel(name=desk.channel_name)
    async with desk.store.transaction() as work:
        if await desk.store.place(desk.channel_name) is None:
            await work.enqueue([ensured])
            await work.revive(ensured.key)
        if why := desk.editions.current.instead_of:
            sha = hashlib.sha256(why.encode()).hexdigest()[:16]
            await work.enqueue([TellOfRunbook(channel_name=desk.channel_name, sha=sha, why=why)])


def next_move(number: int, attempt: int) -> tuple[MoveToChannel, timedelta]:
    """The next try to make the channel, and when."""
    return MoveToChannel(incident=number, attempt=attempt + 1), min(AGAIN * 2**attempt, LONGEST)


async def moved(work: Transaction, situation: Situation, channel: str) -> None:
    """The channel came after all: everything that a channel has, and the thread is told where to go on."""
    number = situation.incident.number
    await work.lock(number)
    await work.change(number, channel=channel)
    await work.add_entry(number, "", EntryKind.CHANNEL_OPENED, channel=channel)
    room, people = f":{channel}", everybody(situation)
    await work.enqueue(
        [
            PostAlert(incident=number, room=room),
            PinAlert(incident=number, room=room),
            InvitePeople(incident=number, people=people, change=f"moved{room}"),
            TellThread(incident=number, words="moved", detail=(("channel", channel),), change=channel),
            PostPlaybook(incident=number, part=0, room=room),
            AddBookmark(incident=number, room=room),
            SetTopic(incident=number, change=f"moved{room}"),
            *_shown_anew(situation, f"moved{room}"),
        ]
    )


async def lost(work: Transaction, number: int, channel: str, how: str, change: str) -> bool:
    """The channel cannot be used: go on in the thread, and say so there once. `how` it came to that is a name in the
    notices' LOST. False where it is not this incident's channel, or the incident is over.
    """
    incident = await work.lock(number)
    if (
        incident is None
        or incident.status in OVER
        or channel not in (incident.channel, incident.lost_channel)
    ):
        return False
    if incident.lost_channel == channel:
        return True
    situation = await work.situation(number)
    assert situation is not None
    await work.change(number, channel=None, lost_channel=channel)
    await work.add_entry(number, "", EntryKind.CHANNEL_LOST, channel=channel, how=how)
    detail = (("channel", channel), ("how", how))
    said = PostNotice(incident=number, words="channel_lost", detail=detail, change=change)
    # Slash commands do not work in threads: the alert's buttons are needed there.
    card = PostAlert(incident=number, room=":thread")
    await work.enqueue([said, card, *_shown_anew(situation, change)])
    return True


async def back(work: Transaction, situation: Situation, channel: str, change: str) -> None:
    """The lost channel can be used again."""
    number = situation.incident.number
    incident = await work.lock(number)
    if incident is None or incident.lost_channel != channel:
        return
    await work.change(number, channel=channel, lost_channel=None)
    await work.add_entry(number, "", EntryKind.CHANNEL_BACK, channel=channel)
    detail = (("channel", channel),)
    await work.enqueue(
        [
            TellThread(incident=number, words="moved", detail=detail, change=change),
            PostNotice(incident=number, words="channel_back", detail=detail, change=change),
            InvitePeople(incident=number, people=everybody(situation), change=change),
            *_shown_anew(situation, change),
        ]
    )


async def channel_gone(desk: Desk, request: Request, channel: str, how: str) -> Outcome:
    """Slack tells that a channel was archived or deleted, or that Tocsin was taken out of it."""

    async def change(work: Transaction, number: int) -> None:
        await lost(work, number, channel, how, request.change)

    return await _about(desk, request, channel, change)


async def channel_usable(desk: Desk, request: Request, channel: str) -> Outcome:
    """Slack tells that a channel may be used again: look, and go back."""

    async def change(work: Transaction, number: int) -> None:
        incident = await work.lock(number)
        if incident is not None and incident.lost_channel == channel:
            await work.enqueue([ReturnToChannel(incident=number, change=request.change)])

    return await _about(desk, request, channel, change)


async def channel_renamed(
    desk: Desk, request: Request, channel: str, name: str, ours: Callable[[Incident], str]
) -> Outcome:
    """Slack tells of a channel's new name; one that Tocsin gave is no news. Tocsin knows the channel by its id."""

    async def change(work: Transaction, number: int) -> None:
        incident = await work.lock(number)
        if incident is not None and not name.startswith(ours(incident)):
            await work.add_entry(number, "", EntryKind.CHANNEL_RENAMED, name=name)

    return await _about(desk, request, channel, change)


async def _about(
    desk: Desk, request: Request, channel: str, change: Callable[[Transaction, int], Awaitable[None]]
) -> Outcome:
    number = await desk.store.incident_in(channel)
    if number is None:
        return Outcome("nothing_new")

    async def changed(work: Transaction) -> Outcome:
        await change(work, number)
        return Outcome("noticed", number)

    return await once(desk, request, changed)


def everybody(situation: Situation) -> tuple[str, ...]:
    """Who belongs into the channel: the commander, who has a role, who was called and who did something."""
    people = [situation.incident.commander, *situation.roles.values()]
    people += [page.person for page in situation.pages]
    people += [entry.actor for entry in situation.entries if entry.actor and entry.kind is not EntryKind.LEFT]
    return tuple(dict.fromkeys(people))


def _shown_anew(situation: Situation, change: str) -> list[Effect]:
    """What leads people to the room says where it is now, and so does every copy of the alert."""
    number = situation.incident.number
    pages = [RefreshPage(incident=number, person=page.person, change=change) for page in situation.pages]
    return [
        RefreshAlert(incident=number, change=change),
        RefreshAnnouncement(incident=number, change=change),
        *pages,
    ]
