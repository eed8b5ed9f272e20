"""What people decide about a remediation: approve, reject, withdraw; that they ran it themselves, or checked it."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from bot.domain.break_glass import build_clicked
from bot.domain.effects import Effect
from bot.domain.incident import Incident
from bot.domain.remediation import (
    STATES_IN_WORDS,
    ApproverFacts,
    Remediation,
    RemediationState,
    explain_cannot_approve,
    explain_cannot_decide,
    is_first_of_two,
)
from bot.domain.results import (
    CommandResult,
    RemediationApprovedResult,
    RemediationCalledResult,
    RemediationCheckedResult,
    RemediationRanResult,
    RemediationRefusedResult,
    RemediationRejectedResult,
    RemediationWithdrawnResult,
)
from bot.domain.results.remediation_results import NamedRemediation
from bot.domain.timeline_details import RemediationApprovedDetail, RemediationCheckedDetail
from bot.errors import RuleViolation
from bot.ports import Transaction
from bot.services.approver_list import ApproverList
from bot.services.context import ServiceContext, UserRequest
from bot.services.remediation_check import request_check
from bot.services.remediation_records import (
    build_news,
    build_refresh,
    enter_state,
    find_for_request,
    is_carried_out,
    lock_both,
)
from bot.services.unit_of_work import run_idempotent
from bot.text.person_placeholders import mark_person, strip_marks

Decision = Callable[[Transaction, Incident, Remediation], Awaitable[CommandResult]]


async def _decide(desk: ServiceContext, request: UserRequest, id: int, decide: Decision) -> CommandResult:
    number = (await find_for_request(desk, request, id)).incident

    async def change(tx: Transaction) -> CommandResult:
        try:
            incident, found = await lock_both(tx, number, id, request.actor)
            await tx.change_remediation(id, clicked=build_clicked(found, request.actor, await tx.now()))
            return await decide(tx, incident, found)
        except RuleViolation as refusal:  # it names people, so that it is told with its mentions
            return RemediationRefusedResult(number, sentence=str(refusal))

    return await run_idempotent(desk, request, change)


Named = TypeVar("Named", bound=NamedRemediation)


def _name(kind: Callable[..., Named], found: Remediation) -> Named:
    return kind(found.incident, reference=found.reference, title=found.title)


async def approve(
    desk: ServiceContext, request: UserRequest, id: int, who: ApproverFacts, listed: ApproverList
) -> CommandResult:
    """A second person agrees: it is read again and carried out. `listed` are those who may.

    The outcome is `remediation_approved` or `remediation_refused`.
    """

    async def decide(tx: Transaction, incident: Incident, found: Remediation) -> CommandResult:
        now = await tx.now()
        why = explain_cannot_approve(found, who, now, is_open=incident.status.is_open, approvers=listed.words)
        why = why or await _explain_by_hand(desk, tx, found)
        if why:
            raise RuleViolation(why)
        if is_first_of_two(found, who):
            others = listed.name_others(request.actor, found.asked_by)
            return await _approve_first(tx, found, request.actor, others)
        shown = await enter_state(
            tx,
            found,
            RemediationState.APPROVED,
            request.actor,
            approved_by=request.actor,
            approved_at="now",
            look_at="now",
            lease_until=None,
        )
        await tx.enqueue(shown)
        return RemediationApprovedResult(
            found.incident, reference=found.reference, title=found.title, is_drill=found.is_drill
        )

    return await _decide(desk, request, id, decide)


async def _approve_first(tx: Transaction, found: Remediation, actor: str, others: str) -> CommandResult:
    """The first of two approvers agrees: nothing is begun before the second, one of `others`, does."""
    await tx.change_remediation(found.id, first_approver=actor)
    detail = RemediationApprovedDetail(
        reference=found.reference,
        what=found.kind.value,
        state=found.state.value,
        title=found.title,
        asked_by=found.asked_by,
        approved_by=actor,
    )
    await tx.add_entry(found.incident, actor, detail)
    await tx.enqueue([build_refresh(found, f"first-approved:{actor}")])
    return RemediationApprovedResult(
        found.incident, reference=found.reference, title=found.title, is_first=True, others=others
    )


async def _explain_by_hand(desk: ServiceContext, tx: Transaction, found: Remediation) -> str:
    """Why it is not carried out by Tocsin, in a sentence; empty when it is."""
    if found.is_drill:
        return ""
    switch = await tx.find_remediation_switch()
    if not switch.is_on:
        return (
            f"{mark_person(switch.person)} switched remediations off: {switch.reason}. Two approvers switch them on "
            "again with `/incident fix on`. Nothing was approved."
        )
    if found.is_by_hand or not is_carried_out(desk, found.kind):
        return "This one is done by hand: copy the command, then click “I ran it”. Nothing was approved."
    return ""


async def reject(
    desk: ServiceContext, request: UserRequest, id: int, who: ApproverFacts, approvers: str
) -> CommandResult:
    """Somebody who may approve says no. `remediation_rejected` or `remediation_refused`."""

    async def decide(tx: Transaction, incident: Incident, found: Remediation) -> CommandResult:
        if why := _explain_not_proposed(found):
            raise RuleViolation(f"{why} Nothing was changed.")
        if why := explain_cannot_decide(found, who):
            raise RuleViolation(f"{why} It may be rejected by {approvers}. Nothing was changed.")
        sentence = f"Rejected by {mark_person(request.actor)}."
        shown = await enter_state(
            tx, found, RemediationState.REJECTED, request.actor, sentence, settled_at="now", look_at=None
        )
        await tx.enqueue([*shown, *build_news(found, "rejected", sentence)])
        return _name(RemediationRejectedResult, found)

    return await _decide(desk, request, id, decide)


def _explain_not_proposed(found: Remediation) -> str:
    if found.state is RemediationState.PROPOSED:
        return ""
    return f"{found.reference} {STATES_IN_WORDS[found.state]}."


async def withdraw(desk: ServiceContext, request: UserRequest, id: int) -> CommandResult:
    """Who asked takes it back, while nothing was begun. `remediation_withdrawn` or `remediation_refused`."""

    async def decide(tx: Transaction, incident: Incident, found: Remediation) -> CommandResult:
        if request.actor != found.asked_by:
            raise RuleViolation(
                f"Only {mark_person(found.asked_by)}, who asked for it, withdraws it. An approver can reject it. "
                "Nothing was changed."
            )
        if why := _explain_not_proposed(found):
            raise RuleViolation(f"{why} Nothing was changed.")
        sentence = f"Withdrawn by {mark_person(request.actor)}."
        await tx.enqueue(
            await enter_state(
                tx, found, RemediationState.VOID, request.actor, sentence, settled_at="now", look_at=None
            )
        )
        return _name(RemediationWithdrawnResult, found)

    return await _decide(desk, request, id, decide)


async def report_ran(desk: ServiceContext, request: UserRequest, id: int, case: str = "") -> CommandResult:
    """A person ran it themselves, or called whom it names (`case` is the number they were given): who and when is kept,
    and the diagnostics run again.

    The outcome is `remediation_ran`, `remediation_called` or `remediation_refused`.
    """

    async def decide(tx: Transaction, incident: Incident, found: Remediation) -> CommandResult:
        if not found.is_by_hand:
            raise RuleViolation(
                f"{found.reference} is carried out by me after its approval. Nothing was changed."
            )
        if why := _explain_not_proposed(found):
            raise RuleViolation(f"{why} Nothing was changed.")
        sentence = f"Run by {mark_person(request.actor)}. The diagnostics run again."
        if who := found.call:
            number = f", case {strip_marks(case)}" if case else ""
            sentence = f"{mark_person(request.actor)} called {who}{number}."
        shown = await enter_state(
            tx,
            found,
            RemediationState.DONE,
            request.actor,
            sentence,
            approved_by=request.actor,
            settled_at="now",
            look_at=None if who else "now",
        )
        if not who:
            await request_check(tx, incident, found)
        await tx.enqueue(shown)
        return _name(RemediationCalledResult, found) if who else _name(RemediationRanResult, found)

    return await _decide(desk, request, id, decide)


async def confirm_checked(desk: ServiceContext, request: UserRequest, id: int) -> CommandResult:
    """A second person looked at what was run by hand, or at what nobody knows whether it was done.

    The outcome is `remediation_checked` or `remediation_refused`.
    """

    async def decide(tx: Transaction, incident: Incident, found: Remediation) -> CommandResult:
        is_unknown = found.state is RemediationState.UNKNOWN
        if found.checked_by or not (
            is_unknown or (found.is_by_hand and not found.call and found.state is RemediationState.DONE)
        ):
            raise RuleViolation(f"There is nothing to check at {found.reference}. Nothing was changed.")
        if request.actor == (found.asked_by if is_unknown else found.approved_by):
            raise RuleViolation("A second person checks it. Nothing was changed.")
        await tx.change_remediation(id, checked_by=request.actor)
        effects: list[Effect] = [build_refresh(found, "checked")]
        if is_unknown:
            sentence = (
                f"{mark_person(request.actor)} looked at the target. Ask again for what is still to be done."
            )
            effects = await enter_state(
                tx, found, RemediationState.FAILED, request.actor, sentence, settled_at="now", look_at=None
            )
        else:
            await tx.add_entry(
                found.incident,
                request.actor,
                RemediationCheckedDetail(reference=found.reference, title=found.title),
            )
        await tx.enqueue(effects)
        return _name(RemediationCheckedResult, found)

    return await _decide(desk, request, id, decide)


async def expire_due(desk: ServiceContext, limit: int = 100) -> int:
    """What nobody approved in time can only be asked for again. Gives how many there were."""
    async with desk.store.transaction() as tx:
        due = await tx.list_expired_remediations(limit)
    for id in due:
        await _expire(desk, id)
    return len(due)


async def _expire(desk: ServiceContext, id: int) -> None:
    known = await desk.store.find_remediation(id)
    assert known is not None
    async with desk.store.transaction() as tx:
        await tx.lock(known.incident)
        found = await tx.lock_remediation(id)
        assert found is not None
        now: datetime = await tx.now()
        if found.state is not RemediationState.PROPOSED or found.expires_at is None or found.expires_at > now:
            return
        sentence = "Nobody approved it in time. Nothing was done."
        shown = await enter_state(
            tx, found, RemediationState.EXPIRED, "", sentence, settled_at="now", look_at=None
        )
        await tx.enqueue([*shown, *build_news(found, "expired", sentence)])
