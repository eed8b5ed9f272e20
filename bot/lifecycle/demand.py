"""An update that stays overdue climbs: the commander, the deputy, a manager are called for it, one after the other."""

from collections.abc import Sequence
from datetime import UTC, datetime

from bot import policy
from bot.effects import AskForUpdate, Effect, PostNotice
from bot.incident import EntryKind, Incident, Role, Situation
from bot.lifecycle.calling import Cause, called_again, summoned, was_called
from bot.lifecycle.desk import Desk
from bot.ports import Transaction


def promise(incident: Incident) -> int:
    """When the next update was promised for, in epoch seconds; 0 when none was."""
    return int(incident.next_update_at.timestamp()) if incident.next_update_at else 0


def overdue(incident: Incident, now: datetime) -> int:
    """Minutes since the promised update was due."""
    return int((now - datetime.fromtimestamp(promise(incident), UTC)).total_seconds() // 60)


async def demanded(
    desk: Desk, work: Transaction, incident: Incident, step: int, now: datetime
) -> Sequence[Effect]:
    """Call whose turn it is at this step (0 first); nobody where there is no such person.

    Who was called to the incident before gets a direct message, a manager who was not is called by every way.
    """
    if incident.drill:
        return ()
    situation = await work.situation(incident.number)
    assert situation is not None
    turns = _turns(desk, situation)
    if step >= len(turns):
        return ()
    role, contact, people = turns[step]
    promised = promise(incident)
    await work.add_entry(
        incident.number, "", EntryKind.UPDATE_ASKED, role=role, people=" ".join(people), to=contact
    )
    detail = {
        "minutes": str(overdue(incident, now)),
        "role": role,
        "people": " ".join(people),
        "to": contact,
        "commander": incident.commander,
    }
    change = f"update:{promised}:{step}"
    said = PostNotice(
        incident=incident.number, words="update_asked", detail=tuple(detail.items()), change=change
    )
    if people:
        asked = (
            AskForUpdate(incident=incident.number, person=person, role=role, promise=promised)
            for person in people
        )
        return (*asked, said)
    if was_called(desk, situation, contact):
        effects, _ = await called_again(desk, work, situation, [contact], LATE, insists=True)
        return (*effects, said)
    called = policy.call_out(policy.WORST, [contact], (), False, desk.contacts, desk.on_call)
    effects, _ = await summoned(desk, work, incident, called, Cause(change))
    return (*effects, said)


def _turns(desk: Desk, situation: Situation) -> list[tuple[str, str, tuple[str, ...]]]:
    """(role, contact, people) in their order; nobody twice. A contact whom nobody called in Slack has no people."""
    incident = situation.incident
    turns: list[tuple[str, str, tuple[str, ...]]] = [("commander", "", (incident.commander,))]
    if (deputy := situation.roles.get(Role.DEPUTY)) and deputy != incident.commander:
        turns.append((str(Role.DEPUTY), "", (deputy,)))
    if contact := policy.manager(desk.contacts):
        seen = {person for _, _, people in turns for person in people}
        called = [page.person for page in situation.pages if page.contact == contact]
        others = tuple(person for person in called if person not in seen)
        if others or not called:
            turns.append(("manager", contact, others))
    return turns


LATE = "is needed: the status update is overdue"
"""What is said after the name of a contact who is called for it by one more way."""
