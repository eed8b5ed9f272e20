"""Asking the paging providers: wake somebody, look how far it came, end it; and who is on call."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import cast

from bot import effects as e
from bot.calls import Way
from bot.contacts import SourceKind
from bot.delivery.done import Done
from bot.delivery.hands import Hands, NotYet, Place, must_be_in_time, room
from bot.errors import ChatUnknown
from bot.lifecycle import answers, on_call, waiting
from bot.paging import PageCall, PageOutcome, last_rung
from bot.ports import Claimed, Transaction
from templates import ladder
from templates.view import View

PATIENCE = timedelta(seconds=65)
"""For how long a provider may ask to wait before the next way is asked beside it: a minute, as we keep it (`Pace`)."""

TRIES = 3
"""How often a provider is asked that gives no usable answer; the next way is tried after the first."""


async def page_contact(hands: Hands, row: Claimed) -> Done:
    """Ask for the page. The same key goes out at each attempt, so that PagerDuty makes one page of them."""
    effect = cast(e.PageContact, row.effect)
    with hands.desk.precedence.taken():
        view, way = await _way(hands, effect.incident, effect.way)
    incident = view.incident
    # Whether or not an earlier attempt got through: what follows an answer or the end in this lane tells the provider.
    if not incident.status.is_open or way.ended_at is not None or not way.is_waiting:
        return Done()
    handle = hands.desk.handle(way.handle)
    if handle is None:
        return Done(then=lambda work: waiting.moved_on(hands.desk, work, way, _gone(way), refused=True))
    text = ladder.page_text(view, way)
    call = PageCall(
        hands.mark(way.key),
        way.contact,
        text.summary,
        text.details,
        f"https://slack.com/app_redirect?channel={incident.channel}" if incident.channel else "",
        "critical" if text.worst else "error",
        again=row.uncertain_for is not None,
    )
    must_be_in_time(row)
    answer = await hands.pager.page(handle, call)
    if not answer.moves_on:
        return Done(then=lambda work: waiting.accepted(hands.desk, work, way, answer))
    if answer.limited and answer.again_after is not None and answer.again_after <= PATIENCE:
        raise NotYet(answer.sentence, answer.again_after)
    will_ask_again = answer.outcome is PageOutcome.UNKNOWN and row.attempts < TRIES
    if answer.again_after is None and not will_ask_again:
        refused = answer.outcome is PageOutcome.REFUSED and row.uncertain_for is None
        return Done(
            then=lambda work: waiting.moved_on(hands.desk, work, way, answer.sentence, refused=refused)
        )
    async with hands.desk.store.transaction() as work:  # the next way is not kept waiting meanwhile
        await waiting.moved_on(hands.desk, work, way, answer.sentence)
    if answer.again_after is not None:
        raise NotYet(answer.sentence, answer.again_after)
    raise ChatUnknown(answer.sentence)


async def follow_page(hands: Hands, row: Claimed) -> Done:
    """Look how far the page came, or acknowledge or end it; either may be said again without harm."""
    effect = cast(e.FollowPage, row.effect)
    _, way = await _way(hands, effect.incident, effect.way)
    handle = hands.desk.handle(way.handle)
    if handle is None:
        if effect.what == "look":
            return Done()
        return Done(then=lambda work: answers.not_told(work, way, effect.what, _gone(way)))
    key = hands.mark(way.key)
    must_be_in_time(row)
    if effect.what == "look":
        answer = await hands.pager.progress(handle, key)
        return Done(then=lambda work: waiting.progressed(work, way, answer))
    ask = hands.pager.resolve if effect.what == "resolve" else hands.pager.acknowledge
    answer = await ask(handle, key)
    if not answer.moves_on:
        return Done()
    if answer.again_after is not None:
        raise NotYet(answer.sentence, answer.again_after)
    if answer.outcome is PageOutcome.UNKNOWN and row.attempts < TRIES:
        raise ChatUnknown(answer.sentence)
    return Done(then=lambda work: answers.not_told(work, way, effect.what, answer.sentence))


async def find_on_call(hands: Hands, row: Claimed) -> Done:
    """Ask the contact's schedules and calendars one after the other."""
    effect = cast(e.FindOnCall, row.effect)
    sources = [each for each in hands.desk.book.sources(effect.contact) if each.kind is not SourceKind.GROUP]
    if effect.place >= len(sources):
        return Done(then=lambda work: on_call.found(hands.desk, work, effect, None))
    source = sources[effect.place]
    digest = hashlib.sha256(source.value.encode()).hexdigest()
    last = await hands.desk.store.calendar_copy(digest)
    duty = await hands.on_call.on_call(source, datetime.now(UTC), last)

    async def then(work: Transaction) -> None:
        if duty.copy is not None and duty.copy != last:
            await work.keep_calendar(digest, duty.copy)
        await on_call.found(hands.desk, work, effect, duty)

    return Done(then=then)


async def name_phone(hands: Hands, row: Claimed) -> Done:
    """The last rung: whom to call by telephone, said in the room; where strangers read, without the number."""
    effect = cast(e.NamePhone, row.effect)
    view, way = await _way(hands, effect.incident, effect.way)
    if not view.incident.status.is_open or not way.is_waiting:
        return Done()
    place = room(view.situation)
    number = hands.desk.handle(way.handle)
    shared = await _is_shared(hands, place)
    sentence = last_rung(way.contact, effect.why, [number] if number else [], shared)
    posted = await hands.post(row, place, ladder.phone(sentence))
    return Done(posted, lambda work: waiting.named_in_room(work, way, effect.why))


def _gone(way: Way) -> str:
    return f"{way.handle} is in the contacts file no more."


async def _is_shared(hands: Hands, place: Place) -> bool:
    """Whether people of another company read there."""
    if not place.channel.startswith(("C", "G")):
        return False
    return (await hands.chat.channel(place.channel)).shared


async def _way(hands: Hands, number: int, id: int) -> tuple[View, Way]:
    """The incident and one way of it; one that is past is not among those that stand around the incident."""
    view = await hands.view(number, at_once=True)
    way = next((each for each in view.situation.ways if each.id == id), None)
    if way is None:
        async with hands.desk.store.transaction() as work:
            way = await work.way(id)
    assert way is not None
    return view, way
