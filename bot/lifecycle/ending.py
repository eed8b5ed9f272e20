"""Resolving, working off the checklist, closing."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from bot.calls import Ladder
from bot.effects import (
    ArchiveChannel,
    Effect,
    PostChecklist,
    PostResolution,
    PublishResolution,
    RefreshChecklist,
    RefreshPage,
    RemindOfChecklist,
    SetTopic,
    TellIncidentsChannel,
)
from bot.errors import Refused
from bot.incident import ChecklistItem, EntryKind, Incident, Outcome, Status
from bot.lifecycle.answers import ended
from bot.lifecycle.calling import Cause, everyone_called, next_look, summoned, waits
from bot.lifecycle.declare import people_to_call
from bot.lifecycle.desk import Desk, Request, held, must_be_open, once
from bot.lifecycle.ladder import first_look
from bot.lifecycle.looking import looks_stopped
from bot.lifecycle.respond import notice, refreshed
from bot.policy import ARCHIVE_AFTER, CallOut
from bot.ports import Transaction

BATCH = 250


async def resolve(
    desk: Desk,
    request: Request,
    number: int,
    resolution: str,
    root_cause: str,
    postmortem_at: datetime | None,
    fields: Mapping[str, str] | None = None,
) -> Outcome:
    """The outage is over. The outcome is `resolved`, or `resolved_already` with who and when.

    `fields` are what only people know of the message, by the names of its template's gaps.
    """

    async def change(work: Transaction) -> Outcome:
        incident = await held(work, request, number)
        if not incident.status.is_open:
            at = str(int(incident.resolved_at.timestamp())) if incident.resolved_at else ""
            return Outcome("resolved_already", number, {"by": incident.resolved_by or "", "at": at})
        if not resolution.strip():
            raise Refused("Say in a few words what was done. Nothing was changed.")
        count = incident.resolutions + 1
        await work.change(
            number,
            status=Status.RESOLVED,
            resolved_at="now",
            resolutions=count,
            resolved_by=request.actor,
            resolution=resolution.strip(),
            root_cause=root_cause.strip(),
            postmortem_at=postmortem_at,
            fields={**incident.fields, **(fields or {})},
            next_update_at=None,
            notice_at=None,
            ladder=Ladder.NONE,
            look_at=None,
        )
        await work.add_entry(number, request.actor, EntryKind.RESOLVED)
        runbook = await desk.editions.of(incident)
        await work.add_checklist(
            number,
            [(window.within, item.text, item.line) for window in runbook.windows for item in window.items],
        )
        await work.enqueue(
            [
                *await ended(work, number, request.change),
                *await looks_stopped(work, runbook, number, "resolved"),
                PostResolution(incident=number, count=count),
                PublishResolution(incident=number, channel_name=desk.channel_name, count=count),
                PostChecklist(incident=number, count=count),
                *refreshed(number, request.change),
                SetTopic(incident=number, change=request.change),
            ]
        )
        return Outcome("resolved", number)

    return await once(desk, request, change)


async def set_item(desk: Desk, request: Request, number: int, position: int, done: bool) -> Outcome:
    """Bring one checklist item to the state that the button named; a second click finds it there already.

    The outcome is `ticked`, `unticked`, `ticked_already` or `unticked_already`.
    """

    async def change(work: Transaction) -> Outcome:
        incident = await held(work, request, number)
        if incident.status == Status.CLOSED:
            raise Refused(f"{incident.reference} is closed. Its checklist stays as it is.")
        word = "ticked" if done else "unticked"
        text = await work.set_item(number, position, done, request.actor)
        if text is None:
            return Outcome(f"{word}_already", number)
        kind = EntryKind.ITEM_TICKED if done else EntryKind.ITEM_UNTICKED
        await work.add_entry(number, request.actor, kind, text=text)
        await work.enqueue(
            [RefreshChecklist(incident=number, count=incident.resolutions, change=request.change)]
        )
        return Outcome(word, number, {"text": text})

    return await once(desk, request, change)


async def close(desk: Desk, request: Request, number: int, anyway: str = "") -> Outcome:
    """Put the incident away. With open items only when `anyway` says why.

    The outcome is `closed`, `closed_already`, `items_open` with their texts, or `refused`.
    """

    async def change(work: Transaction) -> Outcome:
        incident = await held(work, request, number)
        if incident.status == Status.CLOSED:
            return Outcome("closed_already", number)
        if incident.status.is_open:
            raise Refused(
                f"{incident.reference} is not resolved yet. Use `/incident resolve` first. Nothing was changed."
            )
        situation = await work.situation(number)
        assert situation is not None
        left = open_items(situation.items)
        if left and not anyway.strip():
            return Outcome("items_open", number, {"items": "\n".join(item.text for item in left)})
        await work.change(
            number,
            status=Status.CLOSED,
            closed_at="now",
            closed_by=request.actor,
            close_reason=anyway.strip(),
        )
        await work.add_entry(
            number, request.actor, EntryKind.CLOSED, reason=anyway.strip(), left=str(len(left))
        )
        await work.enqueue(
            [
                *await looks_stopped(work, await desk.editions.of(incident), number, "closed"),
                RefreshChecklist(incident=number, count=incident.resolutions, change=request.change),
                *refreshed(number, request.change),
                SetTopic(incident=number, change=request.change),
                notice(
                    incident,
                    request,
                    "closed",
                    actor=request.actor,
                    reason=anyway.strip(),
                    left=str(len(left)),
                ),
            ]
        )
        await work.enqueue([ArchiveChannel(incident=number, change=request.change)], later=ARCHIVE_AFTER)
        return Outcome("closed", number)

    return await once(desk, request, change)


async def cancel(desk: Desk, request: Request, number: int, reason: str) -> Outcome:
    """It was a false alarm: said everywhere, no checklist. `cancelled`, `cancelled_already` or `refused`."""

    async def change(work: Transaction) -> Outcome:
        incident = await held(work, request, number)
        if incident.status == Status.CANCELLED:
            return Outcome("cancelled_already", number)
        must_be_open(incident)
        await work.change(
            number,
            status=Status.CANCELLED,
            resolved_at="now",
            resolved_by=request.actor,
            close_reason=reason.strip(),
            next_update_at=None,
            notice_at=None,
            ladder=Ladder.NONE,
            look_at=None,
        )
        await work.add_entry(number, request.actor, EntryKind.CANCELLED, reason=reason.strip())
        detail = {"actor": request.actor, "reason": reason.strip()}
        pages = [
            RefreshPage(incident=number, person=page.person, change=request.change)
            for page in await work.pages(number)
        ]
        await work.enqueue(
            [
                *await ended(work, number, request.change),
                *await looks_stopped(work, await desk.editions.of(incident), number, "cancelled"),
                *refreshed(number, request.change),
                *pages,
                SetTopic(incident=number, change=request.change),
                notice(incident, request, "cancelled", **detail),
                TellIncidentsChannel(
                    incident=number,
                    channel_name=desk.channel_name,
                    words="cancelled",
                    detail=tuple(detail.items()),
                    change=request.change,
                ),
            ]
        )
        await work.enqueue([ArchiveChannel(incident=number, change=request.change)], later=ARCHIVE_AFTER)
        return Outcome("cancelled", number)

    return await once(desk, request, change)


async def reopen(desk: Desk, request: Request, number: int) -> Outcome:
    """It is not over after all: the clock runs again, ticks stay. `reopened` or `open_already`."""

    async def change(work: Transaction) -> Outcome:
        incident = await held(work, request, number)
        if incident.status.is_open:
            return Outcome("open_already", number)
        before = incident.status
        now = await work.now()
        following = now + incident.cadence if incident.cadence else None
        runbook = await desk.editions.of(incident)
        severity = runbook.severity(incident.severity)
        nobody = incident.acknowledged_at is None
        look: dict[str, object] = {"ladder": Ladder.NONE, "look_at": None}
        if severity is not None and (nobody or waits(severity)):
            look = first_look(desk, runbook, incident, severity, now)
        elif severity is not None:
            look = next_look(desk, incident, severity, now)
        await work.change(
            number,
            status=Status.INVESTIGATING,
            resolved_at=None,
            resolved_by=None,
            closed_at=None,
            closed_by=None,
            close_reason="",
            next_update_at=following,
            notice_at=following,
            notice_stage=0,
            snoozed=False,
            **{"rung": 0, **look},
        )
        incident = await work.incident(number)
        await work.drop_windows(number)
        await work.add_entry(number, request.actor, EntryKind.REOPENED, before=before)
        # Nobody was on it when it ended by mistake: people are called as when it was declared.
        called = people_to_call(desk, severity, incident) if severity is not None and nobody else CallOut()
        summoning, names = await summoned(
            desk, work, incident, called, Cause(request.change, anew=True, by_severity=True)
        )
        everyone = await everyone_called(desk, work, incident, called, request.change)
        await work.enqueue([*everyone, *summoning, *_reopened(desk, request, incident, before, names)])
        return Outcome("reopened", number)

    return await once(desk, request, change)


def _reopened(
    desk: Desk, request: Request, incident: Incident, before: Status, names: Iterable[str]
) -> list[Effect]:
    """Where it is said: `names` were called."""
    who, called = request.actor, ", ".join(names)
    return [
        *refreshed(incident.number, request.change),
        SetTopic(incident=incident.number, change=request.change),
        notice(incident, request, "reopened", actor=who, before=before, called=called),
        TellIncidentsChannel(
            incident=incident.number,
            channel_name=desk.channel_name,
            words="reopened",
            detail=(("actor", who), ("before", before)),
            change=request.change,
        ),
    ]


def open_items(items: Sequence[ChecklistItem]) -> list[ChecklistItem]:
    """The items that nobody ticked yet."""
    return [item for item in items if not item.is_done]


async def look_at_windows(desk: Desk) -> int:
    """Bring the items still open at the end of a window to the commander. Gives how many windows ended."""
    async with desk.store.transaction() as work:
        ended = await work.due_windows(BATCH)
        for number, within in ended:
            situation = await work.situation(number)
            assert situation is not None
            await work.drop_window(number, within)
            left = [item for item in open_items(situation.items) if item.window == within]
            if left and situation.incident.status == Status.RESOLVED:
                await work.enqueue([RemindOfChecklist(incident=number, within=int(within.total_seconds()))])
        return len(ended)
