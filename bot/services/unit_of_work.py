"""One change in one transaction, once; and what is due, each incident in a transaction of its own."""

import logging
import uuid
from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from datetime import timedelta

from bot.domain.incident import Incident
from bot.domain.results import CommandResult, RefusedResult
from bot.errors import DatabaseUnavailable, DuplicateRequest, RequestExpired, RuleViolation
from bot.performance import MAX_DUE
from bot.ports import Transaction
from bot.services.context import ServiceContext, UserRequest
from bot.services.incident_guards import build_not_found

log = logging.getLogger(__name__)

Change = Callable[[Transaction], Awaitable[CommandResult]]

STILL_WANTED: ContextVar[Callable[[], bool] | None] = ContextVar("still_wanted", default=None)
"""Whether whoever asked for the change of this task still waits; after a no it must not be made."""


async def run_idempotent(desk: ServiceContext, request: UserRequest, change: Change) -> CommandResult:
    """Make one change in one transaction. A repeated request gets the first one's outcome and changes nothing.

    A change that is refused must be refused before its first write: then the refusal is its outcome. It touches nothing
    but `work`: for a repeated request it is begun too, and ends with its first question.
    Raises DatabaseUnavailable when nothing could be recorded, RequestExpired when nobody waits for it any more.
    """
    async with desk.turns:
        try:
            async with desk.store.transaction() as tx:
                await tx.take(request.key)
                try:
                    outcome: CommandResult = await change(tx)
                except RuleViolation as refusal:
                    outcome = RefusedResult(sentence=str(refusal))
                await tx.remember(request.key, outcome)
                still_wanted = STILL_WANTED.get()
                if still_wanted is not None and not still_wanted():
                    raise RequestExpired
                return outcome
        except DuplicateRequest:
            try:
                return await desk.store.answer(request.key)
            except DatabaseUnavailable as away:  # its first delivery was recorded, as far as we know
                raise DatabaseUnavailable(str(away), in_doubt=True, why=away.why) from away


LATER = timedelta(minutes=1)
"""After how long an incident is looked at again whose look failed."""


async def process_each_due(
    desk: ServiceContext,
    what: str,
    due: Callable[[Transaction, int], Awaitable[Sequence[int]]],
    look: Callable[[ServiceContext, Transaction, Incident], Awaitable[None]],
) -> int:
    """Process each incident that is due, locked, in a transaction of its own. Gives how many there were.

    One that fails is retried in a minute, the others go on. Two replicas may find the same incident: `look` has to
    check for itself what is still due. Raises DatabaseUnavailable.
    """
    async with desk.store.transaction() as tx:
        numbers = await due(tx, MAX_DUE)
    for number in numbers:
        try:
            async with desk.store.transaction() as tx:
                incident = await tx.lock(number)
                assert incident is not None
                await look(desk, tx, incident)
        except DatabaseUnavailable:
            raise
        except Exception:
            error_id = uuid.uuid4().hex[:8]
            log.exception(
                "processing due %s for INC-%d failed, error %s; retrying in 1 min",
                what,
                number,
                error_id,
            )
            async with desk.store.transaction() as tx:
                await tx.lock(number)
                await tx.postpone(number, LATER)
    return len(numbers)


async def get_for_update(tx: Transaction, request: UserRequest, number: int) -> Incident:
    """The incident, locked until the transaction ends. Raises RuleViolation when whoever asks may see none."""
    incident = await tx.lock(number, request.actor)
    if incident is None:
        raise build_not_found(number)
    return incident
