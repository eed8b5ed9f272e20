"""The outbox for its worker: leases due effects and records how they ended."""

import json
import logging
import time
from abc import abstractmethod
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from typing import Any

from psycopg.types.json import Jsonb

from bot.adapters.database.due_work_queries import DueWorkQueries
from bot.adapters.database.replica_lock import FAMILY, LEASE, PAGING, SLACK, ReplicaLock
from bot.adapters.database.transaction import PostgresTransaction
from bot.domain.effects import KINDS, describe_known_effects
from bot.domain.effects import parse_effect as effect_of
from bot.domain.operation_counts import OperationCounts
from bot.ports import LeasedEffect, MessageRef, PendingEffect, UnsupportedEffect

log = logging.getLogger(__name__)

SEND_TIMEOUT = timedelta(seconds=3.5)
"""How long after the claim a call may begin, so that it ends before the lease does."""

SILENT = timedelta(seconds=12)
"""How long after a replica was seen last its work is left to it: it is seen every 5 s, and starts again within that."""

ASKS = {paging: [name for name, kind in KINDS.items() if kind.paging == paging] for paging in (True, False)}
"""The kinds of effects at the paging providers, and at Slack."""


class Outbox(DueWorkQueries):
    """See `bot.ports.Store`. `sentences` are the names of those that effects may name; None for any."""

    def __init__(self, sentences: Collection[str] | None = None) -> None:
        known = json.dumps(describe_known_effects(sentences))
        self.known = Jsonb(None, dumps=lambda _: known)  # written once, and sent with each claim

    @property
    @abstractmethod
    def replica(self) -> int:
        """This replica's number; 0 while nothing shows the others that it lives."""

    @property
    @abstractmethod
    def presence(self) -> ReplicaLock:
        """That it lives, and who is told that there is work."""

    @abstractmethod
    def transaction(self) -> AbstractAsyncContextManager[PostgresTransaction]: ...

    async def claim(self, limit: int, paging: bool = False) -> Sequence[LeasedEffect]:
        """Take what is due and this version can perform, at most `limit` rows. Nothing while this replica has no lock
        to show that it lives. A row that makes no sense is put aside; the others are not held up."""
        if not self.replica:
            return []
        owner, deadline = self.replica, time.monotonic() + SEND_TIMEOUT.total_seconds()
        rows = await self._all(
            "claim",
            owner=owner,
            family=FAMILY,
            limit=limit,
            lease=LEASE,
            last_call=SEND_TIMEOUT,
            clock=self.presence.clock_expected,
            leases_end=self.presence.leases_end,
            kinds=ASKS[paging],
            known=self.known,
        )
        rows.sort(key=lambda row: (row["urgency"], row["id"]))

        # What is looked for out there since then is not dated by a clock that is ahead.
        ahead = timedelta(seconds=max(0.0, self.presence.clock_ahead))

        def may_send() -> bool:
            return self.replica == owner and time.monotonic() <= deadline

        taken = []
        for row in rows:
            try:
                effect = effect_of(row["kind"], row["payload"])
            except (KeyError, TypeError) as error:
                await self._put_aside(row, error)
                continue
            taken.append(
                LeasedEffect(
                    id=row["id"],
                    effect=effect,
                    attempts=row["attempts"],
                    created_at=row["created_at"],
                    first_sent_at=row["first_sent_at"] - ahead,
                    uncertain_for=row["uncertain_for"],
                    mark=row["mark"],
                    owner=row["lease_owner"],
                    may_send=may_send,
                )
            )
        return taken

    async def _put_aside(self, row: Mapping[str, Any], error: Exception) -> None:
        said = f"this {row['kind']} cannot be read: {error}"
        log.error("%s: moved to dead letters: %s", row["key"], said)
        mine = {"id": row["id"], "owner": row["lease_owner"], "attempts": row["attempts"]}
        await self._one("cannot_read", **mine, error=said)

    @staticmethod
    def _mine(row: LeasedEffect) -> dict[str, object]:
        return {"id": row.id, "owner": row.owner, "attempts": row.attempts}

    async def has_lease(self, row: LeasedEffect) -> bool:
        return await self._one("has_lease", **self._mine(row)) is not None

    async def put_back(
        self, row: LeasedEffect, delay: timedelta, error: str, uncertain: bool, apart: bool = False
    ) -> None:
        """Again after `delay`. `uncertain` when the call may have been done: it is looked for first."""
        said = {"delay": delay, "error": error, "uncertain": uncertain, "apart": apart}
        await self._one("put_back", **self._mine(row), **said)
        self.presence.work.notify_after(delay, [PAGING if row.effect.paging else SLACK])

    async def put_after(self, row: LeasedEffect, key: str, error: str) -> None:
        await self._one("put_after", **self._mine(row), after=key, error=error)
        self.presence.work.notify([PAGING if row.effect.paging else SLACK])  # it may be settled by now

    async def record_sent(self, row: LeasedEffect, posted: MessageRef | None) -> bool:
        settled = await self._one("settle_sent", **self._mine(row), **_build_place(posted))
        self.presence.work.notify([PAGING if row.effect.paging else SLACK])
        return settled is not None

    @asynccontextmanager
    async def mark_sent(
        self, row: LeasedEffect, posted: MessageRef | None
    ) -> AsyncIterator[PostgresTransaction | None]:
        async with self.transaction() as tx:
            settled = await tx.one("settle_sent", **self._mine(row), **_build_place(posted))
            yield tx if settled else None
        self.presence.work.notify([PAGING if row.effect.paging else SLACK])

    @asynccontextmanager
    async def mark_dead_letter(
        self, row: LeasedEffect, error: str
    ) -> AsyncIterator[PostgresTransaction | None]:
        async with self.transaction() as tx:
            settled = await tx.one("settle_dead", **self._mine(row), error=error)
            yield tx if settled else None
        self.presence.work.notify([PAGING if row.effect.paging else SLACK])

    # ---- what no version that runs can perform

    async def list_unsupported(self, limit: int) -> Sequence[UnsupportedEffect]:
        await self._all("pass_over", known=self.known, silent=SILENT)
        return [UnsupportedEffect(**row) for row in await self._all("passed_over", limit=limit)]

    @asynccontextmanager
    async def mark_abandoned(
        self, row: UnsupportedEffect, error: str
    ) -> AsyncIterator[PostgresTransaction | None]:
        async with self.transaction() as tx:
            settled = await tx.one("give_up", id=row.id, error=error)
            yield tx if settled else None
        self.presence.work.notify()

    # ---- for who operates the bot

    async def write_heartbeat(self, within: float) -> bool:
        row = await self._one("write_heartbeat", seconds=within)
        return bool(row and row["failed"])

    async def count_operations(self) -> OperationCounts:
        row = await self._one("count_operations", kinds=ASKS[True], family=FAMILY)
        assert row is not None
        due = {"slack": (0, 0.0), "providers": (0, 0.0), **(row.pop("due") or {})}
        open_incidents = row.pop("open_incidents") or {}
        return OperationCounts(open_incidents, due={to: (n, s) for to, (n, s) in due.items()}, **row)

    async def list_undelivered(self, limit: int) -> Sequence[PendingEffect]:
        return [PendingEffect(**row) for row in await self._all("undelivered", limit=limit)]

    async def retry(self, id: int) -> str | None:
        row = await self._one("retry", id=id)
        return row["key"] if row else None

    async def skip(self, id: int) -> str | None:
        row = await self._one("skip", id=id)
        return row["key"] if row else None


def _build_place(posted: MessageRef | None) -> dict[str, object]:
    """Where the message of an effect stands, as its row keeps it."""
    return {"channel": posted.channel if posted else None, "ts": posted.ts if posted and posted.ts else None}
