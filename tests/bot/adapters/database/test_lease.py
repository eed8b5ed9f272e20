"""What a claimed effect is worth: who holds it may send, until another replica could take it over."""

import asyncio
import time
from datetime import timedelta

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from bot.adapters.database import PostgresStore
from bot.adapters.database.outbox import SEND_TIMEOUT
from bot.domain.effects import EnsureIncidentsChannel, RefreshAlert, SetTopic
from bot.domain.incident import NewIncident
from handlers.outbox.effect_context import RetryLater, needs_reconciliation
from tests.scenarios.backups import backup_of

SLOW = """
alter function tocsin.can_perform(jsonb, text, integer, jsonb) rename to can_perform_at_once;
create function tocsin.can_perform(known jsonb, kind text, format integer, payload jsonb) returns boolean
language plpgsql as $$ begin
    if current_setting('application_name') = 'slow' then
        perform pg_advisory_xact_lock_shared(1);
    end if;
    return tocsin.can_perform_at_once(known, kind, format, payload);
end $$
"""
"""The statements of who calls itself slow stop in the middle, after they have seen the rows and before they lock them,
for as long as somebody holds this lock."""


async def test_what_was_done_while_another_replica_looked_for_work_is_not_taken_up_again(
    database: str,
) -> None:
    slow = make_conninfo(database, application_name="slow")
    async with PostgresStore(database) as quick, PostgresStore(slow) as other:
        async with quick.transaction() as tx:
            await tx.enqueue([EnsureIncidentsChannel(name="incident-response")])
        with psycopg.connect(database, autocommit=True) as held:
            held.execute(SLOW.encode())
            held.execute("select pg_advisory_lock(1)")
            claiming = asyncio.create_task(other.claim(1))
            while not held.execute("select 1 from pg_locks where not granted and objid = 1").fetchone():
                await asyncio.sleep(0)
            (row,) = await quick.claim(1)
            async with quick.mark_sent(row, None) as tx:
                assert tx is not None
        assert await claiming == []
        assert await quick.list_undelivered(1) == []


async def test_a_replica_that_lost_its_lock_may_not_send_what_it_claimed(database: str) -> None:
    async with PostgresStore(database) as store:
        async with store.transaction() as tx:
            await tx.enqueue([EnsureIncidentsChannel(name="incident-response")])
        (row,) = await store.claim(10)
        assert row.may_send()
        before = store.replica
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = %s",
                (before,),
            )
        async with asyncio.timeout(60):
            while store.replica in (0, before):
                await store.wait_for_work(0.1)
        assert not row.may_send(), "the old number is free: another replica takes the row over"
        (again,) = await store.claim(10)
        assert again.uncertain_for is not None
        assert again.may_send()


async def test_what_is_taken_from_who_may_live_is_looked_for_only_when_its_last_call_has_ended(
    database: str,
) -> None:
    """Who lost its lock and did not hear of it yet begins calls until its claim is too old."""
    async with PostgresStore(database) as one, PostgresStore(database) as other:
        async with one.transaction() as tx:
            await tx.enqueue([EnsureIncidentsChannel(name="incident-response")])
        began = time.monotonic()
        (row,) = await one.claim(1)
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(
                "select pg_terminate_backend(pid, 1000) from pg_locks where locktype = 'advisory' and objid = %s",
                (one.replica,),
            )
        (taken,) = await other.claim(1)
        assert (taken.id, taken.attempts) == (row.id, 2)
        assert taken.uncertain_for is not None
        until_last_call = -taken.uncertain_for
        assert until_last_call >= SEND_TIMEOUT - timedelta(seconds=time.monotonic() - began)
        assert until_last_call <= SEND_TIMEOUT
        with pytest.raises(RetryLater):
            needs_reconciliation(taken)


async def test_who_notices_a_restore_later_takes_nothing_from_who_noticed_it_first(database: str) -> None:
    async with PostgresStore(database) as first, PostgresStore(database) as later:
        async with first.transaction() as tx:
            await tx.enqueue([EnsureIncidentsChannel(name="incident-response")])
            await tx.mark_all_uncertain()
        (row,) = await first.claim(1)
        async with later.transaction() as tx:
            await tx.mark_all_uncertain()
        assert await later.claim(1) == []
        async with first.mark_sent(row, None) as tx:
            assert tx is not None


async def test_what_waited_for_its_time_when_a_backup_was_put_back_can_be_made_due(database: str) -> None:
    """A page on hold that is released rings: nobody knows that it had begun. Whoever asks hears that it may have."""
    channel = EnsureIncidentsChannel(name="incident-response")
    async with PostgresStore(database) as store:
        async with store.transaction() as tx:
            await tx.enqueue([channel], later=timedelta(minutes=2))
        async with store.transaction() as tx:
            await tx.mark_all_uncertain()
        assert await store.claim(1) == []
        async with store.transaction() as tx:
            assert not await tx.make_due_now(channel.key)
        (row,) = await store.claim(1)
        assert row.uncertain_for is not None


async def test_what_was_tried_and_not_answered_is_not_made_due_sooner(database: str) -> None:
    channel = EnsureIncidentsChannel(name="incident-response")
    async with PostgresStore(database) as store:
        async with store.transaction() as tx:
            await tx.enqueue([channel])
        (row,) = await store.claim(1)
        await store.put_back(row, timedelta(minutes=2), "not answered", True)
        async with store.transaction() as tx:
            assert not await tx.make_due_now(channel.key)
        assert await store.claim(1) == []


async def test_of_one_call_waiting_edits_of_a_lane_become_one_and_nothing_else_is_dropped(
    database: str,
) -> None:
    async with PostgresStore(database) as store:
        async with store.transaction() as tx:
            await tx.save_runbook_version("sha", "runbook.md", "# Runbook")
            made = await tx.insert_incident(NewIncident("API is down", "P0", "U1", "sha", None))
            await tx.enqueue(
                [
                    RefreshAlert(incident=made.number, change="a"),
                    SetTopic(incident=made.number, change="a"),
                    RefreshAlert(incident=made.number, change="b"),
                    EnsureIncidentsChannel(name="incident-response"),
                ]
            )
        assert [each.key for each in await store.list_undelivered(10)] == [
            "refresh-alert:1:a",
            "topic:1:a",
            "incidents-channel:incident-response",
        ]


async def test_what_was_sent_and_not_answered_counts_as_begun(database: str) -> None:
    channel = EnsureIncidentsChannel(name="incident-response")
    async with PostgresStore(database) as store:
        async with store.transaction() as tx:
            await tx.enqueue([channel])
            assert not await tx.is_begun(channel.key)
            assert await tx.hold(channel.key)
        (row,) = await store.claim(1)
        await store.put_back(row, timedelta(minutes=1), "not answered", True)
        async with store.transaction() as tx:
            assert await tx.is_begun(channel.key), "it may stand in Slack already, as it was then"
            assert not await tx.hold(channel.key)


async def test_what_a_replica_was_at_in_the_time_that_a_restore_lost_settles_nothing_of_the_time_after(
    database: str,
) -> None:
    """The ids of rows come again after a restore, and so would those of their owners."""
    channel = EnsureIncidentsChannel(name="incident-response")
    with backup_of(database) as saved:
        async with PostgresStore(database) as store:
            async with store.transaction() as tx:
                await tx.enqueue([channel])
            (lost,) = await store.claim(1)
            saved.put_back()
            async with asyncio.timeout(60):
                while not store.replaced or not store.replica or await store.trouble():
                    await store.wait_for_work(0.1)
            async with store.transaction() as tx:
                await tx.enqueue([channel])
            (row,) = await store.claim(1)
            assert (row.id, row.attempts) == (lost.id, lost.attempts)
            assert not lost.may_send()
            await store.put_back(lost, timedelta(0), "not answered", False)
            async with store.mark_dead_letter(lost, "refused") as tx:
                assert tx is None
            async with store.mark_sent(row, None) as tx:
                assert tx is not None, "it was taken from who is at it"
