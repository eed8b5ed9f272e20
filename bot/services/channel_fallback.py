"""Falls back to the announcement's thread when an incident has no usable channel, and moves back.

A private incident never goes into the incidents channel: without its channel it is worked on in the direct message with
its commander. `handlers.outbox.effect_context.room` says where that is now.
"""

import hashlib
import uuid
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from bot.domain.effects import (
    AddBookmark,
    CountPeople,
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
    TellOfContacts,
    TellOfRunbook,
    TellThread,
)
from bot.domain.incident import EntryKind, Incident, Situation, Status
from bot.domain.notices import ChannelBackNotice, ChannelLostNotice, MovedNotice
from bot.domain.results import CommandResult, NothingNewResult, NoticedResult
from bot.domain.timeline_details import (
    ChannelBackDetail,
    ChannelLostDetail,
    ChannelOpenedDetail,
    ChannelRenamedDetail,
)
from bot.ports import Transaction
from bot.runbook import NO_SEVERITIES
from bot.services.context import ServiceContext, UserRequest
from bot.services.unit_of_work import run_idempotent

AGAIN = timedelta(minutes=1)
MAX_RETRY_DELAY = timedelta(minutes=10)
"""Between two tries to make a channel that Slack refused: doubling from AGAIN."""

OVER = frozenset({Status.CLOSED, Status.CANCELLED})


Unreached = tuple[str, str, str]
"""Whom the runbook calls and nothing reaches: the name, the severities, and why."""


async def run_startup(desk: ServiceContext, unreached: Sequence[Unreached] = ()) -> None:
    """Record what a start brings: keep the runbook's version; create or join the incidents channel once, retried at
    each start until it works, and count its members; report there, once for each problem, a runbook that cannot be read
    and contacts that no page reaches."""
    ensured = EnsureIncidentsChannel(name=desk.channel_name)
    async with desk.store.transaction() as tx:
        if await desk.store.place(desk.channel_name) is None:
            await tx.enqueue([ensured])
            await tx.revive(ensured.key)
        await tx.enqueue([CountPeople(channel_name=desk.channel_name, change=uuid.uuid4().hex[:12])])
        current = desk.runbook_versions.current
        if why := current.instead_of:
            sha = hashlib.sha256(why.encode()).hexdigest()[:16]
            await tx.enqueue([TellOfRunbook(channel_name=desk.channel_name, sha=sha, why=why)])
        else:
            await tx.save_runbook_version(current.sha, current.source, current.text)
            if current.runbook.assumes_severities:
                await tx.enqueue([_tell_of_assumed_severities(desk, current.sha)])
        await report_unreached_contacts(desk, tx, unreached)


def _tell_of_assumed_severities(desk: ServiceContext, sha: str) -> TellOfRunbook:
    """That the runbook has no severities of its own; the same edition is told of once."""
    told = NO_SEVERITIES.message
    return TellOfRunbook(channel_name=desk.channel_name, sha=sha[:16], why=told, in_force=True)


async def report_unreached_contacts(
    desk: ServiceContext, tx: Transaction, unreached: Sequence[Unreached]
) -> None:
    """Say in the incidents channel what is to be mended of the contacts; the same list once."""
    if unreached:
        digest = hashlib.sha256(repr(unreached).encode()).hexdigest()[:16]
        told = TellOfContacts(channel_name=desk.channel_name, digest=digest, unreached=tuple(unreached))
        await tx.enqueue([told])


def schedule_next_move(number: int, attempt: int) -> tuple[MoveToChannel, timedelta]:
    """The next try to make the channel, and when."""
    return MoveToChannel(incident=number, attempt=attempt + 1), min(AGAIN * 2**attempt, MAX_RETRY_DELAY)


async def move_to_channel(tx: Transaction, situation: Situation, channel: str) -> None:
    """The channel could be created after all: set it up, and tell the thread where it goes on."""
    number = situation.incident.number
    await tx.lock_for_channel(number)
    await tx.change(number, channel=channel)
    await tx.add_entry(number, "", ChannelOpenedDetail(channel=channel))
    room, people = f":{channel}", list_channel_people(situation)
    await tx.enqueue(
        [
            PostAlert(incident=number, room=room),
            PinAlert(incident=number, room=room),
            InvitePeople(incident=number, people=people, change=f"moved{room}"),
            TellThread.say(number, MovedNotice(channel=channel), channel),
            PostPlaybook(incident=number, part=0, room=room),
            AddBookmark(incident=number, room=room),
            SetTopic(incident=number, change=f"moved{room}"),
            *_build_refreshes(situation, f"moved{room}"),
        ]
    )


async def fall_back_to_thread(tx: Transaction, number: int, channel: str, how: str, change: str) -> bool:
    """The channel cannot be used: go on in the thread, and say so there once. `how` it came to that is a name in the
    notices' LOST. False where it is not this incident's channel, or the incident is over.
    """
    incident = await tx.lock_for_channel(number)
    if (
        incident is None
        or incident.status in OVER
        or channel not in (incident.channel, incident.lost_channel)
    ):
        return False
    if incident.lost_channel == channel:
        return True
    situation = await tx.situation(number)
    assert situation is not None
    await tx.change(number, channel=None, lost_channel=channel)
    await tx.add_entry(number, "", ChannelLostDetail(channel=channel, how=how))
    said = PostNotice.say(number, ChannelLostNotice(channel=channel, how=how), change)
    # Slash commands do not work in threads: the alert's buttons are needed there.
    card = PostAlert(incident=number, room=":thread")
    await tx.enqueue([said, card, *_build_refreshes(situation, change)])
    return True


async def return_to_channel(tx: Transaction, situation: Situation, channel: str, change: str) -> None:
    """The lost channel can be used again."""
    number = situation.incident.number
    incident = await tx.lock_for_channel(number)
    if incident is None or incident.lost_channel != channel:
        return
    await tx.change(number, channel=channel, lost_channel=None)
    await tx.add_entry(number, "", ChannelBackDetail(channel=channel))
    await tx.enqueue(
        [
            TellThread.say(number, MovedNotice(channel=channel), change),
            PostNotice.say(number, ChannelBackNotice(channel=channel), change),
            InvitePeople(incident=number, people=list_channel_people(situation), change=change),
            *_build_refreshes(situation, change),
        ]
    )


async def handle_channel_gone(
    desk: ServiceContext, request: UserRequest, channel: str, how: str
) -> CommandResult:
    """Slack tells that a channel was archived or deleted, or that Tocsin was taken out of it."""

    async def change(tx: Transaction, number: int) -> None:
        await fall_back_to_thread(tx, number, channel, how, request.change)

    return await _about(desk, request, channel, change)


async def handle_channel_usable(desk: ServiceContext, request: UserRequest, channel: str) -> CommandResult:
    """Slack reports that a channel is usable again: check that, and move back."""

    async def change(tx: Transaction, number: int) -> None:
        incident = await tx.lock(number)
        if incident is not None and incident.lost_channel == channel:
            await tx.enqueue([ReturnToChannel(incident=number, change=request.change)])

    return await _about(desk, request, channel, change)


async def handle_channel_renamed(
    desk: ServiceContext, request: UserRequest, channel: str, name: str, ours: Callable[[Incident], str]
) -> CommandResult:
    """Slack tells of a channel's new name; one that Tocsin gave is no news. Tocsin knows the channel by its id."""

    async def change(tx: Transaction, number: int) -> None:
        incident = await tx.lock(number)
        if incident is not None and not name.startswith(ours(incident)):
            await tx.add_entry(number, "", ChannelRenamedDetail(name=name))

    return await _about(desk, request, channel, change)


async def _about(
    desk: ServiceContext,
    request: UserRequest,
    channel: str,
    change: Callable[[Transaction, int], Awaitable[None]],
) -> CommandResult:
    number = await desk.store.find_incident_in(channel)
    if number is None:
        return NothingNewResult()

    async def changed(tx: Transaction) -> CommandResult:
        await change(tx, number)
        return NoticedResult(number)

    return await run_idempotent(desk, request, changed)


def list_channel_people(situation: Situation) -> tuple[str, ...]:
    """Who belongs into the channel: the commander, the roles, those who were paged and those who did something."""
    people = [situation.incident.commander, *situation.roles.values()]
    people += [page.person for page in situation.pages]
    people += [entry.actor for entry in situation.entries if entry.actor and entry.kind is not EntryKind.LEFT]
    return tuple(dict.fromkeys(people))


def _build_refreshes(situation: Situation, change: str) -> list[Effect]:
    """Refresh everything that leads to the channel, and each copy of the alert."""
    number = situation.incident.number
    pages = [RefreshPage(incident=number, person=page.person, change=change) for page in situation.pages]
    return [
        RefreshAlert(incident=number, change=change),
        RefreshAnnouncement(incident=number, change=change),
        *pages,
    ]
