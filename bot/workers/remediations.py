"""The loop that reads for remediations that were asked for, begins those that were approved, and watches them.

Whatever it finds in a row it can go on with: a row that is `executing` without a receipt was begun by somebody who was
stopped, and is looked for.
"""

import asyncio
import logging
import uuid
from collections.abc import Callable
from datetime import timedelta

from bot.domain.remediation import Remediation, RemediationKind, RemediationState
from bot.domain.remediation_plan import Plan
from bot.errors import DatabaseUnavailable
from bot.ports.remediation import Observation, Receipt, Refusal, RemediationExecutor, RemediationUnavailable
from bot.services import ServiceContext
from bot.services.remediation_decision import expire_due
from bot.services.remediation_execution import (
    begin,
    is_guarded,
    record_interruption,
    record_observation,
    record_receipt,
    record_return,
    record_verdict,
)
from bot.services.remediation_request import plan_by_hand, propose

log = logging.getLogger(__name__)

AT_ONCE = 10
POLL = 1.0
"""Seconds between looks for work when nobody says that there is some."""

LEASE = timedelta(seconds=40)
"""How long a claimed row stays with its replica: longer than reading and one call take together."""

RETRY_AFTER = timedelta(seconds=3)
READ_TIMEOUT_S, CALL_TIMEOUT_S = 12.0, 15.0
BEGIN_TIMEOUT_S = 8.0
"""Seconds within which the call goes out after it was begun."""

AS_WRITTEN, JUDGE_EVERY = timedelta(0), timedelta(seconds=1)
"""When a row is due again: as what came of it says, or so much later."""

READ_ATTEMPTS = 3
"""After so many attempts to read for a card there is none, which is said."""


class RemediationWorker:
    """Runs until it is cancelled. What it was doing then belongs to the next replica that looks."""

    def __init__(
        self,
        desk: ServiceContext,
        executor: RemediationExecutor,
        may_act: Callable[[], bool] = lambda: True,
    ) -> None:
        """While `may_act` says no, what is due waits."""
        self.executor = executor
        self._desk, self._may_act = desk, may_act
        self._under_way: dict[asyncio.Task[None], int] = {}

    async def run(self) -> None:
        """Claim and work, for ever."""
        try:
            while True:
                await self._round()
        finally:
            for task in self._under_way:
                task.cancel()
            await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _round(self) -> None:
        store = self._desk.store
        free = AT_ONCE - len(self._under_way)
        try:
            await expire_due(self._desk)
            claimed = await store.claim_remediations(free, LEASE) if free > 0 and self._may_act() else []
        except DatabaseUnavailable as away:
            log.debug("remediations wait: the database %s", away.why)
            claimed = []
        except Exception:
            log.exception("a round of remediations failed, error %s", uuid.uuid4().hex[:8])
            claimed = []
        running = set(self._under_way.values())
        for found in claimed:
            if found.id not in running:
                task = asyncio.create_task(self._work(found), name=f"remediation {found.id}")
                self._under_way[task] = found.id
                task.add_done_callback(self._under_way.pop)
        await store.wait_for_remediations(POLL)

    async def _work(self, found: Remediation) -> None:
        replaced = self._desk.store.replaced
        try:
            after = await STEPS[found.state](self, found)
        except DatabaseUnavailable as away:
            log.warning("remediation %d: the database %s", found.id, away.why)
            return  # its lease ends, and whoever claims it then looks how it stands
        except Exception:
            if self._desk.store.replaced != replaced:
                log.warning(
                    "%s (%s), which was %s: given up: a backup was restored. Look how it stands",
                    found.reference,
                    found.kind,
                    found.state,
                )
                return
            log.exception("remediation %d failed, error %s", found.id, uuid.uuid4().hex[:8])
            after = RETRY_AFTER
        await self._release(found, after)

    async def _release(self, found: Remediation, after: timedelta) -> None:
        """Let the row go; when it is due again was written with what came of it, but after a failure."""
        try:
            await self._desk.store.release_remediation(found.id, after)
        except DatabaseUnavailable as away:
            log.warning("remediation %d: the database %s", found.id, away.why)

    async def _read(self, found: Remediation) -> Plan | Refusal:
        """What it would change, as it is now. Raises RemediationUnavailable."""
        if found.kind is RemediationKind.BY_HAND:
            return plan_by_hand(found.parameters)
        try:
            async with asyncio.timeout(READ_TIMEOUT_S):
                return await self.executor.preview(found.kind, found.parameters)
        except TimeoutError:
            raise RemediationUnavailable(
                f"What it would change was not read within {READ_TIMEOUT_S:.0f} s."
            ) from None

    async def _propose(self, found: Remediation) -> timedelta:
        try:
            read = await self._read(found)
        except RemediationUnavailable as away:
            if found.attempts < READ_ATTEMPTS:
                log.warning("remediation %d: %s; read again", found.id, away)
                return RETRY_AFTER
            read = Refusal(str(away))
        await propose(self._desk, found.id, found.incident, read)
        return AS_WRITTEN

    async def _begin(self, found: Remediation) -> timedelta:
        """Read once more, commit that it begins, and make the one call."""
        try:
            read = await self._read(found)
        except RemediationUnavailable as away:
            read = Refusal(f"it could not be read once more: {away}")
        clock = asyncio.get_running_loop().time
        committing = clock()
        begun = await begin(self._desk, found, read)
        if begun is not None:
            await record_receipt(self._desk, begun, await self._call(begun, clock() - committing))
        return AS_WRITTEN

    async def _call(self, begun: Remediation, held_up: float) -> Receipt:
        """The one call. It does not go out where this replica was held up: others may have looked for it already."""
        if held_up > BEGIN_TIMEOUT_S:
            return Receipt(False, "I was held up before the call.")
        try:
            async with asyncio.timeout(CALL_TIMEOUT_S):
                return await self.executor.carry_out(begun)
        except TimeoutError:
            return Receipt(None, f"No answer came within {CALL_TIMEOUT_S:.0f} s.")

    async def _watch(self, found: Remediation) -> timedelta:
        if found.state is RemediationState.EXECUTING and not found.receipt:
            await record_interruption(self._desk, found)
            return AS_WRITTEN
        try:
            async with asyncio.timeout(READ_TIMEOUT_S):
                seen = await self.executor.observe(found)
        except (RemediationUnavailable, TimeoutError) as away:
            log.warning("remediation %d cannot be watched: %s", found.id, away or "no answer")
            seen = NOT_SEEN
        await record_observation(self._desk, found, seen)
        return AS_WRITTEN

    async def _guard(self, found: Remediation) -> timedelta:
        """Look whether what was rolled back is deployed again."""
        try:
            async with asyncio.timeout(READ_TIMEOUT_S):
                seen = await self.executor.find_return(found)
        except (RemediationUnavailable, TimeoutError) as away:
            log.warning("remediation %d cannot be looked after: %s", found.id, away or "no answer")
            seen = NOT_SEEN
        await record_return(self._desk, found, seen)
        return AS_WRITTEN

    async def _judge(self, found: Remediation) -> timedelta:
        if found.verdict and is_guarded(found):
            return await self._guard(found)
        return AS_WRITTEN if await record_verdict(self._desk, found) else JUDGE_EVERY


NOT_SEEN = Observation(None)
"""Nothing could be read: it may have been done or not, and may go on or not."""

STEPS = {
    RemediationState.ASKED: RemediationWorker._propose,
    RemediationState.APPROVED: RemediationWorker._begin,
    RemediationState.EXECUTING: RemediationWorker._watch,
    RemediationState.UNKNOWN: RemediationWorker._watch,
    RemediationState.DONE: RemediationWorker._judge,
    RemediationState.FAILED: RemediationWorker._judge,
}
"""What is done with a row that is due, by its state. In every other state none is due."""
