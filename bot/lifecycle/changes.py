"""Changes while people work on it: status, severity, title, notes."""

from datetime import datetime

from bot.calls import Ladder, stands_for
from bot.effects import Effect, RenameChannel, SetTopic
from bot.errors import Refused
from bot.incident import EntryKind, Incident, Outcome, Status
from bot.letters import cut
from bot.lifecycle.answers import ended
from bot.lifecycle.calling import RAISED, Cause, everyone_called, next_look, summoned, waits
from bot.lifecycle.declare import (
    TEXT_LENGTH,
    cadence,
    drill_title,
    known_severity,
    people_to_call,
    short_title,
)
from bot.lifecycle.desk import Desk, Request, held, must_be_open, once
from bot.lifecycle.ladder import first_look
from bot.lifecycle.respond import notice, refreshed
from bot.policy import CallOut
from bot.ports import Transaction
from bot.runbook import Runbook, Severity, ladder


async def set_status(desk: Desk, request: Request, number: int, typed: str) -> Outcome:
    """Say where it stands: investigating, identified or monitoring. `status_changed`, `status_already` or `refused`."""

    async def change(work: Transaction) -> Outcome:
        incident = await held(work, request, number)
        must_be_open(incident)
        try:
            status = Status(typed.strip().casefold())
        except ValueError:
            status = Status.CLOSED
        if not status.is_open:
            raise Refused(
                f"“{typed}” is no status. It is investigating, identified or monitoring; "
                "`/incident resolve` ends an incident. Nothing was changed."
            )
        if status == incident.status:
            return Outcome("status_already", number, {"status": status})
        await work.change(number, status=status)
        await work.add_entry(
            number, request.actor, EntryKind.STATUS_CHANGED, before=incident.status, to=status
        )
        said = notice(
            incident, request, "status_changed", actor=request.actor, before=incident.status, to=status
        )
        await work.enqueue(
            [*refreshed(number, request.change), SetTopic(incident=number, change=request.change), said]
        )
        return Outcome("status_changed", number, {"status": status})

    return await once(desk, request, change)


async def set_severity(desk: Desk, request: Request, number: int, typed: str) -> Outcome:
    """Judge it worse or milder. New people are called, nobody twice; the rhythm of updates follows.

    The outcome is `severity_changed` with what changes with it, `severity_already` or `refused`.
    """

    async def change(work: Transaction) -> Outcome:
        incident = await held(work, request, number)
        must_be_open(incident)
        runbook = await desk.editions.of(incident)
        severity = known_severity(runbook, typed)
        if severity.id == incident.severity:
            return Outcome("severity_already", number, {"severity": severity.id})
        rhythm = cadence(desk, runbook, severity)
        next_at, before = None, incident.severity
        if rhythm is not None:
            next_at = incident.next_update_at if rhythm == incident.cadence else await work.now() + rhythm
        moved = next_at != incident.next_update_at
        await work.change(
            number,
            severity=severity.id,
            cadence=rhythm,
            next_update_at=next_at,
            notice_at=next_at if moved else incident.notice_at,
            notice_stage=0 if moved else incident.notice_stage,
            snoozed=False if moved else incident.snoozed,
        )
        incident = await work.incident(number)
        called = people_to_call(desk, severity, incident)
        old = runbook.severity(before)
        over: list[Effect] = []
        if old is None or severity.rank > old.rank:
            over = await ended(work, number, request.change, await _not_called_any_more(work, number, called))
        look = _following_look(desk, runbook, incident, old, severity, await work.now())
        await work.change(number, **look)
        incident = await work.incident(number)
        cause = Cause(request.change, anew=old is not None and waits(old), by_severity=True)
        summoning, names = await summoned(desk, work, incident, called, cause)
        if old is None or severity.rank < old.rank:
            over += await everyone_called(desk, work, incident, called, RAISED)
        detail = {
            "before": before,
            "to": severity.id,
            "called": ", ".join(names),
            "every": str(int(rhythm.total_seconds())) if rhythm else "",
        }
        await work.add_entry(number, request.actor, EntryKind.SEVERITY_CHANGED, **detail)
        effects: list[Effect] = [
            *over,
            *summoning,
            notice(incident, request, "severity_changed", actor=request.actor, **detail),
            *refreshed(number, request.change),
            SetTopic(incident=number, change=request.change),
        ]
        await work.enqueue(effects)
        return Outcome("severity_changed", number, detail)

    return await once(desk, request, change)


async def _not_called_any_more(work: Transaction, number: int, called: CallOut) -> set[str]:
    """Who is being paged and is not called at the severity as it is now; who was asked for by name stays called."""
    still = {name for name, _ in (*called.people, *called.lookups, *called.ways)} | set(called.on_call)
    shared = {handle for _, handles in called.ways for handle in handles}
    ways = await work.ways(number)
    kept = {way.contact for way in ways if way.by_hand or way.handle in shared}
    return {
        way.contact
        for way in ways
        if way.contact not in kept and not any(stands_for(way.contact, name) for name in still)
    }


def _following_look(
    desk: Desk, runbook: Runbook, incident: Incident, old: Severity | None, new: Severity, now: datetime
) -> dict[str, object]:
    """The columns of the ladder after a change of the severity: who has answered is asked later, and a ladder with the
    same steps goes on where it stands, not later than before."""
    could_wait = old is not None and waits(old)  # who answered that is not on it now
    answered = incident.acknowledged_at is not None and incident.ladder is not Ladder.CLIMBING
    if answered and not could_wait and not waits(new):
        return next_look(desk, incident, new, now)
    first = first_look(desk, runbook, incident, new, now)
    if incident.ladder is not Ladder.CLIMBING or first["ladder"] is not Ladder.CLIMBING or old is None:
        return first
    names = list(desk.contacts)
    raised = new.rank < old.rank
    steps = [[(rung.names, rung.everyone) for rung in ladder(runbook, each, names)] for each in (old, new)]
    if incident.rung == 0 or steps[0] != steps[1]:
        return {**first, "look_at": _sooner(first["look_at"], incident.look_at)} if raised else first
    left = ladder(runbook, new, names)[incident.rung :]
    soonest = min([now + left[0].after, *([incident.look_at] if incident.look_at else [])]) if left else None
    return {"look_at": soonest}


def _sooner(one: object, other: datetime | None) -> datetime | None:
    """The earlier of two instants, where there are two."""
    assert one is None or isinstance(one, datetime)
    return min([each for each in (one, other) if each is not None], default=None)


async def rename(desk: Desk, request: Request, number: int, title: str) -> Outcome:
    """Give it a better title; its channel follows. The outcome is `renamed` or `refused`."""

    async def change(work: Transaction) -> Outcome:
        incident = await held(work, request, number)
        must_be_open(incident)
        new = short_title(title.strip(), incident.drill)
        if not new:
            raise Refused("Type the new title: `/incident rename Payments are failing`. Nothing was changed.")
        await work.change(number, title=new)
        await work.add_entry(
            number,
            request.actor,
            EntryKind.RENAMED,
            before=incident.title,
            to=cut(title.strip(), TEXT_LENGTH),
        )
        await work.enqueue(
            [
                *refreshed(number, request.change),
                SetTopic(incident=number, change=request.change),
                RenameChannel(incident=number, change=request.change),
                notice(incident, request, "renamed", actor=request.actor, before=incident.title, to=new),
            ]
        )
        cut_from = str(len(title.strip())) if new != drill_title(title.strip(), incident.drill) else ""
        return Outcome("renamed", number, {"title": new, "cut": cut_from})

    return await once(desk, request, change)
