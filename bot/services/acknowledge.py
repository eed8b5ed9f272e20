"""Responders acknowledge an incident or join it."""

from bot.domain.effects import (
    CountPeople,
    Effect,
    InvitePeople,
    PostNotice,
    RefreshAlert,
    RefreshAnnouncement,
)
from bot.domain.incident import CommandResult, EntryKind, Incident
from bot.domain.page_attempts import EscalationState
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
            return CommandResult("acknowledged_already", number)
        seconds, effects = await record_acknowledgement(desk, tx, request, who)
        target = (await desk.runbook_versions.of(incident)).severity(incident.severity)
        target_seconds = str(int(target.response.total_seconds())) if target and target.response else ""
        facts = {
            "actor": request.actor,
            "seconds": str(seconds),
            "target_seconds": target_seconds,
            "channel": incident.channel or "",
            "uncalled": "" if who.called else "yes",
        }
        if not any(page.person == request.actor for page in who.situation.pages):
            effects.append(InvitePeople(incident=number, people=(request.actor,), change=request.change))
        in_room = ""
        if incident.acknowledged_at is None or incident.ladder in (
            EscalationState.CLIMBING,
            EscalationState.ASKED,
        ):
            in_room, said = "yes", tuple(facts.items())
            effects.append(
                PostNotice(incident=number, words="acknowledged", detail=said, change=request.change)
            )
        effects += build_alert_refreshes(number, request.change)
        await tx.enqueue(effects)
        return CommandResult("acknowledged", number, facts | {"in_room": in_room})

    return await run_idempotent(desk, request, change)


async def join(desk: ServiceContext, request: UserRequest, number: int) -> CommandResult:
    """Somebody comes into the incident's channel. The outcome is `joined` or `joined_already`."""

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        must_be_open(incident)
        last = await tx.find_last_entry(number, request.actor, MOVES)
        # Also for who is said to be there: Slack may not have told yet that they left.
        await tx.enqueue([InvitePeople(incident=number, people=(request.actor,), change=request.change)])
        if last is EntryKind.JOINED:
            return CommandResult("joined_already", number, {"channel": incident.channel or ""})
        await tx.add_entry(number, request.actor, EntryKind.JOINED)
        return CommandResult("joined", number, {"channel": incident.channel or ""})

    return await run_idempotent(desk, request, change)


async def track_channel_member(
    desk: ServiceContext, request: UserRequest, channel: str, came: bool
) -> CommandResult:
    """Slack tells that somebody is in an incident's channel now, or not any more. `noticed`, or `nothing_new`. In the
    incidents channel people are counted anew."""
    number = await desk.store.find_incident_in(channel)
    if number is None:
        if channel != await desk.store.place(desk.channel_name):
            return CommandResult("nothing_new")
        counted = CountPeople(channel_name=desk.channel_name, change=request.change)
        async with desk.store.transaction() as tx:
            await tx.enqueue([counted])
        return CommandResult("noticed")

    async def change(tx: Transaction) -> CommandResult:
        await tx.lock(number)
        await (tx.add_member if came else tx.drop_member)(number, request.actor)
        kind = EntryKind.JOINED if came else EntryKind.LEFT
        last = await tx.find_last_entry(number, request.actor, MOVES)
        if last is kind or (last is None and not came):
            return CommandResult("nothing_new", number)
        await tx.add_entry(number, request.actor, kind)
        return CommandResult("noticed", number)

    return await run_idempotent(desk, request, change)


MOVES = frozenset({EntryKind.JOINED, EntryKind.LEFT})


def build_alert_refreshes(number: int, change: str) -> tuple[Effect, Effect]:
    """The edits that bring both copies of the alert up to date."""
    return RefreshAlert(incident=number, change=change), RefreshAnnouncement(incident=number, change=change)


def build_notice(incident: Incident, request: UserRequest, words: str, **detail: str) -> PostNotice:
    """One line for the incident's channel."""
    return PostNotice(
        incident=incident.number, words=words, detail=tuple(detail.items()), change=request.change
    )
