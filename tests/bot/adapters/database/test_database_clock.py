"""The database's clock that is set: back, what was written before does not wait for it to come again; ahead, nothing is
taken from who is at it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from bot.adapters.database import PostgresStore
from bot.adapters.database.replica_lock import LEASE
from bot.domain.effects import EnsureIncidentsChannel
from bot.ports import LeasedEffect, Transaction
from handlers.outbox.effect_context import RECONCILE_AFTER, RetryLater, needs_reconciliation
from sandbox.chaos.clock_steps import set_database_clock

AHEAD = 226.0
CHANNEL = EnsureIncidentsChannel(name="incident-response")
ENOUGH = 40.0
"""Seconds for what takes eight on an idle machine: a replica looks at the clock every five, and rests are of one."""


async def claimed(store: PostgresStore, within: float) -> LeasedEffect | None:
    try:
        async with asyncio.timeout(within):
            while not (rows := await store.claim(1)):
                await store.wait_for_work(0.2)
    except TimeoutError:
        return None
    return rows[0]


async def seen(store: PostgresStore, ahead: bool, work: Transaction | None = None) -> None:
    """Waits until a step is seen; a transaction that is open meanwhile is kept from counting as idle."""
    async with asyncio.timeout(ENOUGH):
        while store.clock_jumped == 0 or (store.clock_jumped > 0) is not ahead:
            await store.wait_for_work(0.05)
            if work:
                await work.now()


async def enqueued(store: PostgresStore) -> None:
    async with store.transaction() as tx:
        await tx.enqueue([CHANNEL])


async def put_back(store: PostgresStore) -> None:
    """Tried once, not answered, and put off by a second."""
    row = await claimed(store, ENOUGH)
    assert row is not None
    await store.put_back(row, timedelta(seconds=1), "not answered", True)


@pytest.mark.parametrize("tried", [False, True], ids=["written", "written before and put back"])
async def test_what_a_clock_that_was_ahead_put_off_is_due_for_a_replica_that_did_not_see_the_step(
    database: str, tried: bool
) -> None:
    async with PostgresStore(database) as store:
        if tried:
            set_database_clock(database, -AHEAD)
            await enqueued(store)
        set_database_clock(database, AHEAD)
        await (put_back if tried else enqueued)(store)
    set_database_clock(database, 0.0)
    async with PostgresStore(database) as store:
        row = await claimed(store, ENOUGH)
    assert row is not None, "it waits until the clock is where it was"
    assert row.uncertain_for is None or row.uncertain_for >= timedelta(0)


async def test_what_a_replica_was_at_by_a_clock_that_was_ahead_is_due_after_a_backup_was_put_back(
    database: str,
) -> None:
    async with PostgresStore(database) as store:
        set_database_clock(database, -AHEAD)
        await enqueued(store)
        set_database_clock(database, AHEAD)
        await put_back(store)
        assert await claimed(store, ENOUGH) is not None
    set_database_clock(database, 0.0)
    async with PostgresStore(database) as store:
        async with store.transaction() as tx:
            await tx.mark_all_uncertain()
        assert await claimed(store, ENOUGH) is not None, "it waits until the clock is where it was"


async def test_what_is_tried_again_by_hand_by_a_clock_that_was_ahead_is_due(database: str) -> None:
    async with PostgresStore(database) as store:
        await enqueued(store)
        row = await claimed(store, ENOUGH)
        assert row is not None
        async with store.mark_dead_letter(row, "refused"):
            pass
        set_database_clock(database, AHEAD)
        assert await store.retry(row.id) is not None
    set_database_clock(database, 0.0)
    async with PostgresStore(database) as store:
        assert await claimed(store, ENOUGH) is not None, "it waits until the clock is where it was"


async def test_what_the_version_before_put_off_by_a_clock_that_was_ahead_is_put_off_by_a_minute_at_most(
    database: str,
) -> None:
    """That version does not write down when it put something off."""
    async with PostgresStore(database) as store:
        await enqueued(store)
        assert await claimed(store, ENOUGH) is not None
    set_database_clock(database, AHEAD)
    with psycopg.connect(database) as connection:
        connection.execute(
            "update tocsin.outbox set state = 'pending', not_before = now() + interval '5 seconds', lease_owner = null,"
            " lease_until = null"
        )
    set_database_clock(database, 0.0)
    async with PostgresStore(database):
        with psycopg.connect(database) as connection:
            row = connection.execute("select not_before - now() from tocsin.outbox").fetchone()
    assert row is not None and row[0] <= timedelta(minutes=1)


@pytest.mark.parametrize("ahead", [AHEAD, -AHEAD], ids=["ahead", "back"])
def test_a_clock_is_set_for_statements_that_were_prepared_before(database: str, ahead: float) -> None:
    """As a real one: the version before prepares its statements, and each must see the same time."""
    with psycopg.connect(database, autocommit=True, prepare_threshold=0) as connection:
        connection.execute("set plan_cache_mode = force_generic_plan")

        def apart() -> float:
            row = connection.execute(
                "select extract(epoch from now() - pg_catalog.transaction_timestamp())::float + %s", (0.0,)
            ).fetchone()
            assert row is not None
            return float(row[0])

        assert apart() == 0.0
        set_database_clock(database, ahead)
        assert apart() == ahead
        set_database_clock(database, 0.0)
        assert apart() == 0.0


async def test_a_transaction_that_began_before_the_step_and_ends_after_the_look_leaves_nothing_waiting(
    database: str,
) -> None:
    async with PostgresStore(database) as store:
        set_database_clock(database, AHEAD)
        await seen(store, ahead=True)
        async with store.transaction() as tx:
            await tx.enqueue([CHANNEL])
            await tx.now()  # sent by now, by the old clock
            set_database_clock(database, 0.0)
            await seen(store, ahead=False, work=tx)
        assert await claimed(store, ENOUGH) is not None


async def brought_forward(tx: Transaction) -> None:
    await tx.make_due_now(CHANNEL.key)


async def postponed(tx: Transaction) -> None:
    await tx.postpone_effect(CHANNEL.key, await tx.now() + timedelta(seconds=1))


@pytest.mark.parametrize("moved", [brought_forward, postponed])
async def test_what_is_moved_by_a_clock_that_was_ahead_is_due_for_a_replica_that_did_not_see_the_step(
    database: str, moved: Callable[[Transaction], Awaitable[None]]
) -> None:
    async with PostgresStore(database) as store:
        set_database_clock(database, AHEAD / 2)
        async with store.transaction() as tx:
            await tx.enqueue([CHANNEL], later=timedelta(seconds=AHEAD))
        set_database_clock(database, AHEAD)
        async with store.transaction() as tx:
            await moved(tx)
    set_database_clock(database, 0.0)
    async with PostgresStore(database) as store:
        assert await claimed(store, ENOUGH) is not None, "it waits until the clock is where it was"


async def test_a_clock_that_is_set_ahead_takes_nothing_from_a_replica_that_is_at_it(database: str) -> None:
    async with PostgresStore(database) as one, PostgresStore(database) as other:
        await enqueued(one)
        row = await claimed(one, ENOUGH)
        assert row is not None
        began = time.monotonic()
        set_database_clock(database, AHEAD)
        assert await other.claim(1) == []
        await seen(other, ahead=True)
        while row.may_send():
            assert await other.claim(1) == []
            await other.wait_for_work(0.1)
        assert time.monotonic() - began < LEASE.total_seconds()
        assert await claimed(other, ENOUGH + LEASE.total_seconds()) is not None, (
            "a frozen one keeps it for good"
        )


async def test_after_a_clock_was_set_ahead_an_attempt_is_looked_for_after_the_usual_while(
    database: str,
) -> None:
    async with PostgresStore(database) as one, PostgresStore(database) as other:
        await enqueued(one)
        row = await claimed(one, ENOUGH)
        assert row is not None
        await one.put_back(row, timedelta(0), "not answered", True)
        set_database_clock(database, AHEAD)
        again = await claimed(other, ENOUGH)
        assert again is not None and again.uncertain_for is not None
        assert again.uncertain_for < RECONCILE_AFTER
        await other.put_back(again, timedelta(0), "not answered", False)
        await seen(other, ahead=True)
        again = await claimed(other, ENOUGH)
        assert again is not None and again.uncertain_for is not None
        assert again.uncertain_for < timedelta(seconds=ENOUGH)


def test_an_attempt_at_a_time_that_is_still_to_come_is_looked_for_after_the_usual_while() -> None:
    now = datetime.now(UTC)
    row = LeasedEffect(
        1, CHANNEL, 2, now, now, timedelta(seconds=-AHEAD), mark="mark", owner=1, may_send=lambda: True
    )
    with pytest.raises(RetryLater) as wait:
        needs_reconciliation(row)
    assert wait.value.delay == RECONCILE_AFTER
