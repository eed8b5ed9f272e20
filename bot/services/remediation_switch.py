"""The stop for all remediations: off by anybody at once, on again by two approvers."""

from bot.domain.effects import Effect, TellOfRemediations
from bot.domain.results import (
    CommandResult,
    RemediationRefusedResult,
    RemediationsOffAlreadyResult,
    RemediationsOffResult,
    RemediationsOnAlreadyResult,
    RemediationsOnResult,
    RemediationsOnWantedResult,
)
from bot.domain.timeline_details import RemediationsSwitchedDetail
from bot.errors import RuleViolation
from bot.ports import Transaction
from bot.services.context import ServiceContext, UserRequest
from bot.services.remediation_request import void_unbegun
from bot.services.unit_of_work import run_idempotent
from bot.text.person_placeholders import mark_person, strip_marks
from bot.text.truncation import is_blank


async def switch_off(
    desk: ServiceContext, request: UserRequest, number: int | None, reason: str
) -> CommandResult:
    """Nothing is carried out any more in the whole installation; what waits is void, what was begun is watched.

    The outcome is `remediations_off`, `remediations_off_already` or `refused`.
    """

    async def change(tx: Transaction) -> CommandResult:
        why = strip_marks(reason.strip())
        if is_blank(why):
            raise RuleViolation("Say why: `/incident fix off REASON`. Nothing was changed.")
        switch = await tx.find_remediation_switch(hold=True)
        if not switch.is_on and not switch.wanted_by:
            return RemediationsOffAlreadyResult(number, by=switch.person, why=switch.reason)
        await tx.set_remediation_switch(False, request.actor, why)
        effects = await void_unbegun(
            tx, None, f"Remediations were switched off by {mark_person(request.actor)}: {why}."
        )
        await tx.enqueue([*effects, *await _tell(desk, tx, request, number, False, why)])
        return RemediationsOffResult(number, why=why)

    return await run_idempotent(desk, request, change)


async def switch_on(
    desk: ServiceContext, request: UserRequest, number: int | None, is_approver: bool, approvers: str
) -> CommandResult:
    """One approver wants them on again; a second one agrees.

    The outcome is `remediations_on`, `remediations_on_wanted`, `remediations_on_already` or
    `remediation_refused`.
    """

    async def change(tx: Transaction) -> CommandResult:
        if not is_approver:
            who = f"They are {approvers}." if approvers else "There are none."
            sentence = f"Two approvers switch remediations on again. {who} Nothing was changed."
            return RemediationRefusedResult(number, sentence=sentence)
        switch = await tx.find_remediation_switch(hold=True)
        if switch.is_on:
            return RemediationsOnAlreadyResult(number)
        if not switch.wanted_by or switch.wanted_by == request.actor:
            await tx.set_remediation_switch(False, switch.person, switch.reason, wanted_by=request.actor)
            return RemediationsOnWantedResult(number)
        await tx.set_remediation_switch(True, request.actor, wanted_by=switch.wanted_by)
        await tx.enqueue(await _tell(desk, tx, request, number, True, other=switch.wanted_by))
        return RemediationsOnResult(number)

    return await run_idempotent(desk, request, change)


async def _tell(
    desk: ServiceContext,
    tx: Transaction,
    request: UserRequest,
    number: int | None,
    is_on: bool,
    reason: str = "",
    other: str = "",
) -> list[Effect]:
    """In the timeline of the incident in which it was done, and in the incidents channel."""
    if number is not None and await tx.lock(number, request.actor) is not None:
        detail = RemediationsSwitchedDetail(is_on=is_on, why=reason, other=other)
        await tx.add_entry(number, request.actor, detail)
    people = tuple(filter(None, (request.actor, other)))
    return [
        TellOfRemediations(
            channel_name=desk.channel_name, is_on=is_on, people=people, reason=reason, change=request.change
        )
    ]
