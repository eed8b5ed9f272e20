"""The ways to people beside Slack, one after the other, until somebody answers or the room is asked to dial."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from bot import policy
from bot.calls import Ladder, Page, Way, stands_for
from bot.effects import (
    CallEveryone,
    Effect,
    FindOnCall,
    FindResponders,
    FollowPage,
    InvitePeople,
    MentionPeople,
    NamePhone,
    PageContact,
    PageResponder,
    PostNotice,
    RefreshAlert,
)
from bot.incident import EntryKind, Incident, Situation
from bot.lifecycle.desk import Desk
from bot.paging import PageAnswer, PageOutcome
from bot.ports import Transaction
from bot.runbook import Severity

BATCH = 250
LOOK_EVERY = timedelta(seconds=15)
"""How often a provider is asked whether an accepted page was delivered."""


async def ways_asked(
    work: Transaction, number: int, called: policy.CallOut, silence: timedelta
) -> tuple[list[Effect], tuple[str, ...]]:
    """Ask the first way to each contact that was not called before; the others wait for their turn. Gives the effects
    and the names.

    A contact for whom a schedule or calendar is asked keeps its own ways for when that has nobody.
    """
    if not called.ways and not called.on_call:
        return [], ()
    known = {way.contact for way in await work.ways(number)}
    ways = [each for each in called.ways if each[0] not in known and each[0] not in called.on_call]
    on_call = [name for name in called.on_call if name not in known]
    effects: list[Effect] = [FindOnCall(incident=number, contact=name, place=0) for name in on_call]
    in_slack = {name for name, _ in (*called.people, *called.lookups)}
    for first in _firsts(await work.add_ways(number, ways)):
        if first.is_phone and first.contact in in_slack:
            await work.change_way(first.id, "settled", later=silence)
        else:
            effects.append(await asked(work, first, "", silence))
    return effects, (*on_call, *(name for name, _ in ways))


def _firsts(ways: Iterable[Way]) -> Sequence[Way]:
    found: dict[str, Way] = {}
    for way in sorted(ways, key=lambda each: each.place):
        found.setdefault(way.contact, way)
    return list(found.values())


async def asked(work: Transaction, way: Way, why: str, silence: timedelta) -> Effect:
    """Ask one way; `why` says in a sentence what was tried before."""
    if way.is_phone:
        await work.change_way(way.id, "requested")
        await work.add_entry(way.incident, "", EntryKind.PHONE_NAMED, contact=way.contact, why=why)
        return NamePhone(incident=way.incident, way=way.id, why=why)
    await work.change_way(way.id, "requested", later=silence)
    return PageContact(incident=way.incident, way=way.id)


async def summoned(
    desk: Desk, work: Transaction, incident: Incident, called: policy.CallOut, change: str
) -> tuple[list[Effect], tuple[str, ...]]:
    """Call people to an incident that is under way, nobody twice. Gives the effects and the names that are new."""
    number = incident.number
    effects, reached = await ways_asked(work, number, called, await silence_of(desk, incident))
    new = await work.add_pages(number, called.people)
    people = tuple(person for _, person in new)
    effects += [
        *(PageResponder(incident=number, person=person, contact=name) for name, person in new),
        *(FindResponders(incident=number, contact=name, handle=handle) for name, handle in called.lookups),
        InvitePeople(incident=number, people=people, change=change),
        MentionPeople(incident=number, people=people, missing=called.unreachable, change=change),
    ]
    names = [name for name, _ in (*new, *called.lookups)]
    return effects, tuple(dict.fromkeys([*names, *reached]))


async def called_again(
    desk: Desk, work: Transaction, situation: Situation, names: Sequence[str], what: str
) -> tuple[list[Effect], list[str]]:
    """Ask the next way to each of these contacts that were called and have not answered; `what` says why, after the
    name. Gives the effects and the names of those to whom there was a way."""
    effects, reached = [], []
    for name in names:
        own = [each for each in situation.ways if stands_for(each.contact, name)]
        left = (each for each in sorted(own, key=lambda way: way.place) if each.requested_at is None)
        if not has_answered(situation, [name]) and (way := next(left, None)) is not None:
            silence = await silence_of(desk, situation.incident)
            effects.append(await asked(work, way, f"{way.contact} {what}.", silence))
            reached.append(name)
    return effects, reached


def was_called(situation: Situation, name: str) -> bool:
    """Whether somebody was called as this contact."""
    return any(stands_for(each.contact, name) for each in situation.calls)


def has_answered(situation: Situation, names: Sequence[str], person: str = "") -> bool:
    """Whether somebody who was called as one of these contacts, or this person, has acknowledged."""
    return any(
        each.acknowledged_at is not None
        for each in situation.calls
        if any(stands_for(each.contact, name) for name in names)
        or (isinstance(each, Page) and each.person == person)
    )


async def silence_of(desk: Desk, incident: Incident) -> timedelta:
    """How long a page of this incident may stay without an answer."""
    severity = (await desk.editions.of(incident)).severity(incident.severity)
    return policy.silence(severity.response if severity else None)


def waits(severity: Severity) -> bool:
    """Whether it is answered on the next business day: then nobody is called."""
    return severity.response is None and bool(severity.response_text)


def next_look(desk: Desk, severity: Severity | None, now: datetime) -> dict[str, object]:
    """The columns of an incident that somebody is on: when they are asked whether they still are. Never where it can
    wait."""
    if severity is None or waits(severity):
        return {"ladder": Ladder.NONE, "look_at": None}
    return {"ladder": Ladder.ANSWERED, "look_at": now + desk.still_after}


async def accepted(desk: Desk, work: Transaction, way: Way, answer: PageAnswer) -> None:
    """The provider has the page."""
    incident = await work.lock(way.incident)
    assert incident is not None
    silence = await silence_of(desk, incident)
    marks = ["accepted"] + (["delivered"] if answer.outcome is PageOutcome.DELIVERED else [])
    later = min(LOOK_EVERY, silence) if way.at_pagerduty else silence
    current = await work.way(way.id)
    assert current is not None
    answers = incident.status.is_open and current.acknowledged_at is None and not current.past
    await work.change_way(way.id, *marks, failed="", later=later if answers else None)
    await work.add_entry(way.incident, "", EntryKind.PAGE_ACCEPTED, contact=way.contact, how=way.handle)
    await work.enqueue([RefreshAlert(incident=way.incident, change=f"accepted:{way.id}")])


async def progressed(work: Transaction, way: Way, answer: PageAnswer) -> None:
    """The provider says that somebody was reached."""
    if answer.outcome is not PageOutcome.DELIVERED or way.delivered_at is not None:
        return
    await work.change_way(way.id, "delivered")
    await work.add_entry(way.incident, "", EntryKind.PAGE_DELIVERED, contact=way.contact, why=answer.sentence)
    await work.enqueue([RefreshAlert(incident=way.incident, change=f"delivered:{way.id}")])


async def moved_on(desk: Desk, work: Transaction, way: Way, why: str) -> None:
    """One way did not help: ask the next one, or say that there is none. Once for each way."""
    number = way.incident
    incident = await work.lock(number)
    current = await work.way(way.id)
    if incident is None or current is None or current.failed:
        return
    await work.change_way(way.id, "settled", failed=why)
    await work.add_entry(number, "", EntryKind.PAGE_FAILED, contact=way.contact, why=why.rstrip("."))
    effects: list[Effect] = [RefreshAlert(incident=number, change=f"failed:{way.id}")]
    if incident.status.is_open and current.acknowledged_at is None and not current.past:
        following = following_way(await work.ways(number), way)
        if following is not None:
            effects.append(await asked(work, following, why, await silence_of(desk, incident)))
        else:
            detail = (("contact", way.contact), ("why", why))
            effects.append(
                PostNotice(incident=number, words="no_way_left", detail=detail, change=f"way:{way.id}")
            )
        effects += await nobody_left(desk, work, number)
    await work.enqueue(effects)


def following_way(ways: Iterable[Way], way: Way) -> Way | None:
    """The next way to the same contact that was not asked yet."""
    later = [each for each in ways if each.contact == way.contact and each.place > way.place]
    return next((each for each in later if each.requested_at is None), None)


async def nobody_left(desk: Desk, work: Transaction, number: int) -> list[Effect]:
    """Call the incidents channel when nobody at all could be called for one of the worst severities."""
    situation = await work.situation(number)
    assert situation is not None
    incident = situation.incident
    severity = (await desk.editions.of(incident)).severity(incident.severity)
    reached = any(not page.failed for page in situation.pages) or any(
        not way.failed for way in situation.ways if not way.is_phone
    )
    if reached or incident.private or severity is None or severity.rank >= policy.WORST:
        return []
    why = "nobody else can be reached"
    return [CallEveryone(incident=number, channel_name=desk.channel_name, why=why)]


async def not_told(work: Transaction, way: Way, what: str, why: str) -> None:
    """The provider could not be told that a page was answered or is over: somebody has to do it there."""
    detail = (("contact", way.contact), ("what", what), ("why", why))
    await work.enqueue(
        [PostNotice(incident=way.incident, words="not_told", detail=detail, change=f"{what}:{way.id}")]
    )


async def quieted(
    work: Transaction, number: int, what: str, change: str, contacts: Sequence[str] | None = None
) -> list[Effect]:
    """Somebody answered, or it is over: call nobody further, and say so to the providers that hold a page open.

    `what` is `acknowledge` or `resolve`; only for these contacts, or for all.
    """
    effects: list[Effect] = []
    for way in await work.quiet_ways(number, contacts, what == "resolve"):
        done = way.ended_at or (what == "acknowledge" and way.acknowledged_at)
        if way.requested_at is None or way.is_phone or done:
            continue
        await work.change_way(way.id, "acknowledged" if what == "acknowledge" else "ended")
        if way.at_pagerduty:
            effects.append(FollowPage(incident=number, way=way.id, what=what, change=change))
    return effects


async def look_at_ways(desk: Desk) -> int:
    """Ask how far pages came, and move on from those that nobody answered. Gives how many ways were looked at."""
    async with desk.store.transaction() as work:
        due = await work.due_ways(BATCH)
        now = await work.now()
        for way in due:
            await _looked_at(desk, work, way, now)
        return len(due)


async def _looked_at(desk: Desk, work: Transaction, way: Way, now: datetime) -> None:
    incident = await work.lock(way.incident)
    if incident is None or not incident.status.is_open or way.acknowledged_at is not None:
        await work.change_way(way.id, "settled")
        return
    silence = await silence_of(desk, incident)
    if way.requested_at is None:
        await work.enqueue([await asked(work, way, f"{way.contact} has not answered in Slack.", silence)])
        return
    ends = way.requested_at + silence
    if now < ends:
        look = FollowPage(incident=way.incident, way=way.id, what="look", change=f"{now.timestamp():.6f}")
        await work.change_way(way.id, "settled", later=min(LOOK_EVERY, ends - now))
        await work.enqueue([] if way.delivered_at else [look])
        return
    await work.change_way(way.id, "settled")
    if (following := following_way(await work.ways(way.incident), way)) is not None:
        minutes = max(1, round(silence.total_seconds() / 60))
        why = f"{way.contact} has not answered a page for {minutes} min."
        await work.enqueue([await asked(work, following, why, silence)])
