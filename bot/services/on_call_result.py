"""The result of an on-call lookup: page whoever is on call, else the contact's own methods."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.contacts import Handle, HandleKind, parse_handle
from bot.domain import policy
from bot.domain.effects import Effect, FindOnCall, PostNotice
from bot.domain.incident import Incident
from bot.domain.notices import OnCallProblemNotice
from bot.domain.page_attempts import WORST, is_paged_as
from bot.domain.page_provider import OnCallPerson, OnCallResult
from bot.domain.timeline_details import OnCallFoundDetail, OnCallNotCalledDetail
from bot.ports import Transaction
from bot.services.channel_page import page_everyone_if_unreached
from bot.services.context import ServiceContext
from bot.services.first_attempts import SOMEBODY_IS_ON_IT, PageCause
from bot.services.first_pages import plan_first_pages
from bot.services.paging import is_deferrable, page_contacts, repage_contacts


async def page_on_call_people(
    desk: ServiceContext, tx: Transaction, effect: FindOnCall, duty: OnCallResult | None
) -> None:
    """Page whoever is on call, each by their own methods and then the contact's; when there is nobody, ask the next
    source. `duty` is None when there is none.
    """
    number, contact = effect.incident, effect.contact
    incident = await tx.lock(number)
    if incident is None or not incident.status.is_open:
        return
    if not effect.by_hand and await _is_unneeded(desk, incident, effect):
        names = _join_names(duty.people) if duty is not None else ""
        await tx.add_entry(number, "", OnCallNotCalledDetail(contact=contact, names=names))
        return
    cause = PageCause(f"on-call:{contact}:{effect.place}:{effect.change}", effect.by_hand, anew=True)
    own = tuple(policy.select_non_slack_handles(desk.contacts.get(contact, ())))
    if duty is None:
        await tx.enqueue(await _page_without_anybody(desk, tx, effect, cause))
        return
    people = [person for person in duty.people if person.handles]
    effects = _report_problem(number, contact, duty, cause)
    if people:
        effects += await _page_people(desk, tx, incident, effect, people, own, cause)
    else:
        effects.append(replace(effect, place=effect.place + 1))
    await tx.enqueue(effects)


async def _is_unneeded(desk: ServiceContext, incident: Incident, effect: FindOnCall) -> bool:
    """Whether nobody is needed any more: somebody has answered, or the severity became milder."""
    if incident.ladder in SOMEBODY_IS_ON_IT and not effect.though_answered:
        return True
    runbook = await desk.runbook_versions.of(incident)
    severity = runbook.severity(incident.severity)
    if severity is None:
        return False
    if is_deferrable(severity):
        return True
    return (
        effect.by_severity
        and effect.contact not in plan_first_pages(desk, runbook, severity, incident).on_call
    )


def _join_names(people: Iterable[OnCallPerson]) -> str:
    return ", ".join(person.name for person in people)


def _report_problem(number: int, contact: str, duty: OnCallResult, cause: PageCause) -> list[Effect]:
    """Say in the channel what is wrong with the source, when anything is."""
    if not duty.problem:
        return []
    return [PostNotice.say(number, OnCallProblemNotice(contact=contact, why=duty.problem), cause.change)]


async def _page_people(
    desk: ServiceContext,
    tx: Transaction,
    incident: Incident,
    effect: FindOnCall,
    people: Sequence[OnCallPerson],
    own: tuple[Handle, ...],
    cause: PageCause,
) -> list[Effect]:
    """Page these people by their own methods and then by those of the contact, `own`."""
    contact = effect.contact
    await tx.add_entry(incident.number, "", OnCallFoundDetail(contact=contact, names=_join_names(people)))
    ways = {f"{person.name} ({contact})": (*person.handles, *own) for person in people}
    again, _ = await _again(desk, tx, effect, list(ways))
    return [*again, *(await page_contacts(desk, tx, incident, _build_plan(ways), cause))[0]]


async def _again(
    desk: ServiceContext, tx: Transaction, effect: FindOnCall, names: list[str]
) -> tuple[list[Effect], list[str]]:
    """Page again those of these who were paged before, if the effect asks for it."""
    situation = await tx.situation(effect.incident)
    assert situation is not None
    if not effect.again:
        return [], []
    what = "was paged again by hand" if effect.by_hand else "has not acknowledged"
    return await repage_contacts(desk, tx, situation, names, what, effect.by_hand)


async def _page_without_anybody(
    desk: ServiceContext, tx: Transaction, effect: FindOnCall, cause: PageCause
) -> list[Effect]:
    """No source names anybody: page again whoever was on call before, else the contact's own methods."""
    again, reached = await _again(desk, tx, effect, [effect.contact])
    if reached:
        return again
    incident = await tx.lock(effect.incident)
    assert incident is not None
    parsed = map(parse_handle, await _list_own_handles(desk, incident, effect.contact))
    own = tuple(handle for handle in parsed if isinstance(handle, Handle))
    if own:
        return (await page_contacts(desk, tx, incident, _build_plan({effect.contact: own}), cause))[0]
    return await page_everyone_if_unreached(desk, tx, effect.incident)


async def page_own_slack_handles(
    desk: ServiceContext, tx: Transaction, incident: Incident, called: str
) -> list[Effect]:
    """Whoever is on call as `called`, or everybody of that contact's user group, cannot be reached in Slack and has no
    other method: page the contact's own Slack handles."""
    name = called if desk.book.list_groups(called) else _find_looked_up(desk, called)
    if name is None or not incident.status.is_open:
        return []
    if any(way.contact == called and not way.failed for way in await tx.ways(incident.number)):
        return []
    handles = await _list_own_handles(desk, incident, name)
    in_slack = tuple(handle for handle in handles if handle.startswith("slack:"))
    own = policy.plan_paging(WORST, [name] if in_slack else [], (), False, {name: in_slack})
    return (await page_contacts(desk, tx, incident, own, PageCause(f"instead:{called}")))[0]


async def _list_own_handles(desk: ServiceContext, incident: Incident, name: str) -> tuple[str, ...]:
    """What a contact has beside those who are on call for it."""
    runbook = await desk.runbook_versions.of(incident)
    return desk.book.merge_handles(runbook.contacts).get(name, ())


def _find_looked_up(desk: ServiceContext, called: str) -> str | None:
    """The contact for which somebody is on call as `called`; None when it was not looked up."""
    names = (name for name in desk.on_call if name != called)
    return next((name for name in names if is_paged_as(called, name)), None)


def _build_plan(ways: dict[str, tuple[Handle, ...]]) -> policy.PagingPlan:
    """These people by these handles, those in Slack first."""
    people, lookups, beside = [], [], []
    for name, handles in ways.items():
        for handle in handles:
            if handle.kind is HandleKind.SLACK_USER:
                people.append((name, handle.value))
            elif handle.kind in (HandleKind.SLACK_EMAIL, HandleKind.SLACK_GROUP):
                lookups.append((name, handle.value))
        others = policy.select_non_slack_handles(handle.text for handle in handles)
        if others:
            beside.append((name, tuple(other.shown for other in others)))
    return policy.PagingPlan(tuple(people), tuple(lookups), tuple(beside))
