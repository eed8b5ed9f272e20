"""Calling people: who is new is called by every way in turn, who was called before by the next one, or anew."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import policy
from bot.calls import Ladder, Page, Way, not_paged, stands_for
from bot.effects import (
    CallEveryone,
    Effect,
    FindOnCall,
    FindResponders,
    InvitePeople,
    MentionPeople,
    NamePhone,
    PageContact,
    PageResponder,
)
from bot.incident import EntryKind, Incident, Situation
from bot.lifecycle.desk import Desk
from bot.ports import Transaction
from bot.runbook import Severity, runs_no_clock


@dataclass(frozen=True, slots=True)
class Cause:
    """Why people are called: the change that asked for it, whether somebody did so by name, whether who was called
    before an interruption is called anew, and whether it is what the severity asks for."""

    change: str
    by_hand: bool = False
    anew: bool = False
    by_severity: bool = False


async def ways_asked(
    work: Transaction,
    incident: Incident,
    called: policy.CallOut,
    silence: timedelta,
    cause: Cause,
    is_new: bool = False,
) -> tuple[list[Effect], tuple[str, ...]]:
    """Ask the first way to each contact that was not called before; the others wait for their turn. Gives the effects
    and the names of those who are reached by it. For an incident that `is_new` nobody was.

    A contact for whom a schedule or calendar is asked keeps its own ways for when that has nobody.
    """
    if not called.ways and not called.on_call:
        return [], ()
    number = incident.number
    before = [] if is_new else await work.ways(number)
    known = {way.contact for way in before}
    in_slack = set() if is_new or cause.anew else {page.contact for page in await work.pages(number)}
    if in_slack:
        in_slack -= set(await work.contacts_over(number))
    on_call = [
        name for name in called.on_call if not any(stands_for(each, name) for each in known | in_slack)
    ]
    ways = [each for each in called.ways if each[0] not in known and each[0] not in called.on_call]
    effects: list[Effect] = [
        FindOnCall(
            incident=number,
            contact=name,
            place=0,
            change=cause.change,
            by_hand=cause.by_hand,
            though_answered=incident.ladder in SOMEBODY_IS_ON_IT,
            by_severity=cause.by_severity,
        )
        for name in on_call
    ]
    by_slack = {name for name, _ in (*called.people, *called.lookups)}
    added = await work.add_ways(number, ways)
    in_use = {each.handle for each in (*before, *added) if each.is_waiting and not each.failed}
    handles_of = dict(ways)
    for first in _firsts(added):
        shared = in_use & set(handles_of[first.contact][: first.place])
        if shared or (first.is_phone and first.contact in by_slack):
            await work.change_way(first.id, "settled", later=silence)
        else:
            effects.append(await asked(work, first, "", silence))
    if cause.by_hand:
        for way in added:
            await work.change_way(way.id, "by_hand")
    # A handle that two contacts share is asked once: both are reached when they are called by the same step.
    new = {way.handle for way in added}
    return effects, (*on_call, *(name for name, handles in ways if new & set(handles)))


SOMEBODY_IS_ON_IT = (Ladder.ANSWERED, Ladder.ASKED)


def _firsts(ways: Iterable[Way]) -> Sequence[Way]:
    found: dict[str, Way] = {}
    for way in sorted(ways, key=lambda each: each.place):
        found.setdefault(way.contact, way)
    return list(found.values())


async def asked(work: Transaction, way: Way, why: str, silence: timedelta) -> Effect:
    """Ask one way; `why` says in a sentence what was tried before."""
    if way.is_phone:
        await work.change_way(way.id, "requested")
        return NamePhone(incident=way.incident, way=way.id, why=why)
    await work.change_way(way.id, "requested", later=silence)
    return PageContact(incident=way.incident, way=way.id)


async def summoned(
    desk: Desk, work: Transaction, incident: Incident, called: policy.CallOut, cause: Cause
) -> tuple[list[Effect], tuple[str, ...]]:
    """Call people to an incident that is under way, nobody twice. Gives the effects and the names that are reached.

    Who was called in Slack before is mentioned when it is anew: what is said in the room rings.
    """
    number, change = incident.number, cause.change
    effects, reached = await ways_asked(work, incident, called, await silence_of(desk, incident), cause)
    before = await work.pages(number)
    new = not_paged(before, called.people)
    await work.add_pages(number, new)
    names = [name for name, _ in (*called.people, *called.lookups)]
    known = [page for page in before if cause.anew and any(stands_for(page.contact, name) for name in names)]
    people = tuple(dict.fromkeys([*(person for _, person in new), *(page.person for page in known)]))
    had = {page.contact for page in before}
    lookups = [each for each in called.lookups if each[0] not in had]
    effects += [
        *(PageResponder(incident=number, person=person, contact=name) for name, person in new),
        *(FindResponders(incident=number, contact=name, handle=handle) for name, handle in lookups),
        InvitePeople(incident=number, people=people, change=change),
        MentionPeople(incident=number, people=people, missing=called.unreachable, change=change),
    ]
    in_slack = [name for name, _ in (*new, *lookups)] + [page.contact for page in known]
    return effects, tuple(dict.fromkeys([*in_slack, *reached]))


async def called_again(
    desk: Desk,
    work: Transaction,
    situation: Situation,
    names: Sequence[str],
    what: str,
    by_hand: bool = False,
    insists: bool = False,
) -> tuple[list[Effect], list[str]]:
    """Call these contacts who were called before by their next way; who was answered for, by themselves or by others,
    anew from the first. `what` says why, after the name. Gives the effects and the names to whom there was a way.

    Who is being paged by the last way is not paged a second time, unless it `insists`.
    """
    effects, reached = [], []
    silence = await silence_of(desk, situation.incident)
    for name in names:
        own: Sequence[Way] = sorted(
            (each for each in situation.ways if is_for(desk, each, name)), key=lambda way: way.place
        )
        if own and (insists or any(not each.is_waiting for each in own)) and not _left(own):
            own = await _renewed(work, own, name)
        if (way := _left(own)) is not None:
            if by_hand:
                for each in own:
                    await work.change_way(each.id, "by_hand")
            why = f"{way.contact} {what}." if any(each.requested_at for each in own) else ""
            effects.append(await asked(work, way, why, silence))
            reached.append(name)
    return effects, reached


def _left(ways: Iterable[Way]) -> Way | None:
    """The next way that was not asked yet and still counts."""
    return next((each for each in ways if each.requested_at is None and each.is_waiting), None)


async def _renewed(work: Transaction, ways: Sequence[Way], name: str) -> Sequence[Way]:
    """The same ways from the beginning: the provider would not ring again for a page that was answered. What was shared
    with another contact is this one's from now on."""
    handles: dict[str, list[str]] = {}
    for way in ways:
        await work.change_way(way.id, "settled", "past")
        contact = way.contact if stands_for(way.contact, name) else name
        handles.setdefault(contact, []).append(way.handle)
    added = await work.add_ways(ways[0].incident, list(handles.items()))
    return sorted(added, key=lambda way: way.place)


def is_for(desk: Desk, call: Page | Way, name: str) -> bool:
    """Whether this reaches the contact: it was called as such, or as another one with the same handle."""
    return stands_for(call.contact, name) or _handle(call) in _handles(desk, name)


def was_called(desk: Desk, situation: Situation, name: str) -> bool:
    """Whether somebody was called as this contact, or all that it has was used for others already."""
    if any(stands_for(each.contact, name) for each in situation.calls):
        return True
    own = _handles(desk, name)
    asked = (each for each in situation.calls if isinstance(each, Page) or each.requested_at is not None)
    return bool(own) and name not in desk.on_call and own <= set(map(_handle, asked))


def _handle(call: Page | Way) -> str:
    return f"slack:{call.person}" if isinstance(call, Page) else call.handle


def _handles(desk: Desk, name: str) -> set[str]:
    texts = desk.contacts.get(name, ())
    in_slack = {each for each in texts if each.startswith("slack:")}
    return in_slack | {each.shown for each in policy.beside_slack(texts)}


def asked_anew(
    desk: Desk, incident: Incident, names: Iterable[str], change: str, by_hand: bool = False
) -> list[FindOnCall]:
    """Ask who is on call by now as those of these contacts that a schedule or calendar knows."""
    return [
        FindOnCall(
            incident=incident.number,
            contact=name,
            place=0,
            change=change,
            by_hand=by_hand,
            though_answered=incident.ladder in SOMEBODY_IS_ON_IT,
            again=True,
        )
        for name in names
        if name in desk.on_call
    ]


def in_slack_as(desk: Desk, pages: Iterable[Page], names: Iterable[str]) -> list[str]:
    """The people who were called in Slack as these contacts, to be mentioned; not where who is on call is asked."""
    known, listed = list(pages), [name for name in names if name not in desk.on_call]
    return list(dict.fromkeys(page.person for name in listed for page in known if is_for(desk, page, name)))


async def silence_of(desk: Desk, incident: Incident) -> timedelta:
    """How long a page of this incident may stay without an answer."""
    severity = (await desk.editions.of(incident)).severity(incident.severity)
    return policy.silence(severity.response if severity else None)


def waits(severity: Severity) -> bool:
    """Whether it is answered at leisure, such as on the next business day: then nobody is called. What cannot be read
    as a time is no leave to let it wait."""
    return severity.response is None and runs_no_clock(severity.response_text)


def next_look(desk: Desk, incident: Incident, severity: Severity | None, now: datetime) -> dict[str, object]:
    """The columns of an incident that somebody is on: when they are asked whether they still are. Where it can wait,
    and in a drill, all stays as it is."""
    if severity is None or waits(severity) or incident.drill:
        return {}
    return {"ladder": Ladder.ANSWERED, "look_at": now + desk.still_after}


async def nobody_left(desk: Desk, work: Transaction, number: int) -> list[Effect]:
    """Call the incidents channel when nobody at all could be called for one of the worst severities."""
    situation = await work.situation(number)
    assert situation is not None
    incident = situation.incident
    severity = (await desk.editions.of(incident)).severity(incident.severity)
    reached = any(not page.failed for page in situation.pages) or any(
        not way.failed for way in situation.ways if not way.is_phone
    )
    reached = reached or incident.ladder in SOMEBODY_IS_ON_IT
    if reached or incident.private or severity is None or severity.rank >= policy.WORST:
        return []
    why = "nobody else can be reached"
    return [CallEveryone(incident=number, channel_name=desk.channel_name, why=why)]


async def everyone_called(
    desk: Desk, work: Transaction, incident: Incident, called: policy.CallOut, cause: str
) -> list[Effect]:
    """Call the incidents channel where the severity calls everyone: once when it is `raised`, and not when the
    declaration did so; for another cause each time."""
    if not called.everyone or incident.private:
        return []
    situation = await work.situation(incident.number)
    assert situation is not None
    declared = any(
        each.kind is EntryKind.DECLARED and each.detail.get("everyone") for each in situation.entries
    )
    if declared and cause == RAISED:
        return []
    return [
        CallEveryone(
            incident=incident.number,
            channel_name=desk.channel_name,
            why=called.everyone,
            cause=f":{cause}",
        )
    ]


RAISED = "raised"
