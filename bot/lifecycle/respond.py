"""People coming to help: acknowledge, join."""

from collections.abc import Sequence

from bot.calls import Ladder
from bot.effects import (
    Effect,
    InvitePeople,
    PostNotice,
    RefreshAlert,
    RefreshAnnouncement,
    RefreshPage,
)
from bot.incident import EntryKind, Incident, Outcome, Situation
from bot.lifecycle.answers import answered, contacts_of
from bot.lifecycle.calling import next_look, was_called
from bot.lifecycle.desk import Desk, Request, held, must_be_open, once
from bot.ports import Transaction


async def acknowledge(desk: Desk, request: Request, number: int) -> Outcome:
    """Somebody answers the call. The outcome is `acknowledged` or `acknowledged_already`."""

    async def change(work: Transaction) -> Outcome:
        incident = await held(work, request, number)
        must_be_open(incident)
        situation = await work.situation(number)
        assert situation is not None
        contacts = contacts_of(desk, situation, request.actor)
        if _counts_already(situation, request.actor, contacts):
            return Outcome("acknowledged_already", number)
        seconds = int((await work.now() - incident.declared_at).total_seconds())
        target = (await desk.editions.of(incident)).severity(incident.severity)
        target_seconds = str(int(target.response.total_seconds())) if target and target.response else ""
        is_first = incident.acknowledged_at is None
        await work.change(number, **next_look(desk, incident, target, await work.now()))
        if is_first:
            await work.change(number, acknowledged_at="now", acknowledged_by=request.actor)
        called = any(page.person == request.actor for page in situation.pages)
        if called:
            await work.page_acknowledged(number, request.actor)
        told = await answered(work, number, request.change, contacts)
        await work.add_entry(number, request.actor, EntryKind.ACKNOWLEDGED, seconds=str(seconds))
        facts = {
            "actor": request.actor,
            "seconds": str(seconds),
            "target_seconds": target_seconds,
            "channel": incident.channel or "",
            "uncalled": ""
            if called or any(was_called(desk, situation, name) for name in contacts)
            else "yes",
        }
        effects: list[Effect] = [*told]
        if called:
            effects.append(RefreshPage(incident=number, person=request.actor, change=request.change))
        else:
            effects.append(InvitePeople(incident=number, people=(request.actor,), change=request.change))
        if is_first or incident.ladder in (Ladder.CLIMBING, Ladder.ASKED):
            said = tuple(facts.items())
            effects.append(
                PostNotice(incident=number, words="acknowledged", detail=said, change=request.change)
            )
        effects += refreshed(number, request.change)
        await work.enqueue(effects)
        return Outcome("acknowledged", number, facts)

    return await once(desk, request, change)


def _counts_already(situation: Situation, person: str, contacts: Sequence[str]) -> bool:
    """Whether an acknowledgement of this person's counts still: nobody was called anew because of their silence, it was
    not reopened since, and none of their own pages waits for an answer."""
    if situation.incident.ladder in (Ladder.CLIMBING, Ladder.ASKED):
        return False
    if any(way.contact in contacts and way.requested_at and way.is_waiting for way in situation.ways):
        return False
    kinds = (EntryKind.ACKNOWLEDGED, EntryKind.REOPENED)
    own = [each for each in situation.entries if each.kind in kinds]
    last = max((place for place, each in enumerate(own) if each.kind is EntryKind.REOPENED), default=-1)
    return any(each.actor == person for each in own[last + 1 :])


async def join(desk: Desk, request: Request, number: int) -> Outcome:
    """Somebody comes into the incident's channel. The outcome is `joined` or `joined_already`."""

    async def change(work: Transaction) -> Outcome:
        incident = await held(work, request, number)
        must_be_open(incident)
        last = await work.last_entry(number, request.actor, MOVES)
        # Also for who is said to be there: Slack may not have told yet that they left.
        await work.enqueue([InvitePeople(incident=number, people=(request.actor,), change=request.change)])
        if last is EntryKind.JOINED:
            return Outcome("joined_already", number, {"channel": incident.channel or ""})
        await work.add_entry(number, request.actor, EntryKind.JOINED)
        return Outcome("joined", number, {"channel": incident.channel or ""})

    return await once(desk, request, change)


async def came_or_went(desk: Desk, request: Request, channel: str, came: bool) -> Outcome:
    """Slack tells that somebody is in an incident's channel now, or not any more. `noticed`, or `nothing_new`."""
    number = await desk.store.incident_in(channel)
    if number is None:
        return Outcome("nothing_new")

    async def change(work: Transaction) -> Outcome:
        await work.lock(number)
        await (work.add_member if came else work.drop_member)(number, request.actor)
        kind = EntryKind.JOINED if came else EntryKind.LEFT
        last = await work.last_entry(number, request.actor, MOVES)
        if last is kind or (last is None and not came):
            return Outcome("nothing_new", number)
        await work.add_entry(number, request.actor, kind)
        return Outcome("noticed", number)

    return await once(desk, request, change)


MOVES = frozenset({EntryKind.JOINED, EntryKind.LEFT})


def refreshed(number: int, change: str) -> tuple[Effect, Effect]:
    """The edits that bring both copies of the alert up to date."""
    return RefreshAlert(incident=number, change=change), RefreshAnnouncement(incident=number, change=change)


def notice(incident: Incident, request: Request, words: str, **detail: str) -> PostNotice:
    """One line for the incident's channel."""
    return PostNotice(
        incident=incident.number, words=words, detail=tuple(detail.items()), change=request.change
    )
