"""Pages people: new contacts by every method in turn, contacts paged before by their next method or again."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain import policy
from bot.domain.effects import (
    Effect,
    FindOnCall,
    FindResponders,
    InvitePeople,
    MentionPeople,
    PageResponder,
)
from bot.domain.incident import Incident, Situation
from bot.domain.page_attempts import EscalationState, PageAttempt, SlackPage, is_paged_as, select_not_paged
from bot.ports import Transaction
from bot.runbook import Severity, can_wait
from bot.services.context import ServiceContext
from bot.services.first_attempts import (
    SOMEBODY_IS_ON_IT,
    PageCause,
    mark_by_hand,
    start_page_attempt,
    start_page_attempts,
)
from bot.services.page_grouping import HoldPlan, hold_pages, plan_holds
from bot.services.paged_contacts import is_for
from bot.services.slack_pages import renew_slack_pages


async def page_contacts(
    desk: ServiceContext, tx: Transaction, incident: Incident, plan: policy.PagingPlan, cause: PageCause
) -> tuple[list[Effect], tuple[str, ...]]:
    """Page people to an incident in progress, nobody twice. Gives the effects and the names that are reached.

    Who was paged in Slack before is mentioned when they are paged anew: what is said in the channel rings. Who has not
    answered the page of another incident is not rung for this one at once.
    """
    number, change = incident.number, cause.change
    before = await tx.pages(number)
    new = select_not_paged(before, plan.people)
    holds = await plan_holds(desk, tx, incident, replace(plan, people=tuple(new)), cause.by_hand)
    effects, reached = await start_page_attempts(
        tx, incident, plan, await find_silence_timeout(desk, incident), cause, held=holds.ways
    )
    await tx.add_pages(number, new)
    effects += await hold_pages(tx, incident, new, holds, change)
    renewed = _select_paged_anew(before, plan, cause)
    lookups = _select_new_lookups(before, plan)
    effects += _build_slack_pages(number, new, holds, lookups)
    effects += await renew_slack_pages(tx, number, [page.person for page in renewed], change)
    people = _list_people(new, renewed)
    effects += _gather_in_channel(number, people, holds, plan, change)
    in_slack = [name for name, _ in (*new, *lookups)] + [page.contact for page in renewed]
    return effects, tuple(dict.fromkeys([*in_slack, *reached]))


def _select_paged_anew(
    before: Iterable[SlackPage], plan: policy.PagingPlan, cause: PageCause
) -> list[SlackPage]:
    """The pages in Slack that ask for an answer once more: those that had ended, and all of them when it is anew."""
    names = [name for name, _ in (*plan.people, *plan.lookups)]
    persons = {person for _, person in plan.people}
    over = [page for page in before if cause.anew or page.ended_at is not None]
    return [
        page
        for page in over
        if _is_paged_as_any(page, names) or (page.ended_at is not None and page.person in persons)
    ]


def _is_paged_as_any(page: SlackPage, names: Iterable[str]) -> bool:
    return any(is_paged_as(page.contact, name) for name in names)


def _select_new_lookups(before: Iterable[SlackPage], plan: policy.PagingPlan) -> list[tuple[str, str]]:
    """The (contact, handle) of contacts who were not paged in Slack before."""
    paged = {page.contact for page in before}
    return [(name, handle) for name, handle in plan.lookups if name not in paged]


def _list_people(new: Iterable[tuple[str, str]], renewed: Iterable[SlackPage]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*(person for _, person in new), *(page.person for page in renewed)]))


def _build_slack_pages(
    number: int,
    new: Iterable[tuple[str, str]],
    holds: HoldPlan,
    lookups: Iterable[tuple[str, str]],
) -> list[Effect]:
    """The direct messages to (contact, person) in `new`, and the handles that Slack must translate first."""
    return [
        *(
            PageResponder(incident=number, person=person, contact=name)
            for name, person in new
            if person not in holds.pages
        ),
        *(FindResponders(incident=number, contact=name, handle=handle) for name, handle in lookups),
    ]


def _gather_in_channel(
    number: int, people: tuple[str, ...], holds: HoldPlan, plan: policy.PagingPlan, change: str
) -> list[Effect]:
    """Invite these people into the incident's channel and mention there whoever is to be rung now."""
    mentioned = tuple(person for person in people if person not in holds.pages)
    return [
        InvitePeople(incident=number, people=people, change=change),
        MentionPeople(incident=number, people=mentioned, missing=plan.unreachable, change=change),
    ]


async def repage_contacts(
    desk: ServiceContext,
    tx: Transaction,
    situation: Situation,
    names: Sequence[str],
    what: str,
    by_hand: bool = False,
    insists: bool = False,
) -> tuple[list[Effect], list[str]]:
    """Page these contacts, who were paged before, by their next method; those for whom somebody answered, again from
    the first. `what` says why, after the name. Gives the effects and the names of those who had a method left.

    Who is being paged by the last method is not paged a second time, unless it `insists`.
    """
    effects, reached = [], []
    silence = await find_silence_timeout(desk, situation.incident)
    for name in names:
        attempts = _list_attempts_for(desk, situation, name)
        if _must_renew(attempts, insists):
            attempts = await _renew_attempts(tx, attempts, name)
        if (following := _find_next_attempt(attempts)) is not None:
            if by_hand:
                await mark_by_hand(tx, attempts)
            is_repeated = any(attempt.requested_at for attempt in attempts)
            why = f"{following.contact} {what}." if is_repeated else ""
            effects.append(await start_page_attempt(tx, following, why, silence))
            reached.append(name)
    return effects, reached


def _list_attempts_for(desk: ServiceContext, situation: Situation, name: str) -> Sequence[PageAttempt]:
    """The attempts that reach a contact, in the order of its methods."""
    own = (attempt for attempt in situation.ways if is_for(desk, attempt, name))
    return sorted(own, key=lambda attempt: attempt.place)


def _must_renew(attempts: Sequence[PageAttempt], insists: bool) -> bool:
    """Whether they begin anew: none is left, and somebody has answered one of them, or it insists."""
    if not attempts or _find_next_attempt(attempts) is not None:
        return False
    return insists or any(not attempt.is_waiting for attempt in attempts)


def _find_next_attempt(attempts: Iterable[PageAttempt]) -> PageAttempt | None:
    """The next one that was not made yet and still counts."""
    return next(
        (attempt for attempt in attempts if attempt.requested_at is None and attempt.is_waiting), None
    )


async def _renew_attempts(tx: Transaction, ways: Sequence[PageAttempt], name: str) -> Sequence[PageAttempt]:
    """The same ways from the beginning: the provider would not ring again for a page that was answered. What was shared
    with another contact is this one's from now on."""
    handles: dict[str, list[str]] = {}
    for way in ways:
        await tx.update_page_attempt(way.id, "settled", "past")
        contact = way.contact if is_paged_as(way.contact, name) else name
        handles.setdefault(contact, []).append(way.handle)
    added = await tx.add_page_attempts(ways[0].incident, list(handles.items()))
    return sorted(added, key=lambda way: way.place)


def lookup_on_call_again(
    desk: ServiceContext, incident: Incident, names: Iterable[str], change: str, by_hand: bool = False
) -> list[FindOnCall]:
    """Look up again who is on call for those of these contacts that a schedule or calendar answers for."""
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


async def find_silence_timeout(desk: ServiceContext, incident: Incident) -> timedelta:
    """The timeout of a page of this incident, after which the next method is tried."""
    severity = (await desk.runbook_versions.of(incident)).severity(incident.severity)
    return policy.compute_silence_timeout(severity.response if severity else None)


def is_deferrable(severity: Severity) -> bool:
    """Whether it can wait, such as for the next business day: then nobody is paged."""
    return can_wait(severity)


def schedule_check_in(
    desk: ServiceContext, incident: Incident, severity: Severity | None, now: datetime
) -> dict[str, object]:
    """The escalation's columns once somebody is on it: when they are asked whether they still are. A severity that can
    wait, and a drill, change nothing."""
    if severity is None or is_deferrable(severity) or incident.drill:
        return {}
    return {"ladder": EscalationState.ANSWERED, "look_at": now + desk.check_in_after}
