"""Assigns the commander, who must accept, and the other roles."""

from bot.domain.effects import InvitePeople, OfferCommand, SetTopic
from bot.domain.incident import Incident, IncidentRole
from bot.domain.notices import CommanderChangedNotice, RoleAssignedNotice
from bot.domain.results import (
    CommanderAlreadyResult,
    CommanderChangedResult,
    CommandOfferedAlreadyResult,
    CommandOfferedResult,
    CommandResult,
    RoleAssignedAlreadyResult,
    RoleAssignedResult,
)
from bot.domain.timeline_details import CommanderChangedDetail, CommandOfferedDetail, RoleAssignedDetail
from bot.errors import RuleViolation
from bot.ports import Transaction
from bot.services.acknowledge import build_alert_refreshes, build_notice
from bot.services.command_offers import find_offer, is_offered, settle_offer
from bot.services.context import ServiceContext, UserRequest
from bot.services.declare import TEXT_LENGTH
from bot.services.incident_guards import must_be_open
from bot.services.responder_acknowledgement import LED, acknowledge_by_action
from bot.services.unit_of_work import get_for_update, run_idempotent
from bot.text.truncation import cut


async def lead(
    desk: ServiceContext, request: UserRequest, number: int, person: str, words: str = ""
) -> CommandResult:
    """Take command at once, or offer it to somebody who must accept; until then the commander stays.

    `words` are the handover's words to the next commander. The outcome is `commander_changed`, `command_offered`,
    `command_offered_already` (the open offer says as much) or `commander_already`.
    """

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        must_be_open(incident)
        if incident.commander == person:
            return CommanderAlreadyResult(number, person=person)
        if person == request.actor:
            return await _commands(desk, tx, request, incident)
        said = cut(words.strip(), TEXT_LENGTH)
        if incident.offered_to == person and await is_offered(tx, number, person, said):
            return CommandOfferedAlreadyResult(number, person=person)
        earlier = await settle_offer(tx, incident)
        await tx.change(number, offered_to=person)
        offer = OfferCommand(
            incident=number, person=person, by=request.actor, change=request.change, words=said
        )
        detail = CommandOfferedDetail(to=person, text=said, offer=offer.key)
        await tx.add_entry(number, request.actor, detail)
        await tx.enqueue(
            [*earlier, InvitePeople(incident=number, people=(person,), change=request.change), offer]
        )
        return CommandOfferedResult(number, person=person)

    return await run_idempotent(desk, request, change)


async def accept_command(desk: ServiceContext, request: UserRequest, number: int) -> CommandResult:
    """The person to whom command was offered takes it. `commander_changed`, `commander_already` or `refused`."""

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        must_be_open(incident)
        if incident.commander == request.actor:
            return CommanderAlreadyResult(number, person=request.actor)
        if incident.offered_to != request.actor:
            raise RuleViolation(
                "Command was not offered to you, or no longer is. Take it with `/incident lead`. Nothing was changed."
            )
        offer = await find_offer(tx, number, request.actor)
        return await _commands(desk, tx, request, incident, offer[0] if offer else "")

    return await run_idempotent(desk, request, change)


async def _commands(
    desk: ServiceContext, tx: Transaction, request: UserRequest, standing: Incident, by: str = ""
) -> CommandResult:
    """Who asks for it commands. `standing` is how it stood: its commander is mentioned; `by` offered it, empty where it
    was taken."""
    number, before, person = standing.number, standing.commander, request.actor
    settled = await settle_offer(tx, standing)
    answered = await acknowledge_by_action(desk, tx, request, number, LED)
    await tx.change(number, commander=person, offered_to=None)
    incident = await tx.incident(number)
    await tx.add_entry(number, request.actor, CommanderChangedDetail(before=before, to=person, by=by))
    await tx.enqueue(
        [
            *answered,
            *settled,
            *build_alert_refreshes(number, request.change),
            SetTopic(incident=number, change=request.change),
            InvitePeople(incident=number, people=(person,), change=request.change),
            build_notice(incident, request, CommanderChangedNotice(person=person, before=before, by=by)),
        ]
    )
    return CommanderChangedResult(number, person=person)


async def assign(
    desk: ServiceContext, request: UserRequest, number: int, typed: str, person: str
) -> CommandResult:
    """Give somebody a role beside the commander. The outcome is `role_assigned`, `role_assigned_already` or
    `refused`."""

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        must_be_open(incident)
        try:
            role = IncidentRole(typed.casefold())
        except ValueError:
            roles = ", ".join(IncidentRole)
            raise RuleViolation(
                f"“{typed}” is not a role. The roles are {roles}. Nothing was changed."
            ) from None
        situation = await tx.situation(number)
        if situation is not None and situation.roles.get(role) == person:
            return RoleAssignedAlreadyResult(number, role=role, person=person)
        await tx.set_role(number, role, person)
        await tx.add_entry(number, request.actor, RoleAssignedDetail(role=role, to=person))
        await tx.enqueue(
            [
                InvitePeople(incident=number, people=(person,), change=request.change),
                build_notice(incident, request, RoleAssignedNotice(role=role, person=person)),
            ]
        )
        return RoleAssignedResult(number, role=role, person=person)

    return await run_idempotent(desk, request, change)
