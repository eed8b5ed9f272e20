"""Responders acknowledge an incident or join it."""

from bot.domain.effects import (
    CountPeople,
    Effect,
    InvitePeople,
    PostNotice,
    RefreshAlert,
    RefreshAnnouncement,
)
from bot.domain.incident import EntryKind, Incident
from bot.domain.notices import AcknowledgedNotice, Notice
from bot.domain.page_attempts import EscalationState
from bot.domain.results import (
    AcknowledgedAlreadyResult,
    AcknowledgedResult,
    CommandResult,
    JoinedAlreadyResult,
    JoinedResult,
    NothingNewResult,
    NoticedResult,
)
from bot.domain.timeline_details import JoinedDetail, LeftDetail
from bot.ports import Transaction
from bot.services.context import ServiceContext, UserRequest
from bot.services.incident_guards import must_be_open
from bot.services.responder_acknowledgement import load_responder, record_acknowledgement
from bot.services.unit_of_work import get_for_update, run_idempotent


async def acknowledge(desk: ServiceContext, request: UserRequest, number: int) -> CommandResult:
    """Somebody acknowledges the incident. The outcome is `acknowledged` or `acknowledged_already`."""

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        must_be_open(incident)
        who = await load_responder(desk, tx, number, request.actor)
        if who.counts_already:
            return AcknowledgedAlreadyResult(number)
        seconds, effects = await record_acknowledgement(desk, tx, request, who)
        target = (await desk.runbook_versions.of(incident)).severity(incident.severity)
        result = AcknowledgedResult(
            number,
            actor=request.actor,
            seconds=seconds,
            target_seconds=int(target.response.total_seconds()) if target and target.response else None,
            channel=incident.channel or "",
            uncalled=not who.called,
            in_room=_must_be_said(incident),
        )
        if not any(page.person == request.actor for page in who.situation.pages):
            effects.append(InvitePeople(incident=number, people=(request.actor,), change=request.change))
        if result.in_room:
            effects.append(build_notice(incident, request, _build_acknowledged(result)))
        effects += build_alert_refreshes(number, request.change)
        await tx.enqueue(effects)
        return result

    return await run_idempotent(desk, request, change)


def _build_acknowledged(result: AcknowledgedResult) -> AcknowledgedNotice:
    return AcknowledgedNotice(
        actor=result.actor,
        seconds=result.seconds,
        target_seconds=result.target_seconds,
        channel=result.channel,
        uncalled=result.uncalled,
    )


def _must_be_said(incident: Incident) -> bool:
    """Whether the room waits for an acknowledgement."""
    waits = (EscalationState.CLIMBING, EscalationState.ASKED)
    return incident.acknowledged_at is None or incident.ladder in waits


async def join(desk: ServiceContext, request: UserRequest, number: int) -> CommandResult:
    """Somebody comes into the incident's channel. The outcome is `joined` or `joined_already`."""

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        must_be_open(incident)
        last = await tx.find_last_entry(number, request.actor, MOVES)
        # Also for who is said to be there: Slack may not have told yet that they left.
        await tx.enqueue([InvitePeople(incident=number, people=(request.actor,), change=request.change)])
        if last is EntryKind.JOINED:
            return JoinedAlreadyResult(number, channel=incident.channel or "")
        await tx.add_entry(number, request.actor, JoinedDetail())
        return JoinedResult(number, channel=incident.channel or "")

    return await run_idempotent(desk, request, change)


async def track_channel_member(
    desk: ServiceContext, request: UserRequest, channel: str, came: bool
) -> CommandResult:
    """Slack tells that somebody is in an incident's channel now, or not any more. `noticed`, or `nothing_new`. In the
    incidents channel people are counted anew."""
    number = await desk.store.find_incident_in(channel)
    if number is None:
        if channel != await desk.store.place(desk.channel_name):
            return NothingNewResult()
        counted = CountPeople(channel_name=desk.channel_name, change=request.change)
        async with desk.store.transaction() as tx:
            await tx.enqueue([counted])
        return NoticedResult()

    async def change(tx: Transaction) -> CommandResult:
        await tx.hold_incident(number)
        await (tx.add_member if came else tx.drop_member)(number, request.actor)
        move = JoinedDetail() if came else LeftDetail()
        last = await tx.find_last_entry(number, request.actor, MOVES)
        if last is move.kind or (last is None and not came):
            return NothingNewResult(number)
        await tx.add_entry(number, request.actor, move)
        return NoticedResult(number)

    return await run_idempotent(desk, request, change)


MOVES = frozenset({EntryKind.JOINED, EntryKind.LEFT})


def build_alert_refreshes(number: int, change: str) -> tuple[Effect, Effect]:
    """The edits that bring both copies of the alert up to date."""
    return RefreshAlert(incident=number, change=change), RefreshAnnouncement(incident=number, change=change)


def build_notice(incident: Incident, request: UserRequest, notice: Notice) -> PostNotice:
    """One line for the incident's channel."""
    return PostNotice.say(incident.number, notice, request.change)
