"""Asking for a remediation, and showing it as soon as what it would change was read."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.domain.effects import Effect, PostNotice
from bot.domain.incident import Incident
from bot.domain.remediation import RULES, Remediation, RemediationKind, RemediationState, explain_cooldown
from bot.domain.remediation_plan import Plan, compute_plan_hash
from bot.domain.results import CommandResult, RemediationAskedResult
from bot.errors import RuleViolation
from bot.ports import Transaction
from bot.ports.remediation import Refusal
from bot.services.context import ServiceContext, UserRequest
from bot.services.incident_guards import must_be_open
from bot.services.remediation_break_glass import page_for_card
from bot.services.remediation_offers import RemediationOffer
from bot.services.remediation_records import (
    build_news,
    enter_state,
    find_for_request,
    is_carried_out,
)
from bot.services.unit_of_work import get_for_update, run_idempotent
from bot.text.person_placeholders import strip_marks

MAX_OPEN = 10
"""Remediations of one incident that are open at the same time: more are a mistake."""


async def request_remediation(
    desk: ServiceContext,
    request: UserRequest,
    number: int,
    offer: RemediationOffer,
    undo_of: int | None = None,
) -> CommandResult:
    """Ask for a remediation. What it would change is read next; then its card comes.

    The outcome is `remediation_asked` or `refused`.
    """

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        must_be_open(incident)
        others = [found for found in await tx.list_remediations(number) if _is_waiting(found)]
        if len(others) >= MAX_OPEN:
            raise RuleViolation(
                f"{incident.reference} has {len(others)} remediations that wait already. Decide on these first. "
                "Nothing was proposed."
            )
        same = next((found for found in others if _is_same(found, offer)), None)
        if same is not None:
            raise RuleViolation(f"{same.reference} proposes this already. Nothing was proposed.")
        found = await tx.add_remediation(
            number,
            request.key,
            offer.kind,
            offer.parameters,
            request.actor,
            reason=strip_marks(offer.reason),
            is_by_hand=not is_carried_out(desk, offer.kind),
            is_drill=incident.drill,
            undo_of=undo_of,
        )
        return RemediationAskedResult(number, reference=found.reference, title=offer.title or offer.verb)

    return await run_idempotent(desk, request, change)


def _is_waiting(found: Remediation) -> bool:
    return found.state in (RemediationState.ASKED, RemediationState.PROPOSED)


def _is_same(found: Remediation, offer: RemediationOffer) -> bool:
    """A second card of what a person does; what Tocsin does is told apart by its target, once that was read."""
    if not found.kind is RemediationKind.BY_HAND is offer.kind:
        return False
    if "call" in offer.parameters:  # what is told them changes with what is found
        return found.parameters.get("call") == offer.parameters["call"]
    return dict(found.parameters) == dict(offer.parameters)


async def ask_again(desk: ServiceContext, request: UserRequest, id: int) -> CommandResult:
    """The same once more, planned anew."""
    before = await find_for_request(desk, request, id)
    offer = RemediationOffer(before.kind, before.title, before.parameters, reason=before.reason)
    return await request_remediation(desk, request, before.incident, offer, before.undo_of)


async def undo(desk: ServiceContext, request: UserRequest, id: int) -> CommandResult:
    """Propose the reverse, with what was before."""
    before = await find_for_request(desk, request, id)
    if before.plan is None or not before.plan.reverse or before.started_at is None:
        raise RuleViolation(f"{before.reference} cannot be undone by me. Nothing was proposed.")
    parameters = dict(before.plan.reverse)
    kind = RemediationKind(parameters.pop("kind", before.kind.value))
    offer = RemediationOffer(
        kind, f"Undo {before.reference}", parameters, reason=f"undoes {before.reference}"
    )
    return await request_remediation(desk, request, before.incident, offer, before.id)


def plan_by_hand(parameters: Mapping[str, str]) -> Plan:
    """The plan of what a person does: the runbook's words, and its command to copy."""
    title = parameters.get("title", "") or RULES[RemediationKind.BY_HAND].verb
    details: tuple[str, ...] = ()
    if "call" in parameters:
        details = (parameters.get("way") or f"The runbook says no number or page of {parameters['call']}.",)
    return Plan(target="", title=title, command=parameters.get("command", ""), details=details)


async def propose(desk: ServiceContext, id: int, incident: int, read: Plan | Refusal) -> None:
    """What it would change was read: show the card, or say why there is none."""
    async with desk.store.transaction() as tx:
        stands = await tx.lock(incident)
        found = await tx.lock_remediation(id)
        assert stands is not None and found is not None
        if found.state is not RemediationState.ASKED:
            return
        why = await _explain_no_card(tx, stands, found, read)
        if why or isinstance(read, Refusal):
            await tx.enqueue(await _refuse(tx, found, why))
            return
        now = await tx.now()
        shown = await enter_state(
            tx,
            found,
            RemediationState.PROPOSED,
            found.asked_by,
            plan=read,
            plan_hash=compute_plan_hash(read),
            target=read.target or None,
            expires_at=now + RULES[found.kind].expires_after,
            look_at=None,
        )
        shown += await page_for_card(desk, tx, stands, replace(found, plan=read))
        await tx.enqueue(shown)


async def _explain_no_card(
    tx: Transaction, incident: Incident, found: Remediation, read: Plan | Refusal
) -> str:
    if isinstance(read, Refusal):
        return read.sentence
    if not incident.status.is_open:
        return f"{incident.reference} is {incident.status} by now."
    if found.is_by_hand or found.is_drill:
        return ""
    if read.strict and not found.reason:
        return f"Since {read.strict}, say why: add “because …” to the words, and ask again."
    if (other := await tx.find_open_remediation(read.target)) is not None:
        return f"INC-{other.incident} {other.reference} is open for the same target: {other.title}."
    settled_at = await tx.find_last_settled(read.target)
    if await _takes_back_last(tx, found, settled_at) or _is_deployed_since(read, settled_at):
        return ""
    return explain_cooldown(found.kind, settled_at, await tx.now())


async def _takes_back_last(tx: Transaction, found: Remediation, settled_at: datetime | None) -> bool:
    """Whether it is the reverse of what was last done to the target: nobody has to wait to take back a mistake."""
    before = next(
        (other for other in await tx.list_remediations(found.incident) if other.id == found.undo_of), None
    )
    return before is not None and settled_at is not None and before.settled_at == settled_at


def _is_deployed_since(read: Plan, settled_at: datetime | None) -> bool:
    """Whether somebody has deployed since the last remediation ended: what came of that is over then."""
    if settled_at is None or not read.deployed_at:
        return False
    return datetime.fromisoformat(read.deployed_at) > settled_at


async def _refuse(tx: Transaction, found: Remediation, why: str) -> list[Effect]:
    """No card was posted, so that nothing is refreshed."""
    await enter_state(tx, found, RemediationState.VOID, "", why, look_at=None, settled_at="now")
    return [
        effect
        for effect in build_news(found, "void", f"Nothing was proposed. {why}")
        if isinstance(effect, PostNotice)
    ]


async def void_unbegun(tx: Transaction, number: int | None, why: str) -> list[Effect]:
    """Nothing that waits is begun any more, of an incident or (None) of all. Gives what shows it."""
    effects: list[Effect] = []
    for found in await tx.lock_unbegun_remediations(number):
        shown = await enter_state(tx, found, RemediationState.VOID, "", why, look_at=None, settled_at="now")
        effects += shown if found.state is not RemediationState.ASKED else []
    return effects
