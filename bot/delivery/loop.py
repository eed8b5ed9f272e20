"""The loop that claims due effects, performs them side by side and records what came of each."""

import asyncio
import logging
import uuid
from contextlib import nullcontext, suppress
from datetime import timedelta

from bot.delivery.done import Done
from bot.delivery.hands import LOOK_AFTER, VIEWS, Hands, NotYet, Views, must_be_in_time
from bot.delivery.performers import PERFORMERS
from bot.delivery.rooms import goes_on_elsewhere
from bot.effects import OpenChannel, backoff
from bot.errors import HOW_TO_GRANT, TOKEN_CODES, ChatAway, ChatLimited, ChatRefused, ChatUnknown, StoreAway
from bot.lifecycle.delivered import buried
from bot.ports import MAY_SEND, Claimed

log = logging.getLogger(__name__)

AT_ONCE = 40
"""How many effects are under way at the same time."""

POLL = 1.0
"""Seconds between looks at the outbox when nobody says that there is work: for what another replica put off or left
behind, and what was put off before a start."""

ELSEWHERE = timedelta(seconds=1)
"""How long an effect rests before it goes out elsewhere: its attempts there are not to be one moment's."""

AWAY_AT_MOST = timedelta(seconds=5)
"""How long an effect rests while Slack cannot be reached at all: asking costs nobody anything, and people wait."""

WITHOUT_TOKEN = timedelta(seconds=10)
"""How long an effect rests while Slack does not take the token."""

MUST_HAVE = "chat:write"
"""The scope without which Tocsin cannot say anything."""

GIVE_UP = 8
"""After so many attempts an effect that fails by a fault of ours is put aside."""


class Delivery:
    """Runs until it is cancelled; then it lets the calls under way come to their end.

    With `paging` it asks the paging providers and nobody else, so that they never wait for Slack. `locked_out` says
    what is wrong while nothing can be said in Slack, else it is empty.
    """

    def __init__(self, hands: Hands, paging: bool = False) -> None:
        self._hands, self._paging = hands, paging
        self._store = hands.desk.store
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
                    log.exception("a round of deliveries failed, error %s", uuid.uuid4().hex[:8])
                    await asyncio.sleep(POLL)
        finally:
            if self._under_way:
                await asyncio.wait(self._under_way, timeout=5)

    async def _round(self) -> None:
        free = AT_ONCE - len(self._under_way)
        try:
            rows = await self._store.claim(free, self._paging) if free > 0 else []
            self._store_away = ""
        except StoreAway as away:
            if self._store_away != away.why:  # said once, not every second
                log.warning("the outbox waits: the database %s", away.why)
            self._store_away = away.why
            rows = []
        views: Views = {}
        for row in rows:
            task = asyncio.create_task(self._deliver(row, views), name=row.effect.key)
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        if len(rows) < free:
            await self._store.wait_for_work(POLL, self._paging)
        elif free <= 0:
            await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)

    async def _deliver(self, row: Claimed, views: Views) -> None:
        """Perform one effect and record its end.

        What cannot be recorded is looked for again soon; when not even that can be written, after its lease.
        """
        MAY_SEND.set(row.may_send)
        VIEWS.set(views)
        try:
            await self._perform(row)
        except StoreAway as away:
            log.warning("%s: the database %s; looked at again later", row.effect.key, away.why)
            with suppress(StoreAway):
                await self._store.put_back(row, LOOK_AFTER, "the database went away", True)
        except Exception:
            log.exception("%s: could not be recorded, error %s", row.effect.key, uuid.uuid4().hex[:8])

    async def _perform(self, row: Claimed) -> None:
        key = row.effect.key
        try:
            must_be_in_time(row)
            done = await PERFORMERS[type(row.effect)](self._hands, row)
        except NotYet as wait:
            await self._store.put_back(row, wait.delay, str(wait), False)
        except ChatLimited as limit:
            log.info("%s: %s", key, limit)
            await self._store.put_back(row, timedelta(seconds=limit.retry_after), str(limit), False)
        except ChatAway as away:
            log.warning("%s: Slack cannot be reached", key)
            delay = min(AWAY_AT_MOST, timedelta(seconds=backoff(row.attempts)))
            await self._store.put_back(row, delay, str(away), False)
        except ChatUnknown as unknown:
            log.warning("%s: not answered, will look what became of it", key)
            delay = max(LOOK_AFTER, timedelta(seconds=backoff(row.attempts)))
            await self._store.put_back(row, delay, str(unknown), True)
        except ChatRefused as refusal:
            await self._refused(row, refusal)
        except StoreAway:
            raise
        except Exception:  # noqa: BLE001 - a fault of ours in one effect must not stop the others; it is logged
            await self._failed(row)
        else:
            await self._record(row, done)

    async def _record(self, row: Claimed, done: Done) -> None:
        if done.posted is not None or not self._is_muted:  # what needs no right to write proves nothing
            self.locked_out, self._is_muted = "", False
        # For the channel everything else waits: its end is recorded before that of what was answered beside it.
        turn = nullcontext() if isinstance(row.effect, OpenChannel) else self._hands.records
        async with turn, self._store.settling(row, done.posted) as work:
            if work is None:
                log.warning("%s: another replica has taken it over", row.effect.key)
            elif done.then is not None:
                await done.then(work)

    async def _refused(self, row: Claimed, refusal: ChatRefused) -> None:
        """Refused for good, unless nothing can be said at all (the token, the right to write): then everything waits
        until that is set right; or unless it can be said elsewhere.
        """
        is_muted = MUST_HAVE in refusal.needed.split(",")
        if refusal.code not in TOKEN_CODES and not is_muted:
            if await goes_on_elsewhere(self._hands, row, refusal):
                log.warning("%s: goes on elsewhere: %s", row.effect.key, refusal)
                await self._store.put_back(row, ELSEWHERE, str(refusal), False)
            else:
                await self._bury(row, str(refusal))
            return
        trouble = (
            HOW_TO_GRANT.format(needed=refusal.needed)
            if is_muted
            else f"Slack does not take the token ({refusal.code}): set SLACK_BOT_TOKEN right and restart"
        )
        if self.locked_out != trouble:
            log.error("%s. All deliveries wait.", trouble)
        self.locked_out, self._is_muted = trouble, is_muted
        await self._store.put_back(row, WITHOUT_TOKEN, str(refusal), False)

    async def _failed(self, row: Claimed) -> None:
        error_id = uuid.uuid4().hex[:8]
        log.exception("%s: failed, error %s", row.effect.key, error_id)
        if row.attempts >= GIVE_UP:
            await self._bury(row, f"a fault in Tocsin (error {error_id})")
            return
        await self._store.put_back(row, timedelta(seconds=backoff(row.attempts)), f"error {error_id}", True)

    async def _bury(self, row: Claimed, why: str) -> None:
        log.error("%s: can never be delivered: %s", row.effect.key, why)
        async with self._store.burying(row, why) as work:
            if work is not None:
                await buried(self._hands.desk, work, row.effect, why)
