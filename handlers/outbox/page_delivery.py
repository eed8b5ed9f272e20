"""Effect handlers that call the paging providers: page, follow, acknowledge and resolve; and look up who is on call."""

import hashlib
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import cast

from bot.contacts import Handle, OnCallSourceKind
from bot.domain import effects as e
from bot.domain.page_attempts import PageAttempt
from bot.domain.page_provider import PageOutcome, PageRequest, PageResponse, describe_last_resort
from bot.errors import SlackOutcomeUnknown
from bot.ports import LeasedEffect, Transaction
from bot.services import on_call_result, page_acknowledgement, page_progress
from handlers.outbox.effect_context import Destination, EffectContext, RetryLater, ensure_lease, find_room
from handlers.outbox.effect_result import EffectResult
from templates import page_progress as ladder
from templates.incident_view import IncidentViewModel

log = logging.getLogger(__name__)

MAX_RETRY_DELAY = timedelta(seconds=65)
"""For how long a provider may ask to wait before the next way is asked beside it: a minute, as we keep it (`Pace`)."""

RETRY_DELAY = timedelta(seconds=5)

MAX_TRIES = 3
"""How often a provider is asked that gives no usable answer; the next way is tried after the first."""


async def page_contact(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """Ask for the page. The same key goes out at each attempt, so that PagerDuty makes one page of them."""
    effect = cast(e.PageContact, row.effect)
    with hands.services.priority_gate.hold_priority():
        view, way = await _way(hands, effect.incident, effect.way)
    # Whether or not an earlier attempt got through: what follows an answer or the end in this lane tells the provider.
    if not _is_wanted(view, way):
        return EffectResult()
    handle = hands.services.handle(way.handle)
    if handle is None:
        return EffectResult(
            on_commit=lambda tx: page_progress.try_next_method(
                hands.services, tx, way, _describe_missing_handle(way), refused=True
            )
        )

    async def accepted(tx: Transaction, answer: PageResponse) -> None:
        await page_progress.mark_attempt_accepted(hands.services, tx, way, answer)

    return await _ask(hands, row, (view, way, handle), row.mark, accepted)


def _is_wanted(view: IncidentViewModel, way: PageAttempt) -> bool:
    """Whether the page is still needed: the incident is open, and nobody has answered for the contact."""
    return view.incident.status.is_open and way.ended_at is None and way.is_waiting


async def repeat_page(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """Ask once more for what was accepted and lost, unless its provider, asked right before, has it by now."""
    effect = cast(e.RepeatPage, row.effect)
    with hands.services.priority_gate.hold_priority():
        view, way = await _way(hands, effect.incident, effect.way)
    handle = hands.services.handle(way.handle)
    key = await hands.services.store.find_mark(way.key)
    if not _is_wanted(view, way) or handle is None or key is None:
        return EffectResult()
    ensure_lease(row)
    known = await hands.pager.progress(handle, key)
    if not known.moves_on and not known.is_lost:
        return EffectResult(on_commit=lambda tx: page_progress.record_page_progress(tx, way, known))
    if known.moves_on and row.attempts < MAX_TRIES:
        raise RetryLater(known.sentence, known.again_after or RETRY_DELAY)
    if known.moves_on:
        return EffectResult(
            on_commit=lambda tx: page_progress.try_next_method(hands.services, tx, way, known.sentence)
        )
    return await _ask(
        hands, row, (view, way, handle), key, lambda tx, _: page_progress.record_repeated_page(tx, way)
    )


async def _ask(
    hands: EffectContext,
    row: LeasedEffect,
    called: tuple[IncidentViewModel, PageAttempt, Handle],
    key: str,
    accepted: Callable[[Transaction, PageResponse], Awaitable[None]],
) -> EffectResult:
    """Ask for one page under this key; `accepted` records that the provider has it."""
    view, way, handle = called
    ensure_lease(row)
    answer = await hands.pager.page(handle, _build_request(view, way, key, row))
    if not answer.moves_on:
        return EffectResult(on_commit=lambda tx: accepted(tx, answer))
    if answer.limited and answer.again_after is not None and answer.again_after <= MAX_RETRY_DELAY:
        raise RetryLater(answer.sentence, answer.again_after)
    if not _will_retry(answer, row):
        surely = row.uncertain_for is None and way.accepted_at is None
        refused = answer.outcome is PageOutcome.REFUSED and surely
        return EffectResult(
            on_commit=lambda tx: page_progress.try_next_method(
                hands.services, tx, way, answer.sentence, refused=refused
            )
        )
    async with hands.services.store.transaction() as tx:  # the next method does not wait for the retry
        await page_progress.try_next_method(hands.services, tx, way, answer.sentence)
    if answer.again_after is not None:
        raise RetryLater(answer.sentence, answer.again_after)
    raise SlackOutcomeUnknown(answer.sentence)


def _build_request(view: IncidentViewModel, way: PageAttempt, key: str, row: LeasedEffect) -> PageRequest:
    channel = view.incident.channel
    text = ladder.build_page_text(view, way)
    return PageRequest(
        key,
        way.contact,
        text.summary,
        text.details,
        f"https://slack.com/app_redirect?channel={channel}" if channel else "",
        "critical" if text.worst else "error",
        again=row.uncertain_for is not None,
    )


def _will_retry(answer: PageResponse, row: LeasedEffect) -> bool:
    """Whether the same provider is asked once more: it asks to wait, or gave no usable answer."""
    if answer.again_after is not None:
        return True
    return answer.outcome is PageOutcome.UNKNOWN and row.attempts < MAX_TRIES


async def update_provider_page(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """Look how far the page came, or acknowledge or end it; either may be said again without harm."""
    effect = cast(e.FollowPage, row.effect)
    _, way = await _way(hands, effect.incident, effect.way)
    handle = hands.services.handle(way.handle)
    if handle is None:
        if effect.what == "look":
            return EffectResult()
        return EffectResult(
            on_commit=lambda tx: page_acknowledgement.report_provider_failure(
                tx, way, effect.what, _describe_missing_handle(way)
            )
        )
    key = await hands.services.store.find_mark(way.key)
    assert key is not None, f"{row.effect.key} follows a page that was never asked for"
    ensure_lease(row)
    if effect.what == "look":
        answer = await hands.pager.progress(handle, key)
        return EffectResult(on_commit=lambda tx: page_progress.record_page_progress(tx, way, answer))
    ask = hands.pager.resolve if effect.what == "resolve" else hands.pager.acknowledge
    answer = await ask(handle, key)
    if not answer.moves_on:
        return EffectResult()
    if answer.again_after is not None:
        raise RetryLater(answer.sentence, answer.again_after)
    if answer.outcome is PageOutcome.UNKNOWN and row.attempts < MAX_TRIES:
        raise SlackOutcomeUnknown(answer.sentence)
    return EffectResult(
        on_commit=lambda tx: page_acknowledgement.report_provider_failure(
            tx, way, effect.what, answer.sentence
        )
    )


async def add_page_note(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """Say at the provider of what rings that another incident's page joins it; a refusal leaves it to the page's own
    text."""
    effect = cast(e.NotePage, row.effect)
    view, way = await _way(hands, effect.incident, effect.way)
    other = (await hands.load_view(effect.other)).incident
    handle = hands.services.handle(way.handle)
    key = await hands.services.store.find_mark(way.key)
    if not _is_wanted(view, way) or not other.status.is_open or handle is None or key is None:
        return EffectResult()
    ensure_lease(row)
    answer = await hands.pager.add_note(handle, key, ladder.build_page_note(other))
    if answer.moves_on and row.attempts < MAX_TRIES:
        raise RetryLater(answer.sentence, answer.again_after or RETRY_DELAY)
    if answer.moves_on:
        log.warning("%s got no note on the page for %s: %s", other.reference, way.contact, answer.sentence)
    return EffectResult()


async def find_on_call(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """Ask the contact's schedules and calendars one after the other."""
    effect = cast(e.FindOnCall, row.effect)
    sources = [
        source
        for source in hands.services.book.sources(effect.contact)
        if source.kind is not OnCallSourceKind.GROUP
    ]
    if effect.place >= len(sources):
        return EffectResult(
            on_commit=lambda tx: on_call_result.page_on_call_people(hands.services, tx, effect, None)
        )
    source = sources[effect.place]
    digest = hashlib.sha256(source.value.encode()).hexdigest()
    last = await hands.services.store.find_cached_calendar(digest)
    duty = await hands.on_call.on_call(source, datetime.now(UTC), last)

    async def then(tx: Transaction) -> None:
        if duty.copy is not None and duty.copy != last:
            await tx.cache_calendar(digest, duty.copy)
        await on_call_result.page_on_call_people(hands.services, tx, effect, duty)

    return EffectResult(on_commit=then)


async def post_phone_fallback(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """The last fallback: whom to phone, said in the channel; without the number where another company reads."""
    effect = cast(e.NamePhone, row.effect)
    view, way = await _way(hands, effect.incident, effect.way)
    if not view.incident.status.is_open or not way.is_waiting:
        return EffectResult()
    place = find_room(view.situation)
    number = hands.services.handle(way.handle)
    shared = await _is_shared(hands, place)
    sentence = describe_last_resort(way.contact, effect.why, [number] if number else [], shared)
    posted = await hands.post(row, place, ladder.render_phone_fallback(sentence))
    return EffectResult(posted, lambda tx: page_progress.record_phone_fallback(tx, way, effect.why))


def _describe_missing_handle(way: PageAttempt) -> str:
    return f"{way.handle} is in the contacts file no more."


async def _is_shared(hands: EffectContext, place: Destination) -> bool:
    """Whether people of another company read there."""
    if not place.channel.startswith(("C", "G")):
        return False
    return (await hands.chat.channel(place.channel)).shared


async def _way(hands: EffectContext, number: int, id: int) -> tuple[IncidentViewModel, PageAttempt]:
    """The incident and one way of it; one that is past is not among those that stand around the incident."""
    view = await hands.load_view(number, at_once=True)
    way = next((attempt for attempt in view.situation.ways if attempt.id == id), None)
    if way is None:
        async with hands.services.store.transaction() as tx:
            way = await tx.way(id)
    assert way is not None
    return view, way
