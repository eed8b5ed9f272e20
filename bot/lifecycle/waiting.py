"""How far each page came: accepted, delivered, refused, or silent, so that the next way is asked."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.calls import Way
from bot.effects import Effect, FollowPage, PostNotice, RefreshAlert
from bot.incident import EntryKind, Incident
from bot.lifecycle.calling import asked, nobody_left, silence_of
from bot.lifecycle.desk import Desk, each_by_itself
from bot.paging import PageAnswer, PageOutcome
from bot.ports import Transaction

LOOK_EVERY = timedelta(seconds=15)
"""How often a provider is asked whether an accepted page was delivered."""


async def accepted(desk: Desk, work: Transaction, way: Way, answer: PageAnswer) -> None:
    """The provider has the page."""
    incident = await work.lock(way.incident)
    assert incident is not None
    silence = await silence_of(desk, incident)
    marks = ["accepted"] + (["delivered"] if answer.outcome is PageOutcome.DELIVERED else [])
    later = min(LOOK_EVERY, silence) if way.at_pagerduty else silence
    current = await work.way(way.id)
    assert current is not None
    waits = incident.status.is_open and current.is_waiting
    await work.change_way(way.id, *marks, failed="", later=later if waits else None)
    await work.add_entry(way.incident, "", EntryKind.PAGE_ACCEPTED, contact=way.contact, how=way.handle)
    await work.enqueue([RefreshAlert(incident=way.incident, change=f"accepted:{way.id}")])


async def progressed(work: Transaction, way: Way, answer: PageAnswer) -> None:
    """The provider says that somebody was reached."""
    if answer.outcome is not PageOutcome.DELIVERED or way.delivered_at is not None:
        return
    await work.change_way(way.id, "delivered")
    await work.add_entry(way.incident, "", EntryKind.PAGE_DELIVERED, contact=way.contact, why=answer.sentence)
    await work.enqueue([RefreshAlert(incident=way.incident, change=f"delivered:{way.id}")])


async def named_in_room(work: Transaction, way: Way, why: str) -> None:
    """The room was asked to call this contact by telephone."""
    await work.lock(way.incident)
    await work.change_way(way.id, "accepted")
    await work.add_entry(way.incident, "", EntryKind.PHONE_NAMED, contact=way.contact, why=why)
    await work.enqueue([RefreshAlert(incident=way.incident, change=f"phone:{way.id}")])


async def moved_on(desk: Desk, work: Transaction, way: Way, why: str, refused: bool = False) -> None:
    """One way did not help: ask the next one, or say that there is none. Once for each way.

    `refused` when the provider surely has no page.
    """
    number = way.incident
    incident = await work.lock(number)
    current = await work.way(way.id)
    if incident is None or current is None:
        return
    if refused:
        await work.change_way(way.id, "refused")
    if current.failed:
        return
    await work.change_way(way.id, "settled", failed=why)
    await work.add_entry(number, "", EntryKind.PAGE_FAILED, contact=way.contact, why=why.rstrip("."))
    effects: list[Effect] = [RefreshAlert(incident=number, change=f"failed:{way.id}")]
    if incident.status.is_open and current.is_waiting:
        following = _following(await work.ways(number), way)
        if following is not None:
            effects.append(await asked(work, following, why, await silence_of(desk, incident)))
        else:
            detail = (("contact", way.contact), ("why", why))
            effects.append(
                PostNotice(incident=number, words="no_way_left", detail=detail, change=f"way:{way.id}")
            )
        effects += await nobody_left(desk, work, number)
    await work.enqueue(effects)


def _following(ways: Iterable[Way], way: Way) -> Way | None:
    """The next way to the same contact that was not asked yet."""
    later = [each for each in ways if each.contact == way.contact and each.place > way.place]
    return next((each for each in later if each.requested_at is None), None)


async def look_at_ways(desk: Desk) -> int:
    """Ask how far pages came, and move on from those that nobody answered. Gives how many incidents were looked at."""
    return await each_by_itself(
        desk, "way", lambda work, limit: work.incidents_of_due_ways(limit), _looked_at
    )


async def _looked_at(desk: Desk, work: Transaction, incident: Incident) -> None:
    now = await work.now()
    silence = await silence_of(desk, incident)
    for way in await work.due_ways(incident.number):
        if not incident.status.is_open or not way.is_waiting:
            await work.change_way(way.id, "settled")
        elif way.requested_at is None:
            why = f"{way.contact} has not answered."
            await work.enqueue([await asked(work, way, why, silence)])
        else:
            await _silent(work, way, way.accepted_at or way.requested_at, silence, now)


async def _silent(work: Transaction, way: Way, since: datetime, silence: timedelta, now: datetime) -> None:
    """Look how far a page came while there is time, then ask the next way."""
    if now < (ends := since + silence):
        await work.change_way(way.id, "settled", later=min(LOOK_EVERY, ends - now))
        if way.delivered_at is None and way.accepted_at is not None:
            change = f"{now.timestamp():.6f}"
            await work.enqueue([FollowPage(incident=way.incident, way=way.id, what="look", change=change)])
        return
    await work.change_way(way.id, "settled")
    if (following := _following(await work.ways(way.incident), way)) is not None:
        minutes = minutes_of(silence)
        taken = f"{way.contact} has not answered a page for {minutes} min."
        waiting = f"The page of {way.contact} waits for its provider since {minutes} min."
        await work.enqueue([await asked(work, following, taken if way.accepted_at else waiting, silence)])
    elif way.by_hand:
        # Above whoever is called by the ladder somebody else is; of one who was asked for by name nobody would learn.
        why = f"{way.contact} has not answered a page for {minutes_of(silence)} min."
        detail = (("contact", way.contact), ("why", why))
        change = f"silent:{way.id}"
        await work.enqueue(
            [PostNotice(incident=way.incident, words="no_way_left", detail=detail, change=change)]
        )


def minutes_of(span: timedelta) -> int:
    """Whole minutes, one at least."""
    return max(1, round(span.total_seconds() / 60))
