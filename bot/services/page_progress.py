"""Follows each page attempt: accepted, delivered, refused or silent; then tries the next method."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.domain.effects import Effect, FollowPage, PostNotice, RefreshAlert, RepeatPage
from bot.domain.incident import Incident
from bot.domain.notices import NoWayLeftNotice, PageLostNotice
from bot.domain.page_attempts import PageAttempt
from bot.domain.page_provider import PageOutcome, PageResponse
from bot.domain.timeline_details import (
    PageAcceptedDetail,
    PageDeliveredDetail,
    PageFailedDetail,
    PhoneNamedDetail,
)
from bot.ports import Transaction
from bot.services.channel_page import page_everyone_if_unreached
from bot.services.context import ServiceContext
from bot.services.first_attempts import start_page_attempt
from bot.services.paging import find_silence_timeout
from bot.services.unit_of_work import process_each_due

LOST_AFTER = timedelta(seconds=60)
"""After how long a page that was accepted must have become something at its provider."""

LOOK_EVERY = timedelta(seconds=15)
"""How often a provider is asked whether an accepted page was delivered."""


async def mark_attempt_accepted(
    desk: ServiceContext, tx: Transaction, way: PageAttempt, answer: PageResponse
) -> None:
    """The provider has the page."""
    incident = await tx.lock(way.incident)
    assert incident is not None
    silence = await find_silence_timeout(desk, incident)
    marks = ["accepted"] + (["delivered"] if answer.outcome is PageOutcome.DELIVERED else [])
    later = min(LOOK_EVERY, silence) if way.at_pagerduty else silence
    current = await tx.way(way.id)
    assert current is not None
    waits = incident.status.is_open and current.is_waiting
    await tx.update_page_attempt(way.id, *marks, failed="", later=later if waits else None)
    await tx.add_entry(way.incident, "", PageAcceptedDetail(contact=way.contact, how=way.handle))
    await tx.enqueue([RefreshAlert(incident=way.incident, change=f"accepted:{way.id}")])


async def record_page_progress(tx: Transaction, way: PageAttempt, answer: PageResponse) -> None:
    """The provider says that somebody was reached, or that it has no such page."""
    if answer.is_lost:
        await _ask_again(tx, way)
    if answer.outcome is not PageOutcome.DELIVERED or way.delivered_at is not None:
        return
    await tx.update_page_attempt(way.id, "delivered")
    await tx.add_entry(way.incident, "", PageDeliveredDetail(contact=way.contact, why=answer.sentence))
    await tx.enqueue([RefreshAlert(incident=way.incident, change=f"delivered:{way.id}")])


async def _ask_again(tx: Transaction, way: PageAttempt) -> None:
    """The provider accepted the page a minute ago and lost it: send it again with the same key, and tell the channel.
    Not once somebody acknowledged, nor when the incident ended."""
    incident, current, now = await tx.lock(way.incident), await tx.way(way.id), await tx.now()
    again = RepeatPage(incident=way.incident, way=way.id)
    if (
        incident is None
        or current is None
        or current.accepted_at is None
        or await tx.find_effect_payload(again.key)
    ):
        return
    if not (incident.status.is_open and current.is_waiting) or now < current.accepted_at + LOST_AFTER:
        return
    why = "PagerDuty accepted the page but has no incident for it, so it was sent once more"
    await tx.add_entry(way.incident, "", PageFailedDetail(contact=way.contact, why=why))
    said = PostNotice.say(way.incident, PageLostNotice(contact=way.contact), f"lost:{way.id}")
    await tx.enqueue([again, said])


async def record_repeated_page(tx: Transaction, way: PageAttempt) -> None:
    """The provider has accepted the page once more; the time for an answer counts from the first."""
    await tx.lock(way.incident)
    await tx.add_entry(way.incident, "", PageAcceptedDetail(contact=way.contact, how=way.handle))


async def record_phone_fallback(tx: Transaction, way: PageAttempt, why: str) -> None:
    """The channel was asked to phone this contact."""
    await tx.lock(way.incident)
    await tx.update_page_attempt(way.id, "accepted")
    await tx.add_entry(way.incident, "", PhoneNamedDetail(contact=way.contact, why=why))
    await tx.enqueue([RefreshAlert(incident=way.incident, change=f"phone:{way.id}")])


async def try_next_method(
    desk: ServiceContext, tx: Transaction, way: PageAttempt, why: str, refused: bool = False
) -> None:
    """One way did not help: ask the next one, or say that there is none. Once for each way.

    `refused` when the provider surely has no page.
    """
    number = way.incident
    incident = await tx.lock(number)
    current = await tx.way(way.id)
    if incident is None or current is None:
        return
    if refused:
        await tx.update_page_attempt(way.id, "refused")
    if current.failed:
        return
    await tx.update_page_attempt(way.id, "settled", failed=why)
    await tx.add_entry(number, "", PageFailedDetail(contact=way.contact, why=why.rstrip(".")))
    effects: list[Effect] = [RefreshAlert(incident=number, change=f"failed:{way.id}")]
    if incident.status.is_open and current.is_waiting:
        following = _following(await tx.ways(number), way)
        if following is not None:
            effects.append(
                await start_page_attempt(tx, following, why, await find_silence_timeout(desk, incident))
            )
        else:
            notice = NoWayLeftNotice(contact=way.contact, why=why)
            effects.append(PostNotice.say(number, notice, f"way:{way.id}"))
        effects += await page_everyone_if_unreached(desk, tx, number)
    await tx.enqueue(effects)


def _following(ways: Iterable[PageAttempt], way: PageAttempt) -> PageAttempt | None:
    """The next way to the same contact that was not asked yet."""
    later = [attempt for attempt in ways if attempt.contact == way.contact and attempt.place > way.place]
    return next((attempt for attempt in later if attempt.requested_at is None), None)


async def process_due_attempts(desk: ServiceContext) -> int:
    """Follow up page attempts: ask how far they came, and try the next method where nobody answered. Gives the number
    of incidents processed."""
    return await process_each_due(
        desk, "way", lambda work, limit: work.list_due_attempt_incidents(limit), _process_incident
    )


async def _process_incident(desk: ServiceContext, tx: Transaction, incident: Incident) -> None:
    now = await tx.now()
    silence = await find_silence_timeout(desk, incident)
    for way in await tx.list_due_attempts(incident.number):
        if not incident.status.is_open or not way.is_waiting:
            await tx.update_page_attempt(way.id, "settled")
        elif way.requested_at is None:
            why = f"{way.contact} has not acknowledged."
            await tx.enqueue([await start_page_attempt(tx, way, why, silence)])
        else:
            await _silent(tx, way, way.accepted_at or way.requested_at, silence, now)


async def _silent(
    tx: Transaction, way: PageAttempt, since: datetime, silence: timedelta, now: datetime
) -> None:
    """Look how far a page came while there is time and when it is over, then ask the next way."""
    if way.delivered_at is None and way.accepted_at is not None:
        change = f"{now.timestamp():.6f}"
        await tx.enqueue([FollowPage(incident=way.incident, way=way.id, what="look", change=change)])
    if now < (ends := since + silence):
        await tx.update_page_attempt(way.id, "settled", later=min(LOOK_EVERY, ends - now))
        return
    await tx.update_page_attempt(way.id, "settled")
    if (following := _following(await tx.ways(way.incident), way)) is not None:
        minutes = count_minutes(silence)
        taken = f"{way.contact} has not acknowledged a page for {minutes} min."
        waiting = f"The page for {way.contact} has been waiting for its provider for {minutes} min."
        await tx.enqueue(
            [await start_page_attempt(tx, following, taken if way.accepted_at else waiting, silence)]
        )
    elif way.by_hand:
        # Above whoever is called by the ladder somebody else is; of one who was asked for by name nobody would learn.
        why = f"{way.contact} has not acknowledged a page for {count_minutes(silence)} min."
        notice = NoWayLeftNotice(contact=way.contact, why=why)
        await tx.enqueue([PostNotice.say(way.incident, notice, f"silent:{way.id}")])


def count_minutes(span: timedelta) -> int:
    """Whole minutes, one at least."""
    return max(1, round(span.total_seconds() / 60))
