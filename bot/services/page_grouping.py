"""Groups further pages to somebody who has not answered one yet: they join it as a note, and ring by themselves.

Two wishes contradict each other when very much is declared at once: that each P0 rings somebody, and that nobody is
rung without end. So:

- Somebody has an unanswered page for two minutes after it rang: in Slack, or by a handle beside it. A further page of
  another incident, no worse than that one, is held: it joins that page.
- The first page of an incident of the worst severity rings all the same: the first contact who is called, by the direct
  message and by their first way.
- Of direct messages nobody gets more than eight that are unanswered, whatever calls them. Then the direct message
  joins, and the next contact's rings in its place; the first contact's provider is asked without such a limit, since
  it holds together itself what rings one person. Where all have eight, the incident is announced and its pages join.
- Who is called by name by somebody is rung, up to those eight.

What is held stands in the database with the instant when it rings at the latest. `bot/services/grouped_pages_due.py`
rings it when what it joined is answered or over or milder. An outbox row, or the way's own `due_at`, rings it a little
later in any case, also where only the version before runs.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.effects import Effect, NotePage, PageResponder, PostNotice, RefreshPage
from bot.domain.incident import Incident
from bot.domain.notices import PageHeldNotice
from bot.domain.page_attempts import PageAttempt, RingingPage
from bot.domain.policy import PagingPlan
from bot.domain.timeline_details import PageHeldDetail
from bot.ports import Transaction
from bot.services.context import ServiceContext

RINGS_FOR = timedelta(minutes=2)
"""For how long a page counts as unanswered, and others join it."""

MAX_DIRECT_PAGES = 8
"""So many unanswered direct messages call one person at the same time."""

MARGIN = timedelta(seconds=15)
"""How long after its time something held goes out by itself, when nobody looked at it."""


@dataclass(frozen=True, slots=True)
class PageHold:
    """A page joins that of the incident `joined`, and rings `until` then at the latest; that is `wait` from now."""

    joined: int
    until: datetime
    wait: timedelta


@dataclass(frozen=True, slots=True)
class HoldPlan:
    """What does not ring at once: direct messages by person, first ways beside Slack by contact."""

    pages: Mapping[str, PageHold] = field(default_factory=dict)
    ways: Mapping[str, PageHold] = field(default_factory=dict)

    def list_held_contacts(self, people: Iterable[tuple[str, str]]) -> list[str]:
        """The contacts of whom something does not ring at once; `people` are (contact, person)."""
        return list(dict.fromkeys([*(name for name, person in people if person in self.pages), *self.ways]))


async def plan_holds(
    desk: ServiceContext,
    tx: Transaction,
    incident: Incident,
    called: PagingPlan,
    by_hand: bool = False,
    is_new: bool = False,
) -> HoldPlan:
    """Which pages of this plan are held. `called.people` are those who were not paged for the incident before."""
    known = set() if is_new else {attempt.contact for attempt in await tx.ways(incident.number)}
    ways = _select_first_handles(called, known)
    ringing = await tx.list_ringing_pages(
        incident.number, [*(person for _, person in called.people), *ways.values()], RINGS_FOR
    )
    own = select_as_severe(desk, incident, ringing)
    if not own:
        return HoldPlan()
    rank = find_severity_rank(desk, incident.severity)
    must_ring = rank == 0 and not by_hand and (is_new or not await _rang(tx, incident.number))
    now = incident.declared_at if is_new else await tx.now()
    return _plan(called.people, ways, own, by_hand, must_ring, now)


def _select_first_handles(called: PagingPlan, known: Collection[str]) -> dict[str, str]:
    """By contact the handle that rings first, without telephones, known contacts and those that are looked up."""
    others = {*known, *called.on_call}
    return {
        name: handles[0]
        for name, handles in called.ways
        if name not in others and not handles[0].startswith("tel:")
    }


def _plan(
    people: Sequence[tuple[str, str]],
    ways: Mapping[str, str],
    ringing: Mapping[str, Sequence[RingingPage]],
    by_hand: bool,
    must_ring: bool,
    now: datetime,
) -> HoldPlan:
    pages_held: dict[str, PageHold] = {}
    ways_held: dict[str, PageHold] = {}
    for name in _list_contacts(people, ways):
        rings = by_hand or must_ring
        persons = _list_persons(people, name)
        held = [person for person in persons if _must_hold(ringing.get(person, ()), rings)]
        pages_held.update((person, hold_behind_newest(ringing[person], now)) for person in held)
        first = () if rings else ringing.get(ways.get(name, ""), ())
        if first:
            ways_held[name] = hold_behind_newest(first, now)
        if held != persons or (name in ways and not first):
            must_ring = False
    return HoldPlan(pages_held, ways_held)


def _list_contacts(people: Iterable[tuple[str, str]], ways: Iterable[str]) -> list[str]:
    """The contacts, each once; `people` are (contact, person)."""
    return list(dict.fromkeys([*(contact for contact, _ in people), *ways]))


def _list_persons(people: Iterable[tuple[str, str]], name: str) -> list[str]:
    """The persons of one contact."""
    return [person for contact, person in people if contact == name]


def _must_hold(own: Sequence[RingingPage], rings: bool) -> bool:
    """Whether a direct message joins what rings somebody: they have as many as anybody gets, or it need not ring."""
    return bool(own) and (is_full(own) or not rings)


def is_full(own: Sequence[RingingPage]) -> bool:
    """Whether somebody has as many unanswered direct messages as anybody gets."""
    return sum(page.direct for page in own) >= MAX_DIRECT_PAGES


def hold_behind_newest(own: Sequence[RingingPage], now: datetime) -> PageHold:
    """Join the newest of what rings somebody, oldest first; where that is the most, until the first of those is
    over."""
    newest, first = own[-1], own[-MAX_DIRECT_PAGES] if is_full(own) else own[-1]
    until = min(first.since + RINGS_FOR, now + RINGS_FOR)
    return PageHold(newest.incident, until, until - now + MARGIN)


def select_as_severe(
    desk: ServiceContext, incident: Incident, ringing: Iterable[RingingPage]
) -> dict[str, list[RingingPage]]:
    """What rings each, as far as it is as bad as this incident: a worse one rings through. Unknown severities count for
    nothing."""
    rank = find_severity_rank(desk, incident.severity)
    found: dict[str, list[RingingPage]] = {}
    for page in ringing:
        other = find_severity_rank(desk, page.severity)
        if rank is not None and other is not None and other <= rank:
            found.setdefault(page.who, []).append(page)
    return found


def find_severity_rank(desk: ServiceContext, severity: str) -> int | None:
    """The place of a severity in the runbook that is in force, 0 the worst."""
    found = desk.runbook_versions.current.runbook.severity(severity)
    return found.rank if found is not None else None


async def _rang(tx: Transaction, number: int) -> bool:
    """Whether any page of the incident rang."""
    return any(page.held_until is None and not page.failed for page in await tx.pages(number)) or any(
        way.requested_at is not None and not way.is_phone for way in await tx.ways(number)
    )


async def hold_page_attempt(tx: Transaction, way: PageAttempt, hold: PageHold) -> list[Effect]:
    """The way waits; by itself it is asked a little later than that. Gives the notes on what rings by the same
    handle."""
    await tx.update_page_attempt(way.id, "settled", later=hold.wait)
    await tx.hold_page_attempt(way.id, hold.joined, hold.until)
    return [
        NotePage(incident=hold.joined, way=ringing.id, other=way.incident)
        for ringing in await tx.ways(hold.joined)
        if ringing.handle == way.handle and ringing.is_told and ringing.is_waiting
    ]


async def hold_pages(
    tx: Transaction, incident: Incident, people: Iterable[tuple[str, str]], plan: HoldPlan, change: str
) -> list[Effect]:
    """Hold what the plan holds of these (contact, person), who are recorded as paged. Gives the effects that show
    it."""
    number, listed = incident.number, list(people)
    shown: list[Effect] = []
    waiting: list[Effect] = []
    for contact, person in listed:
        if (hold := plan.pages.get(person)) is None:
            continue
        await tx.hold_page(number, person, hold.joined, hold.until)
        waiting.append(PageResponder(incident=number, person=person, contact=contact))
        shown.append(RefreshPage(incident=hold.joined, person=person, change=f"joined:{number}"))
    if not (names := plan.list_held_contacts(listed)):
        return []
    holds = (*plan.pages.values(), *plan.ways.values())
    await tx.enqueue(waiting, later=max(hold.wait for hold in holds))
    until = max(hold.until for hold in holds)
    shown.sort(key=lambda effect: effect.key)
    if not (untold := await _list_untold(tx, number, names)):
        return shown
    notice = PageHeldNotice(names=", ".join(untold), until=until)
    await tx.add_entry(number, "", PageHeldDetail(names=notice.names, until=until))
    return [*shown, PostNotice.say(number, notice, f"held:{change}")]


async def _list_untold(tx: Transaction, number: int, names: Iterable[str]) -> list[str]:
    """Those of the contacts whose page was not told to be on hold before: Slack may have found their people later than
    another of their methods was held."""
    situation = await tx.situation(number)
    assert situation is not None
    details = (entry.detail for entry in situation.entries)
    told = {
        name for detail in details if isinstance(detail, PageHeldDetail) for name in detail.names.split(", ")
    }
    return [name for name in names if name not in told]
