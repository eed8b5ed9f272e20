"""The outbox worker: leases due effects, runs their handlers side by side and records each result."""

import asyncio
import logging
import uuid
from collections.abc import Callable
from contextlib import nullcontext, suppress
from datetime import timedelta

from bot.domain.effects import OpenChannel, compute_backoff_s
from bot.errors import (
    HOW_TO_GRANT,
    TOKEN_CODES,
    DatabaseUnavailable,
    SlackOutcomeUnknown,
    SlackRateLimited,
    SlackRejected,
    SlackUnreachable,
)
from bot.performance import MAX_CONCURRENT_EFFECTS
from bot.ports import MAY_SEND, LeasedEffect
from bot.services.dead_letters import handle_dead_letter
from handlers.outbox.delivery_record import DeliveryOutcome
from handlers.outbox.effect_context import (
    RECONCILE_AFTER,
    VIEWS,
    EffectContext,
    RetryLater,
    Views,
    ensure_lease,
)
from handlers.outbox.effect_handlers import EFFECT_HANDLERS
from handlers.outbox.effect_result import EffectResult
from handlers.outbox.thread_fallback import fall_back_to_thread

log = logging.getLogger(__name__)

POLL_INTERVAL_S = 1.0
"""Seconds between looks at the outbox when nobody says that there is work: for what another replica put off or left
behind, and what was put off before a start."""

FALLBACK_DELAY = timedelta(seconds=1)
"""How long an effect rests before it goes out elsewhere: its attempts there are not to be one moment's."""

MAX_AWAY_DELAY = timedelta(seconds=5)
"""How long an effect rests while Slack cannot be reached at all: asking costs nobody anything, and people wait."""

TOKEN_RETRY_DELAY = timedelta(seconds=10)
"""How long an effect rests while Slack does not take the token."""

REQUIRED_SCOPE = "chat:write"
"""The scope without which Tocsin cannot say anything."""

MAX_TRIES = 8
"""After so many attempts an effect that fails by a fault of ours is put aside."""


class OutboxWorker:
    """Runs until it is cancelled; then calls in progress may finish.

    With `paging` it handles effects of the paging providers only, so that they never wait for Slack. `locked_out` says
    why nothing can be posted in Slack; it is empty when all is well.
    """

    def __init__(
        self, hands: EffectContext, paging: bool = False, may_act: Callable[[], bool] = lambda: True
    ) -> None:
        """While `may_act` says no, what is due waits."""
        self._hands, self._paging, self._may_act = hands, paging, may_act
        self._store = hands.services.store
        self._under_way: set[asyncio.Task[None]] = set()
        self.locked_out = ""
        self._is_muted = False
        self._store_away = ""

    async def run(self) -> None:
        """Claim and perform, for ever."""
        try:
            while True:
                try:
                    await self._round()
                except Exception:
                    log.exception("outbox worker: a poll failed, error %s; retrying", uuid.uuid4().hex[:8])
                    await asyncio.sleep(POLL_INTERVAL_S)
        finally:
            if self._under_way:
                await asyncio.wait(self._under_way, timeout=5)

    async def _round(self) -> None:
        if not self._paging:  # what is declared meanwhile is claimed together
            await self._hands.services.priority_gate.yield_to_priority()
        free = MAX_CONCURRENT_EFFECTS - len(self._under_way)
        try:
            rows = await self._store.claim(free, self._paging) if free > 0 and self._may_act() else []
            self._store_away = ""
        except DatabaseUnavailable as away:
            if self._store_away != away.why:  # said once, not every second
                log.warning("outbox worker waits: the database %s", away.why)
            self._store_away = away.why
            rows = []
        views: Views = {}
        for row in rows:
            task = asyncio.create_task(self._deliver(row, views), name=row.effect.key)
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        if len(rows) < free:
            await self._store.wait_for_work(POLL_INTERVAL_S, self._paging)
        elif free <= 0:
            await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)

    async def _deliver(self, row: LeasedEffect, views: Views) -> None:
        """Perform one effect and record its result.

        A result that cannot be recorded is reconciled soon; when not even that can be written, after the lease.
        """
        MAY_SEND.set(row.may_send)
        VIEWS.set(views)
        try:
            await self._perform(row)
        except DatabaseUnavailable as away:
            log.warning("%s: the database %s; will reconcile before any retry", row.effect.key, away.why)
            self._note(DeliveryOutcome.DATABASE, row)
            with suppress(DatabaseUnavailable):
                await self._store.put_back(row, RECONCILE_AFTER, "the database went away", True)
        except Exception:
            with suppress(DatabaseUnavailable):
                if await self._has_lost(row):
                    return
            log.exception(
                "%s: recording the result failed, error %s; retried when its lease ends",
                row.effect.key,
                uuid.uuid4().hex[:8],
            )
            self._note(DeliveryOutcome.FAULT, row)

    def _note(self, outcome: DeliveryOutcome, row: LeasedEffect) -> None:
        self._hands.deliveries.note(outcome, row.effect.key)

    async def _perform(self, row: LeasedEffect) -> None:
        key = row.effect.key
        try:
            ensure_lease(row)
            done = await EFFECT_HANDLERS[type(row.effect)](self._hands, row)
        except RetryLater as wait:
            self._note(DeliveryOutcome.WAITED, row)
            if wait.after:
                await self._store.put_after(row, wait.after, str(wait))
            else:
                await self._store.put_back(row, wait.delay, str(wait), False, wait.apart)
        except SlackRateLimited as limit:
            log.info("%s: rate limit: %s", key, limit)
            self._note(DeliveryOutcome.WAITED, row)
            await self._store.put_back(row, timedelta(seconds=limit.retry_after), str(limit), False)
        except SlackUnreachable as away:
            log.warning("%s: cannot reach Slack; retrying", key)
            self._note(DeliveryOutcome.UNREACHABLE, row)
            delay = min(MAX_AWAY_DELAY, timedelta(seconds=compute_backoff_s(row.attempts)))
            await self._store.put_back(row, delay, str(away), False)
        except SlackOutcomeUnknown as unknown:
            log.warning("%s: outcome unknown; will reconcile before any retry", key)
            self._note(DeliveryOutcome.UNKNOWN, row)
            delay = max(RECONCILE_AFTER, timedelta(seconds=compute_backoff_s(row.attempts)))
            await self._store.put_back(row, delay, str(unknown), True)
        except SlackRejected as refusal:
            self._note(DeliveryOutcome.REFUSED, row)
            await self._handle_rejection(row, refusal)
        except DatabaseUnavailable:
            raise
        except Exception:  # noqa: BLE001 - a fault of ours in one effect must not stop the others; it is logged
            await self._handle_failure(row)
        else:
            await self._record(row, done)

    async def _record(self, row: LeasedEffect, done: EffectResult) -> None:
        if done.posted is not None or not self._is_muted:  # what needs no right to write proves nothing
            self.locked_out, self._is_muted = "", False
        self._note(DeliveryOutcome.DONE, row)
        # For the channel everything else waits: its end is recorded before that of what was answered beside it.
        turn = nullcontext() if isinstance(row.effect, OpenChannel) else self._hands.recording_limit
        async with turn:
            if not await self._settle(row, done):
                log.warning("%s: lease lost to another replica", row.effect.key)

    async def _settle(self, row: LeasedEffect, done: EffectResult) -> bool:
        """Mark it as sent, with what follows. Gives whether the row was this replica's still."""
        if done.on_commit is None:
            return await self._store.record_sent(row, done.posted)
        async with self._store.mark_sent(row, done.posted) as tx:
            if tx is not None:
                await done.on_commit(tx)
            return tx is not None

    async def _handle_rejection(self, row: LeasedEffect, refusal: SlackRejected) -> None:
        """Refused for good, unless nothing can be said at all (the token, the right to write): then everything waits
        until that is set right; or unless it can be said elsewhere.
        """
        is_muted = REQUIRED_SCOPE in refusal.needed.split(",")
        if refusal.code not in TOKEN_CODES and not is_muted:
            if await fall_back_to_thread(self._hands, row, refusal):
                log.warning("%s: channel unusable, falling back to the thread: %s", row.effect.key, refusal)
                await self._store.put_back(row, FALLBACK_DELAY, str(refusal), False)
            else:
                await self._dead_letter(row, str(refusal), refusal.told)
            return
        trouble = (
            HOW_TO_GRANT.format(needed=refusal.needed)
            if is_muted
            else f"Slack does not take the token ({refusal.code}): set SLACK_BOT_TOKEN right and restart"
        )
        if self.locked_out != trouble:
            log.error(
                "%s. All Slack deliveries wait; retrying in %d s", trouble, TOKEN_RETRY_DELAY.total_seconds()
            )
        self.locked_out, self._is_muted = trouble, is_muted
        await self._store.put_back(row, TOKEN_RETRY_DELAY, str(refusal), False)

    async def _has_lost(self, row: LeasedEffect) -> bool:
        """Whether this replica has the row no more. What the effect names may be gone as well, by a restore: that it
        fails then is no fault."""
        if await self._store.has_lease(row):
            return False
        log.warning("%s: given up: a backup was restored, or another replica took it over", row.effect.key)
        self._note(DeliveryOutcome.WAITED, row)
        return True

    async def _handle_failure(self, row: LeasedEffect) -> None:
        if await self._has_lost(row):
            return
        error_id = uuid.uuid4().hex[:8]
        self._note(DeliveryOutcome.FAULT, row)
        log.exception("%s: effect handler failed, error %s", row.effect.key, error_id)
        if row.attempts >= MAX_TRIES:
            await self._dead_letter(row, f"a fault in Tocsin (error {error_id})")
            return
        await self._store.put_back(
            row, timedelta(seconds=compute_backoff_s(row.attempts)), f"error {error_id}", True
        )

    async def _dead_letter(self, row: LeasedEffect, why: str, told: str = "") -> None:
        log.error("%s: moved to dead letters: %s", row.effect.key, why)
        async with self._store.mark_dead_letter(row, why) as tx:
            if tx is not None:
                await handle_dead_letter(self._hands.services, tx, row.effect, told or why)
