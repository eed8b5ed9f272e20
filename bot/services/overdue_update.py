"""Escalates an overdue status update: asks the commander, the deputy, then a manager."""

from collections.abc import Container, Sequence
from datetime import UTC, datetime

from bot.domain import policy
from bot.domain.effects import AskForUpdate, Effect, PostNotice, SettleReminder, SettleUpdateRequest
from bot.domain.incident import Incident, IncidentRole, Situation
from bot.domain.notices import UpdateAskedNotice
from bot.domain.page_attempts import WORST
from bot.domain.timeline_details import UpdateAskedDetail
from bot.ports import Transaction
from bot.services.context import ServiceContext
from bot.services.first_attempts import PageCause
from bot.services.paged_contacts import is_paged
from bot.services.paging import page_contacts, repage_contacts


def compute_promised_s(incident: Incident) -> int:
    """When the next update was promised for, in epoch seconds; 0 when none was."""
    return int(incident.next_update_at.timestamp()) if incident.next_update_at else 0


def count_overdue_minutes(incident: Incident, now: datetime) -> int:
    """Minutes since the promised update was due."""
    return int((now - datetime.fromtimestamp(compute_promised_s(incident), UTC)).total_seconds() // 60)


async def settle_reminders(tx: Transaction, incident: Incident) -> list[Effect]:
    """The reminders of the promise, which is not awaited any more, take one line, and who was asked for the update is
    not asked any more. The incident is as it was before."""
    promised = compute_promised_s(incident)
    effects: list[Effect] = [
        SettleReminder(incident=incident.number, promise=promised, stage=stage)
        for stage in range(min(incident.notice_stage, policy.CLIMB))
    ]
    if incident.notice_stage <= policy.CLIMB:
        return effects
    for person in await _list_asked(tx, incident.number):
        asked = AskForUpdate(incident=incident.number, person=person, role="", promise=promised)
        if await tx.find_effect_payload(asked.key) is not None:
            effects.append(SettleUpdateRequest(incident=incident.number, person=person, promise=promised))
    return effects


async def _list_asked(tx: Transaction, number: int) -> list[str]:
    """Who was ever asked for an overdue update of the incident."""
    situation = await tx.situation(number)
    assert situation is not None
    details = (entry.detail for entry in situation.entries)
    asked = [
        person for detail in details if isinstance(detail, UpdateAskedDetail) for person in detail.people
    ]
    return list(dict.fromkeys(asked))


async def escalate_overdue(
    desk: ServiceContext, tx: Transaction, incident: Incident, step: int, now: datetime
) -> Sequence[Effect]:
    """Ask whose turn it is at this step (0 first); nobody when there is no such person.

    Those paged for the incident before get a direct message, a manager who was not is paged by every method.
    """
    if incident.drill:
        return ()
    situation = await tx.situation(incident.number)
    assert situation is not None
    turns = _turns(desk, situation)
    if step >= len(turns):
        return ()
    role, contact, people = turns[step]
    promised = compute_promised_s(incident)
    detail = UpdateAskedDetail(role=role, people=tuple(people), to=contact)
    await tx.add_entry(incident.number, "", detail)
    notice = UpdateAskedNotice(
        minutes=count_overdue_minutes(incident, now),
        role=role,
        people=tuple(people),
        to=contact,
        commander=incident.commander,
    )
    change = f"update:{promised}:{step}"
    said = PostNotice.say(incident.number, notice, change)
    if people:
        asked = (
            AskForUpdate(incident=incident.number, person=person, role=role, promise=promised)
            for person in people
        )
        return (*asked, said)
    if is_paged(desk, situation, contact):
        effects, _ = await repage_contacts(desk, tx, situation, [contact], LATE, insists=True)
        return (*effects, said)
    called = policy.plan_paging(WORST, [contact], (), False, desk.contacts, desk.on_call)
    effects, _ = await page_contacts(desk, tx, incident, called, PageCause(change))
    return (*effects, said)


Turn = tuple[str, str, tuple[str, ...]]
"""The role, contact and people that are asked together."""


def _turns(desk: ServiceContext, situation: Situation) -> list[Turn]:
    """The turns in their order, nobody twice. A contact whom nobody paged in Slack has no people."""
    commander, deputy = situation.incident.commander, situation.roles.get(IncidentRole.DEPUTY)
    turns: list[Turn] = [("commander", "", (commander,))]
    if deputy and deputy != commander:
        turns.append((str(IncidentRole.DEPUTY), "", (deputy,)))
    manager = policy.find_manager(desk.contacts)
    return [*turns, *_build_manager_turn(situation, manager, {commander, deputy})] if manager else turns


def _build_manager_turn(situation: Situation, contact: str, asked: Container[str | None]) -> list[Turn]:
    """Who was paged as the manager and is not asked before; nothing when everybody of them is."""
    paged = [page.person for page in situation.pages if page.contact == contact]
    others = tuple(person for person in paged if person not in asked)
    return [("manager", contact, others)] if others or not paged else []


LATE = "is needed: the status update is overdue"
"""What is said after the name of a contact who is called for it by one more way."""
