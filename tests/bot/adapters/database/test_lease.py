"""What a claimed effect is worth: who holds it may send, until another replica could take it over."""

import asyncio
from datetime import timedelta

import psycopg

from bot.adapters.database import PostgresStore
from bot.domain.effects import EnsureIncidentsChannel, RefreshAlert, SetTopic
from bot.domain.incident import NewIncident


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
        async with asyncio.timeout(10):
            while store.replica in (0, before):
                await store.wait_for_work(0.1)
        assert not row.may_send(), "the old number is free: another replica takes the row over"
        (again,) = await store.claim(10)
        assert again.uncertain_for is not None
        assert again.may_send()


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
