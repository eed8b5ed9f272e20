"""The attempts to page a contact beside Slack: the first method at once, the others as fallbacks in their order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.effects import Effect, FindOnCall, NamePhone, PageContact
from bot.domain.incident import Incident
from bot.domain.page_attempts import EscalationState, PageAttempt, is_paged_as
from bot.domain.policy import PagingPlan
from bot.ports import Transaction
from bot.services.page_grouping import PageHold, hold_page_attempt

SOMEBODY_IS_ON_IT = (EscalationState.ANSWERED, EscalationState.ASKED)


@dataclass(frozen=True, slots=True)
class PageCause:
    """Why people are paged.

    `change` is what asked for it; `by_hand` when somebody asked for them by name; `anew` when those who were paged
    before an interruption are paged again; `by_severity` when the severity asks for it.
    """

    change: str
    by_hand: bool = False
    anew: bool = False
    by_severity: bool = False


async def start_page_attempts(
    tx: Transaction,
    incident: Incident,
    plan: PagingPlan,
    silence: timedelta,
    cause: PageCause,
    is_new: bool = False,
    held: Mapping[str, PageHold] | None = None,
) -> tuple[list[Effect], tuple[str, ...]]:
    """Start the first contact method of each newly paged contact; the rest are fallbacks.

    Gives the effects and the names of those who are reached by it. Nobody was paged before for an incident that
    `is_new`. The first methods of the contacts that are `held` wait. A contact for whom a schedule or calendar is asked
    keeps its own methods for when that names nobody.
    """
    if not plan.ways and not plan.on_call:
        return [], ()
    before = [] if is_new else await tx.ways(incident.number)
    paged = {attempt.contact for attempt in before}
    in_slack = set() if is_new or cause.anew else await _find_paged_in_slack(tx, incident.number)
    on_call = _select_not_paged_as(plan.on_call, paged | in_slack)
    ways = _select_new_ways(plan, paged)
    added = await tx.add_page_attempts(incident.number, ways)
    effects: list[Effect] = [_look_up_on_call(incident, name, cause) for name in on_call]
    effects += await _start_first_attempts(tx, plan, [*before, *added], added, silence, held or {})
    if cause.by_hand:
        await mark_by_hand(tx, added)
    return effects, (*on_call, *_list_reached(ways, added))


async def _find_paged_in_slack(tx: Transaction, number: int) -> set[str]:
    """The contacts whom Slack pages still."""
    contacts = {page.contact for page in await tx.pages(number) if page.ended_at is None}
    return contacts - set(await tx.list_finished_contacts(number)) if contacts else contacts


def _select_not_paged_as(names: Iterable[str], paged: Iterable[str]) -> list[str]:
    known = list(paged)
    return [name for name in names if not any(is_paged_as(contact, name) for contact in known)]


def _select_new_ways(plan: PagingPlan, paged: set[str]) -> list[tuple[str, tuple[str, ...]]]:
    """The contacts with their handles that were not paged before and that no schedule or calendar answers for."""
    done = paged | set(plan.on_call)
    return [(name, handles) for name, handles in plan.ways if name not in done]


def _look_up_on_call(incident: Incident, name: str, cause: PageCause) -> FindOnCall:
    return FindOnCall(
        incident=incident.number,
        contact=name,
        place=0,
        change=cause.change,
        by_hand=cause.by_hand,
        though_answered=incident.ladder in SOMEBODY_IS_ON_IT,
        by_severity=cause.by_severity,
    )


async def _start_first_attempts(
    tx: Transaction,
    plan: PagingPlan,
    attempts: Sequence[PageAttempt],
    added: Sequence[PageAttempt],
    silence: timedelta,
    held: Mapping[str, PageHold],
) -> list[Effect]:
    """Start, hold or put off the first attempt of each contact in `added`; `attempts` are all of the incident."""
    effects: list[Effect] = []
    in_use = {attempt.handle for attempt in attempts if attempt.is_waiting and not attempt.failed}
    handles_of = dict(plan.ways)
    for first in _list_first(added):
        is_shared = not in_use.isdisjoint(handles_of[first.contact][: first.place])
        if is_shared or _is_phone_beside_slack(first, plan):
            await tx.update_page_attempt(first.id, "settled", later=silence)
        elif first.contact in held:
            effects += await hold_page_attempt(tx, first, held[first.contact])
        else:
            effects.append(await start_page_attempt(tx, first, "", silence))
    return effects


def _list_first(attempts: Iterable[PageAttempt]) -> list[PageAttempt]:
    """The first attempt of each contact, in the order of their methods."""
    first_of: dict[str, PageAttempt] = {}
    for attempt in sorted(attempts, key=lambda attempt: attempt.place):
        first_of.setdefault(attempt.contact, attempt)
    return list(first_of.values())


def _is_phone_beside_slack(attempt: PageAttempt, plan: PagingPlan) -> bool:
    """Whether only a telephone is left, and Slack pages the contact: the number is for when that does not help."""
    return attempt.is_phone and any(name == attempt.contact for name, _ in (*plan.people, *plan.lookups))


def _list_reached(ways: Iterable[tuple[str, Sequence[str]]], added: Iterable[PageAttempt]) -> list[str]:
    """The contacts that the new attempts reach: two that share a handle are reached by the same attempt."""
    handles_added = {attempt.handle for attempt in added}
    return [name for name, handles in ways if not handles_added.isdisjoint(handles)]


async def mark_by_hand(tx: Transaction, attempts: Iterable[PageAttempt]) -> None:
    """Somebody asked for these by name."""
    for attempt in attempts:
        await tx.update_page_attempt(attempt.id, "by_hand")


async def start_page_attempt(tx: Transaction, attempt: PageAttempt, why: str, silence: timedelta) -> Effect:
    """Try one contact method; `why` says in a sentence what was tried before, `silence` how long it may take."""
    if attempt.is_phone:
        await tx.update_page_attempt(attempt.id, "requested")
        return NamePhone(incident=attempt.incident, way=attempt.id, why=why)
    await tx.update_page_attempt(attempt.id, "requested", later=silence)
    return PageContact(incident=attempt.incident, way=attempt.id)
