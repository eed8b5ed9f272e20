"""Records that a responder is on it: they say so, or do what only a responder does."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.effects import Effect, RefreshPage
from bot.domain.incident import EntryKind, Situation
from bot.domain.page_attempts import EscalationState
from bot.domain.timeline_details import AcknowledgedDetail
from bot.ports import Transaction
from bot.services.check_in import settle_check_in
from bot.services.context import ServiceContext, UserRequest
from bot.services.page_acknowledgement import acknowledge_pages, find_contacts_of
from bot.services.paged_contacts import is_paged
from bot.services.paging import schedule_check_in

LED, UPDATED, STATUS_SET, RESOLVED, STILL_ON_IT = "lead", "update", "status", "resolve", "still_on_it"
"""What counts as an acknowledgement of who was called, as the timeline keeps it."""


@dataclass(frozen=True, slots=True)
class PagedResponder:
    """Somebody who may be acknowledging: `called` says whether they were paged, as these `contacts` or as nobody's."""

    situation: Situation
    person: str
    contacts: Sequence[str]
    called: bool

    @property
    def counts_already(self) -> bool:
        """Whether this person has acknowledged, and nobody was paged since because of a silence."""
        return (
            self.situation.incident.ladder not in (EscalationState.CLIMBING, EscalationState.ASKED)
            and self.stands
        )

    @property
    def stands(self) -> bool:
        """Whether they have acknowledged since the last reopening, and none of their own pages waits for an answer."""
        return not self._is_waited_for and self._has_acknowledged

    @property
    def _is_waited_for(self) -> bool:
        """Whether one of their own pages waits for an answer."""
        asked = any(
            attempt.is_waiting and attempt.requested_at and attempt.contact in self.contacts
            for attempt in self.situation.ways
        )
        return asked or any(page.is_waiting and page.person == self.person for page in self.situation.pages)

    @property
    def _has_acknowledged(self) -> bool:
        """Whether they did since it was reopened for the last time."""
        acknowledged = False
        for entry in self.situation.entries:
            if entry.kind is EntryKind.REOPENED:
                acknowledged = False
            elif entry.kind is EntryKind.ACKNOWLEDGED and entry.actor == self.person:
                acknowledged = True
        return acknowledged


async def load_responder(desk: ServiceContext, tx: Transaction, number: int, person: str) -> PagedResponder:
    """This person, as they stand to the incident, which is locked."""
    situation = await tx.situation(number)
    assert situation is not None
    contacts = find_contacts_of(desk, situation, person)
    called = any(page.person == person for page in situation.pages)
    called = called or any(is_paged(desk, situation, name) for name in contacts)
    return PagedResponder(situation, person, contacts, called)


async def record_acknowledgement(
    desk: ServiceContext, tx: Transaction, request: UserRequest, who: PagedResponder, by: str = ""
) -> tuple[int, list[Effect]]:
    """Record the acknowledgement: escalation stops, their own pages are acknowledged, the others' are silenced at their
    providers. `by` is what they did instead of clicking. Gives the seconds since the declaration, and the effects."""
    incident, number = who.situation.incident, who.situation.incident.number
    now = await tx.now()
    seconds = int((now - incident.declared_at).total_seconds())
    severity = (await desk.runbook_versions.of(incident)).severity(incident.severity)
    await tx.change(number, **schedule_check_in(desk, incident, severity, now))
    if incident.acknowledged_at is None:
        await tx.change(number, acknowledged_at="now", acknowledged_by=who.person)
    effects = await settle_check_in(tx, incident)
    effects += await acknowledge_pages(tx, number, request.change, who.contacts)
    if any(page.person == who.person for page in who.situation.pages):
        await tx.mark_page_acknowledged(number, who.person)
        effects.append(RefreshPage(incident=number, person=who.person, change=request.change))
    await tx.add_entry(number, request.actor, AcknowledgedDetail(seconds=seconds, by=by or None))
    return seconds, effects


async def acknowledge_by_action(
    desk: ServiceContext, tx: Transaction, request: UserRequest, number: int, deed: str
) -> list[Effect]:
    """What a paged responder does on the incident acknowledges it, once; what others do does not. Gives the effects."""
    who = await load_responder(desk, tx, number, request.actor)
    answered_before = any(
        entry.kind is EntryKind.ACKNOWLEDGED and entry.actor == request.actor
        for entry in who.situation.entries
    )
    is_theirs = who.called or answered_before
    if not is_theirs or (who.stands and who.situation.incident.ladder is not EscalationState.CLIMBING):
        return []
    _, effects = await record_acknowledgement(desk, tx, request, who, deed)
    return effects
