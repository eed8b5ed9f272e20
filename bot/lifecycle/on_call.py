"""Who is on call was found out, or not: call them, or the contact's own ways."""

from dataclasses import replace

from bot import policy
from bot.contacts import Handle, Kind
from bot.effects import Effect, FindOnCall, PostNotice
from bot.incident import EntryKind
from bot.lifecycle.calling import SOMEBODY_IS_ON_IT, Cause, called_again, nobody_left, summoned, waits
from bot.lifecycle.declare import people_to_call
from bot.lifecycle.desk import Desk
from bot.paging import Duty
from bot.ports import Transaction


async def found(desk: Desk, work: Transaction, effect: FindOnCall, duty: Duty | None) -> None:
    """Call who is on call, each by their own ways and then the contact's; without anybody ask the next source.

    `duty` is None when there is no further source.
    """
    number, contact = effect.incident, effect.contact
    incident = await work.lock(number)
    if incident is None or not incident.status.is_open:
        return
    cause = Cause(f"on-call:{contact}:{effect.place}:{effect.change}", effect.by_hand, anew=True)
    effects: list[Effect] = []
    severity = (await desk.editions.of(incident)).severity(incident.severity)
    answered = incident.ladder in SOMEBODY_IS_ON_IT and not effect.though_answered
    milder = severity is not None and (
        waits(severity)
        or (effect.by_severity and contact not in people_to_call(desk, severity, incident).on_call)
    )
    if not effect.by_hand and (answered or milder):
        names = ", ".join(each.name for each in duty.people) if duty is not None else ""
        await work.add_entry(number, "", EntryKind.ON_CALL_NOT_CALLED, contact=contact, names=names)
        return
    if duty is not None and duty.problem:
        detail = (("contact", contact), ("why", duty.problem))
        effects.append(
            PostNotice(incident=number, words="on_call_problem", detail=detail, change=cause.change)
        )
    people = [each for each in duty.people if each.handles] if duty is not None else []
    own = policy.beside_slack(desk.contacts.get(contact, ()))
    if people:
        names = ", ".join(each.name for each in people)
        await work.add_entry(number, "", EntryKind.ON_CALL_FOUND, contact=contact, names=names)
        ways = {f"{each.name} ({contact})": (*each.handles, *own) for each in people}
        again, _ = await _again(desk, work, effect, list(ways))
        effects += [*again, *(await summoned(desk, work, incident, _called(ways), cause))[0]]
    elif duty is not None:
        effects.append(replace(effect, place=effect.place + 1))
    else:
        effects += await _without_anybody(desk, work, effect, tuple(own), cause)
    await work.enqueue(effects)


async def _again(
    desk: Desk, work: Transaction, effect: FindOnCall, names: list[str]
) -> tuple[list[Effect], list[str]]:
    """Call those of these once more who were called before, where that is wanted."""
    situation = await work.situation(effect.incident)
    assert situation is not None
    if not effect.again:
        return [], []
    what = "was called again by hand" if effect.by_hand else "has not answered"
    return await called_again(desk, work, situation, names, what, effect.by_hand)


async def _without_anybody(
    desk: Desk, work: Transaction, effect: FindOnCall, own: tuple[Handle, ...], cause: Cause
) -> list[Effect]:
    """No source names anybody: who was on call before is called once more, else the contact's own ways."""
    again, reached = await _again(desk, work, effect, [effect.contact])
    if reached:
        return again
    if own:
        incident = await work.lock(effect.incident)
        assert incident is not None
        return (await summoned(desk, work, incident, _called({effect.contact: own}), cause))[0]
    return await nobody_left(desk, work, effect.incident)


def _called(ways: dict[str, tuple[Handle, ...]]) -> policy.CallOut:
    """These people by these handles, those in Slack first."""
    people, lookups, beside = [], [], []
    for name, handles in ways.items():
        for handle in handles:
            if handle.kind is Kind.SLACK_USER:
                people.append((name, handle.value))
            elif handle.kind in (Kind.SLACK_EMAIL, Kind.SLACK_GROUP):
                lookups.append((name, handle.value))
        others = policy.beside_slack(each.text for each in handles)
        if others:
            beside.append((name, tuple(each.shown for each in others)))
    return policy.CallOut(tuple(people), tuple(lookups), tuple(beside))
