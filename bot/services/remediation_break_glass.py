"""Break-glass: the approvers are paged for a card, and when none of them answers, one alone has it carried out."""

from bot.domain.break_glass import Emergency, build_clicked, explain_never_alone, explain_not_yet
from bot.domain.effects import Effect, PageApprovers, TellApprover, TellOfBreakGlass
from bot.domain.incident import Incident
from bot.domain.remediation import (
    ApproverFacts,
    Remediation,
    RemediationState,
    explain_cannot_decide,
    explain_state,
)
from bot.domain.results import CommandResult, RemediationAloneResult, RemediationRefusedResult
from bot.errors import RuleViolation
from bot.ports import Transaction
from bot.services.context import ServiceContext, UserRequest
from bot.services.remediation_records import (
    build_news,
    enter_state,
    find_for_request,
    is_carried_out,
    lock_both,
)
from bot.services.unit_of_work import run_idempotent
from bot.text.person_placeholders import mark_person, strip_marks
from bot.text.truncation import is_blank


async def read_emergency(desk: ServiceContext, tx: Transaction, incident: Incident) -> Emergency:
    """What break-glass needs to know of an incident."""
    runbook = await desk.runbook_versions.of(incident)
    severity = runbook.severity(incident.severity)
    return Emergency(
        severity is not None and severity.rank == 0,
        incident.drill,
        desk.book.approvers.break_glass,
        tuple(await tx.list_remediations(incident.number)),
    )


async def page_for_card(
    desk: ServiceContext, tx: Transaction, incident: Incident, found: Remediation
) -> list[Effect]:
    """Every approver is paged for a card that one of them may have to carry out alone."""
    if not desk.book.approvers.break_glass:
        return []
    if explain_never_alone(found, await read_emergency(desk, tx, incident)):
        return []
    return [PageApprovers(incident=found.incident, remediation=found.id)]


async def record_paged(tx: Transaction, number: int, id: int, person: str) -> None:
    """An approver has the page for a card."""
    await tx.lock(number)
    found = await tx.lock_remediation(id)
    assert found is not None
    at = (await tx.now()).isoformat()
    await tx.change_remediation(id, paged={**found.paged, person: at})


async def approve_alone(
    desk: ServiceContext,
    request: UserRequest,
    id: int,
    who: ApproverFacts,
    approvers: tuple[frozenset[str], str],
    reason: str,
) -> CommandResult:
    """One approver alone, who may have asked for it: it is read again and carried out, and everybody is told.

    `approvers` are who may approve, by their ids and in words. The outcome is `remediation_alone` or
    `remediation_refused`.
    """
    number = (await find_for_request(desk, request, id)).incident
    people, words = approvers
    why = strip_marks(reason.strip())

    async def change(tx: Transaction) -> CommandResult:
        incident, found = await lock_both(tx, number, id, request.actor)
        now = await tx.now()
        await tx.change_remediation(id, clicked=build_clicked(found, request.actor, now))
        emergency = await read_emergency(desk, tx, incident)
        refusal = (
            explain_state(found, now, incident.status.is_open)
            or explain_cannot_decide(found, who)
            or explain_never_alone(found, emergency)
            or await _explain_off(desk, tx, found)
            or (f"Say why: `/incident fix alone {found.reference} REASON`." if is_blank(why) else "")
            or explain_not_yet(found, request.actor, people, now)
        )
        if refusal:
            sentence = f"{refusal} It may be approved by {words}. Nothing was approved."
            return RemediationRefusedResult(number, sentence=sentence)
        effects = await enter_state(
            tx,
            found,
            RemediationState.APPROVED,
            request.actor,
            alone=why,
            approved_by=request.actor,
            approved_at="now",
            look_at="now",
            lease_until=None,
        )
        await tx.enqueue([*effects, *_tell(desk, found, request.actor, people, why)])
        return RemediationAloneResult(number, reference=found.reference, title=found.title)

    try:
        return await run_idempotent(desk, request, change)
    except RuleViolation as refused:
        return RemediationRefusedResult(number, sentence=str(refused))


async def _explain_off(desk: ServiceContext, tx: Transaction, found: Remediation) -> str:
    switch = await tx.find_remediation_switch()
    if not switch.is_on:
        return f"{mark_person(switch.person)} switched remediations off: {switch.reason}."
    return "" if is_carried_out(desk, found.kind) else f"{found.kind.value} is not switched on."


def _tell(
    desk: ServiceContext, found: Remediation, person: str, people: frozenset[str], why: str
) -> list[Effect]:
    """The room, the incidents channel, and every other approver."""
    sentence = f"{mark_person(person)} has it carried out alone (break-glass): {why}"
    others = sorted(people - {person})
    return [
        *build_news(found, "alone", sentence),
        TellOfBreakGlass(incident=found.incident, remediation=found.id, channel_name=desk.channel_name),
        *(
            TellApprover(incident=found.incident, remediation=found.id, person=other, what="alone")
            for other in others
        ),
    ]
