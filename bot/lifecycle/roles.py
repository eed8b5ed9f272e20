"""Who does what: the commander, who must accept, and the roles beside."""

from bot.effects import InvitePeople, OfferCommand, SetTopic
from bot.errors import Refused
from bot.incident import EntryKind, Outcome, Role
from bot.letters import cut
from bot.lifecycle.declare import TEXT_LENGTH
from bot.lifecycle.desk import Desk, Request, held, must_be_open, once
from bot.lifecycle.respond import notice, refreshed
from bot.ports import Transaction


async def lead(desk: Desk, request: Request, number: int, person: str, words: str = "") -> Outcome:
    """Take command at once, or offer it to somebody who must accept: until then the commander stays.

    `words` are what a handover says to the next commander.

    The outcome is `commander_changed`, `command_offered` or `commander_already`.
    """

    async def change(work: Transaction) -> Outcome:
        incident = await held(work, request, number)
        must_be_open(incident)
        if incident.commander == person:
            return Outcome("commander_already", number, {"person": person})
        if person == request.actor:
            return await _commands(work, request, number, person, incident.commander)
        await work.change(number, offered_to=person)
        said = cut(words.strip(), TEXT_LENGTH)
        await work.add_entry(number, request.actor, EntryKind.COMMAND_OFFERED, to=person, text=said)
        await work.enqueue(
            [
                InvitePeople(incident=number, people=(person,), change=request.change),
                OfferCommand(
                    incident=number, person=person, by=request.actor, change=request.change, words=said
                ),
            ]
        )
        return Outcome("command_offered", number, {"person": person})

    return await once(desk, request, change)


async def accept_command(desk: Desk, request: Request, number: int) -> Outcome:
    """The person to whom command was offered takes it. `commander_changed`, `commander_already` or `refused`."""

    async def change(work: Transaction) -> Outcome:
        incident = await held(work, request, number)
        must_be_open(incident)
        if incident.commander == request.actor:
            return Outcome("commander_already", number, {"person": request.actor})
        if incident.offered_to != request.actor:
            raise Refused(
                "Command was not offered to you, or not any more. `/incident lead` takes it. Nothing was changed."
            )
        return await _commands(work, request, number, request.actor, incident.commander)

    return await once(desk, request, change)


async def _commands(work: Transaction, request: Request, number: int, person: str, before: str) -> Outcome:
    await work.change(number, commander=person, offered_to=None)
    incident = await work.incident(number)
    await work.add_entry(number, request.actor, EntryKind.COMMANDER_CHANGED, before=before, to=person)
    await work.enqueue(
        [
            *refreshed(number, request.change),
            SetTopic(incident=number, change=request.change),
            InvitePeople(incident=number, people=(person,), change=request.change),
            notice(incident, request, "commander_changed", person=person),
        ]
    )
    return Outcome("commander_changed", number, {"person": person})


async def assign(desk: Desk, request: Request, number: int, typed: str, person: str) -> Outcome:
    """Give somebody a role beside the commander. The outcome is `role_assigned` or `refused`."""

    async def change(work: Transaction) -> Outcome:
        incident = await held(work, request, number)
        must_be_open(incident)
        try:
            role = Role(typed.casefold())
        except ValueError:
            roles = ", ".join(Role)
            raise Refused(f"“{typed}” is no role. There are {roles}. Nothing was changed.") from None
        await work.set_role(number, role, person)
        await work.add_entry(number, request.actor, EntryKind.ROLE_ASSIGNED, role=role, to=person)
        await work.enqueue(
            [
                InvitePeople(incident=number, people=(person,), change=request.change),
                notice(incident, request, "role_assigned", role=role, person=person),
            ]
        )
        return Outcome("role_assigned", number, {"role": role, "person": person})

    return await once(desk, request, change)
