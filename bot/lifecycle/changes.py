"""Changes while people work on it: status, severity, title, notes."""

from bot.effects import Effect, RenameChannel, SetTopic
from bot.errors import Refused
from bot.incident import EntryKind, Outcome, Status
from bot.letters import cut
from bot.lifecycle.calling import next_look, quieted, summoned
from bot.lifecycle.declare import TEXT_LENGTH, cadence, known_severity, people_to_call, short_title
from bot.lifecycle.desk import Desk, Request, held, must_be_open, once
from bot.lifecycle.ladder import first_look
from bot.lifecycle.respond import notice, refreshed
from bot.ports import Transaction


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
        incident = await work.change(
            number,
            severity=severity.id,
            cadence=rhythm,
            next_update_at=next_at,
            notice_at=next_at if moved else incident.notice_at,
            notice_stage=0 if moved else incident.notice_stage,
            snoozed=False if moved else incident.snoozed,
        )
        called = people_to_call(desk, severity)
        still = {name for name, _ in (*called.people, *called.lookups, *called.ways)} | set(called.on_call)
        others = sorted({way.contact for way in await work.ways(number)} - still)
        ended = await quieted(work, number, "resolve", request.change, others)
        now = await work.now()
        look = first_look(desk, runbook, severity, now)
        if incident.acknowledged_at is not None:
            look = next_look(desk, severity, now)
        incident = await work.change(number, **look)
        summoning, names = await summoned(desk, work, incident, called, request.change)
        detail = {
            "before": before,
            "to": severity.id,
            "called": ", ".join(names),
            "every": str(int(rhythm.total_seconds())) if rhythm else "",
        }
        await work.add_entry(number, request.actor, EntryKind.SEVERITY_CHANGED, **detail)
        effects: list[Effect] = [
            *ended,
            *summoning,
            notice(incident, request, "severity_changed", actor=request.actor, **detail),
            *refreshed(number, request.change),
            SetTopic(incident=number, change=request.change),
        ]
        await work.enqueue(effects)
        return Outcome("severity_changed", number, detail)

    return await once(desk, request, change)


async def rename(desk: Desk, request: Request, number: int, title: str) -> Outcome:
    """Give it a better title; its channel follows. The outcome is `renamed` or `refused`."""

    async def change(work: Transaction) -> Outcome:
        incident = await held(work, request, number)
        must_be_open(incident)
        new = short_title(title.strip())
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
        cut_from = str(len(title.strip())) if new != title.strip() else ""
        return Outcome("renamed", number, {"title": new, "cut": cut_from})

    return await once(desk, request, change)
