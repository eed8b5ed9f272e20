"""Corrects when an incident began: often earlier than somebody declared it."""

from datetime import datetime, timedelta

from bot.domain.incident import Status
from bot.domain.results import CommandResult, TimesCorrectedResult
from bot.domain.timeline_details import TimesCorrectedDetail
from bot.errors import RuleViolation
from bot.ports import Transaction
from bot.services.context import ServiceContext, UserRequest
from bot.services.unit_of_work import get_for_update, run_idempotent
from bot.text.truncation import cut, is_blank

MAX_EARLIER = timedelta(days=30)
MAX_REASON_LENGTH = 300


async def correct_beginning(
    desk: ServiceContext, request: UserRequest, number: int, began_at: datetime, reason: str
) -> CommandResult:
    """It began at this moment, for this reason; the last correction holds, all stay in the timeline. The outcome is
    `times_corrected` or `refused`."""

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        if incident.status is Status.CANCELLED:
            raise RuleViolation(f"{incident.reference} was cancelled. Nothing was changed.")
        if is_blank(reason):
            raise RuleViolation(
                "Say why it began earlier: `/incident times 02:40 The alert came late`. Nothing was changed."
            )
        if began_at > incident.declared_at:
            raise RuleViolation(
                f"{incident.reference} was declared before that. Name the moment when it began. Nothing was changed."
            )
        if incident.declared_at - began_at > MAX_EARLIER:
            raise RuleViolation(
                f"That is more than {MAX_EARLIER.days} days before the declaration. Nothing was changed."
            )
        words = cut(reason.strip(), MAX_REASON_LENGTH)
        await tx.add_entry(number, request.actor, TimesCorrectedDetail(began=began_at, reason=words))
        return TimesCorrectedResult(number, began=began_at, reason=words)

    return await run_idempotent(desk, request, change)
