"""Pages more people by name, at any time: contacts, people, user groups, or everyone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain import policy
from bot.domain.effects import CallEveryone, Effect, RefreshAlert
from bot.domain.incident import Incident, Situation, TimelineEntry
from bot.domain.incident_changes import ManualPage
from bot.domain.notices import PageRequestedNotice
from bot.domain.page_attempts import WORST
from bot.domain.results import CommandResult, NobodyThereResult, PagedAlreadyResult, PagedResult
from bot.domain.timeline_details import PageRequestedDetail
from bot.errors import RuleViolation
from bot.ports import Transaction
from bot.services.acknowledge import build_notice
from bot.services.context import ServiceContext, UserRequest
from bot.services.first_attempts import PageCause
from bot.services.incident_guards import must_be_open, must_be_real
from bot.services.paged_contacts import (
    find_slack_people,
    is_paged,
    select_failed_pages,
    select_paged_in_slack,
)
from bot.services.paging import lookup_on_call_again, page_contacts, repage_contacts
from bot.services.slack_pages import BY_HAND, called_by_name, report_failed_pages
from bot.services.unit_of_work import get_for_update, run_idempotent

EVERYONE = "everyone"
"""Under this name the incidents channel stands among those who are called."""

EVERYONE_AGAIN = timedelta(minutes=5)
"""So long after everyone was paged by hand they are not again: a second @channel tells nobody anything new."""


@dataclass(frozen=True, slots=True)
class PageTargets:
    """Whom to page: contacts by name, people by user id, user groups as (name with the @, id), or everyone."""

    contacts: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    groups: tuple[tuple[str, str], ...] = ()
    everyone: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The contacts, and the user groups by name."""
        return (*self.contacts, *(name for name, _ in self.groups))


@dataclass(frozen=True, slots=True)
class ManualPagePlan:
    """The effects of a manual page, the `names` that it pages (contacts and groups), and those `without` a handle."""

    effects: Sequence[Effect]
    names: tuple[str, ...]
    without: tuple[str, ...]

    def without_everyone(self) -> "ManualPagePlan":
        """The same without the incidents channel among the names."""
        return replace(self, names=tuple(name for name in self.names if name != EVERYONE))


async def page_targets(
    desk: ServiceContext,
    request: UserRequest,
    number: int,
    whom: PageTargets,
    words: str = "",
    remarks: str = "",
) -> CommandResult:
    """Page these people with some words. Those paged before get their next method, those who acknowledged start again.
    `remarks` says in sentences who of those that were typed is not paged.

    The outcome is `paged`, `paged_already` when everything was tried, `nobody_there` when only everyone is meant and
    the incidents channel is empty (the fact `empty` names it when others are meant too), or `refused`.
    """
    whom = _as_contacts(desk, whom)
    return await run_idempotent(
        desk, request, lambda tx: _page_targets(desk, tx, request, number, whom, words, remarks)
    )


async def _page_targets(
    desk: ServiceContext,
    tx: Transaction,
    request: UserRequest,
    number: int,
    whom: PageTargets,
    words: str,
    remarks: str,
) -> CommandResult:
    incident = await get_for_update(tx, request, number)
    must_be_open(incident)
    must_be_real(incident)
    situation = await tx.situation(number)
    assert situation is not None
    if whom.everyone and (paged := describe_recent_call(situation.entries, await tx.now())):
        whom, remarks = _leave_everyone_out(whom, remarks, paged)
    plan = await _plan_pages(desk, tx, request, situation, whom)
    is_empty = whom.everyone and await tx.find_member_count(desk.channel_name) == 0
    if is_empty:
        plan = plan.without_everyone()
    remarks, empty = _join_remarks(remarks, plan), desk.channel_name if is_empty else ""
    if not plan.names and not whom.people:
        await tx.enqueue(plan.effects if is_empty else [])  # whoever joins the channel later reads it
        return _build_nobody(number, whom, remarks, empty)
    page = _build_page(plan, whom, words)
    await tx.add_entry(number, request.actor, PageRequestedDetail(**vars(page)))
    in_slack = find_slack_people(desk, situation.pages, whom.names)
    renewed = await called_by_name(tx, situation, [*in_slack, *whom.people], request.change)
    here = await _rung_here(tx, situation, whom, plan.names, page)
    asked = PageRequestedNotice(actor=request.actor, mentioned=tuple(in_slack), **vars(here))
    notice = build_notice(incident, request, asked)
    alert = RefreshAlert(incident=number, change=request.change)
    failed = select_failed_pages(desk, situation, whom.names, whom.people)
    told = report_failed_pages(number, situation.pages, failed, request.change)
    await tx.enqueue([*plan.effects, *renewed, notice, *told, alert])
    return PagedResult(number, **vars(page), remarks=remarks, empty=empty)


def describe_recent_call(entries: Iterable[TimelineEntry], now: datetime) -> str:
    """That everyone was paged by hand a moment ago, and when they may be again; empty when they were not."""
    called = [
        entry.at
        for entry in entries
        if isinstance(entry.detail, PageRequestedDetail) and EVERYONE in entry.detail.to.split(", ")
    ]
    if not called or now - max(called) >= EVERYONE_AGAIN:
        return ""
    passed = int((now - max(called)).total_seconds() // 60)
    ago = f"{passed} min ago" if passed else "less than a minute ago"
    left = EVERYONE_AGAIN.seconds // 60 - passed
    return f"Everyone was paged {ago}, so not again for {left} min."


def _leave_everyone_out(whom: PageTargets, remarks: str, paged: str) -> tuple[PageTargets, str]:
    """The others that are meant, and the remarks. Raises RuleViolation when only everyone is."""
    if not (whom.contacts or whom.people or whom.groups):
        raise RuleViolation(
            f"{paged} Nobody was paged. To reach somebody now, name them: `/incident page @dana`."
        )
    return replace(whom, everyone=False), f"{remarks} {paged}".strip()


def _join_remarks(remarks: str, plan: ManualPagePlan) -> str:
    missing = (f"{name} was not paged: there is no contact method." for name in plan.without)
    return " ".join(filter(None, [remarks, *missing]))


def _build_nobody(number: int, whom: PageTargets, remarks: str, empty: str) -> CommandResult:
    """The result when nobody is rung: only everyone was meant and the channel is empty, or all was tried already."""
    if empty and not whom.names:
        return NobodyThereResult(number, channel=empty, remarks=remarks)
    return PagedAlreadyResult(number, to=", ".join(whom.contacts), remarks=remarks, empty=empty)


def _build_page(plan: ManualPagePlan, whom: PageTargets, words: str) -> ManualPage:
    """Who is paged. `person` is set when only one is."""
    alone = whom.people[0] if len(whom.people) == 1 and not plan.names else ""
    return ManualPage(to=", ".join(plan.names), person=alone, persons=whom.people, text=words.strip())


async def _rung_here(
    tx: Transaction, situation: Situation, whom: PageTargets, names: Sequence[str], page: ManualPage
) -> ManualPage:
    """The page as the channel is told of it: who is mentioned, and who is only named there, since a direct message sent
    now rings already."""
    had = {page.person for page in situation.pages}
    known = await tx.find_names([person for person in whom.people if person not in had])
    named = [*names, *(known[person] for person in whom.people if person in known)]
    mentioned = [person for person in whom.people if person not in known]
    return replace(page, to=", ".join(named), persons=tuple(mentioned))


def _as_contacts(desk: ServiceContext, whom: PageTargets) -> PageTargets:
    """People and user groups of the contacts file become their contacts, so that all of their methods count."""
    contacts = list(whom.contacts)
    people: list[str] = []
    groups: list[tuple[str, str]] = []
    for person in whom.people:
        known = _find_contacts_of(desk, person)
        contacts += known
        people += [] if known else [person]
    for name, id in whom.groups:
        known = _find_contacts_of(desk, id)
        contacts += known
        groups += [] if known else [(name, id)]
    return replace(whom, contacts=tuple(dict.fromkeys(contacts)), people=tuple(people), groups=tuple(groups))


def _find_contacts_of(desk: ServiceContext, id: str) -> list[str]:
    return [name for name, handles in desk.contacts.items() if f"slack:{id}" in handles]


async def _plan_pages(
    desk: ServiceContext, tx: Transaction, request: UserRequest, situation: Situation, whom: PageTargets
) -> ManualPagePlan:
    """Raises RuleViolation when none of them can be paged at all."""
    everyone = [_everyone(desk, request, situation.incident)] if whom.everyone else []
    new = [name for name in whom.contacts if not is_paged(desk, situation, name)]
    new_groups = [group for group in whom.groups if not is_paged(desk, situation, group[0])]
    contacts_plan = policy.plan_paging(WORST, new, (), False, desk.contacts, desk.on_call)
    without = _must_be_reachable(whom, contacts_plan)
    paging_plan = replace(
        contacts_plan,
        people=(*contacts_plan.people, *((BY_HAND, person) for person in whom.people)),
        lookups=(*contacts_plan.lookups, *new_groups),
    )
    cause = PageCause(request.change, by_hand=True)
    effects, names = await page_contacts(desk, tx, situation.incident, paging_plan, cause)
    first_paged = [*new, *(name for name, _ in new_groups)]
    again, reached = await _again(desk, tx, request, situation, whom, first_paged)
    paged = dict.fromkeys((*([EVERYONE] if everyone else []), *names, *reached))
    paged.pop(BY_HAND, None)
    return ManualPagePlan((*everyone, *effects, *again), tuple(paged), without)


def _must_be_reachable(whom: PageTargets, plan: policy.PagingPlan) -> tuple[str, ...]:
    """The contacts without a handle. Raises RuleViolation when only such contacts are meant."""
    without = tuple(name for name, why in plan.unreachable if why != policy.ONLY_A_PHONE)
    others = whom.people or whom.groups or whom.everyone
    if without and without == whom.contacts and not others:
        raise RuleViolation(
            f"{' and '.join(without)} cannot be paged: there is no contact method. Add one to the contacts "
            "file, or name a person: `/incident page @dana`. Nobody was paged."
        )
    return without


async def _again(
    desk: ServiceContext,
    tx: Transaction,
    request: UserRequest,
    situation: Situation,
    whom: PageTargets,
    new: Sequence[str],
) -> tuple[list[Effect], list[str]]:
    """Page again those paged before, by their next method or from the first. A mention in the channel rings those who
    have none left and were paged in Slack."""
    known = [name for name in whom.names if name not in new]
    lookups = lookup_on_call_again(desk, situation.incident, known, request.change, True)
    others = [name for name in known if name not in desk.on_call]
    effects, reached = await repage_contacts(desk, tx, situation, others, "was paged again by hand", True)
    looked_up = [lookup.contact for lookup in lookups]
    in_slack = select_paged_in_slack(desk, situation, whom.names)
    return [*effects, *lookups], [*reached, *looked_up, *in_slack]


def _everyone(desk: ServiceContext, request: UserRequest, incident: Incident) -> CallEveryone:
    if incident.private:
        raise RuleViolation(
            "This incident is private, so not everyone is paged. Name somebody. Nobody was paged."
        )
    return CallEveryone(
        incident=incident.number,
        channel_name=desk.channel_name,
        why=f"<@{request.actor}> asked for everyone",
        cause=f":{request.change}",
    )
