"""Publishes a text for customers in the same change as a status update or a resolution."""

from dataclasses import replace

from bot.domain.effects import PostPublicDraft
from bot.domain.incident import Incident, Status
from bot.domain.public_update import PublicState, list_publishers
from bot.domain.results import CommandResult
from bot.ports import Transaction
from bot.services.context import ServiceContext, UserRequest
from bot.services.publication import (
    PublicChange,
    PublicDecision,
    apply_change,
    examine_change,
    let_out,
    refuse_others,
    save_change,
)
from bot.services.publication_draft import insert_draft, must_be_publishable, plan_draft


async def check_along(
    desk: ServiceContext,
    tx: Transaction,
    request: UserRequest,
    incident: Incident,
    status: Status,
    said: PublicChange | None,
) -> CommandResult | None:
    """Why the text may not go out with the change, before anything is written; None when it may, or there is none.
    Raises RuleViolation as well."""
    if said is None:
        return None
    after = replace(incident, status=status)
    await must_be_publishable(desk, tx, after)
    situation = await tx.situation(incident.number)
    assert situation is not None
    planned = apply_change(await plan_draft(desk, tx, incident, status), said)
    decision = PublicDecision(incident, planned, list_publishers(incident, situation.roles))
    if refused := refuse_others(decision, request.actor):
        return refused
    held, _ = await examine_change(desk, tx, incident, planned, said)
    return held


async def publish_along(
    desk: ServiceContext, tx: Transaction, request: UserRequest, number: int, said: PublicChange | None
) -> bool:
    """Let the text out as the incident stands after the change; where two have to agree, it waits for the second. Gives
    whether there was one."""
    if said is None:
        return False
    incident = await tx.incident(number)
    draft = await insert_draft(desk, tx, incident, request.actor)
    wanted = replace(apply_change(draft, said), accepted_by=(request.actor,))
    if desk.status_approvals > 1:
        state = PublicState.SECONDED.value
        await save_change(tx, wanted, state=state, accepted_by=wanted.accepted_by)
        await tx.enqueue([PostPublicDraft(incident=number, update=draft.id)])
        return True
    _, confirmed = await examine_change(desk, tx, incident, wanted, said)
    await let_out(desk, tx, request, incident, wanted, confirmed)
    return True
