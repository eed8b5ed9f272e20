"""What nobody waits for goes along with the next question or the commit: whole, once, or not at all."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest

from bot.effects import EnsureIncidentsChannel
from bot.errors import StoreAway
from bot.incident import EntryKind, NewIncident, Outcome
from bot.lifecycle import Desk, Request
from bot.lifecycle.desk import once
from bot.ports import Transaction
from tests.desks import opened_desk
from tests.looking import Looking

CHANNEL = EnsureIncidentsChannel(name="incident-response")
HOSTILE = (
    "'; drop table incident; --",
    "\\'; select 1; \\",
    "100% %s %(key)s %%",
    "$$ $1 \\x41 \t\r\n",
    "\U0001d4cd \u202e \u00e9 \\u0041",
)


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    async with opened_desk(database) as desk:
        async with desk.store.transaction() as work:
            edition = desk.editions.current.sha
            await work.insert_incident(NewIncident("API is down", "P0", "U1", edition, None))
        yield desk


async def test_a_change_that_asks_nothing_is_not_made_twice_by_the_same_request(
    desk: Desk, database: str
) -> None:
    said = iter(("first", "second", "third"))

    async def change(work: Transaction) -> Outcome:
        await work.add_entry(1, "U1", EntryKind.NOTE_ADDED, text="cold cache")
        return Outcome(next(said), 1)

    request = Request("the same", "U1")
    came = [*await asyncio.gather(once(desk, request, change), once(desk, request, change))]
    came.append(await once(desk, request, change))
    assert len({each.did for each in came}) == 1
    assert Looking(database).kinds(1) == ["note_added"]


@pytest.mark.parametrize("text", HOSTILE)
async def test_whatever_somebody_typed_is_kept_as_it_is(desk: Desk, database: str, text: str) -> None:
    async with desk.store.transaction() as work:
        await work.add_entry(1, text, EntryKind.NOTE_ADDED, text=text)
        await work.change(1, title=text, fields={text: text})
    (entry,) = Looking(database).rows("select actor, detail from timeline_entry")
    assert entry == {"actor": text, "detail": {"text": text}}
    (incident,) = Looking(database).rows("select title, fields from incident")
    assert incident == {"title": text, "fields": {text: text}}


async def test_what_fails_takes_back_what_was_sent_and_what_was_not(desk: Desk, database: str) -> None:
    with pytest.raises(ZeroDivisionError):
        async with desk.store.transaction() as work:
            await work.change(1, title="sent")
            await work.now()
            await work.enqueue([CHANNEL])
            raise ZeroDivisionError
    looking = Looking(database)
    assert (looking.rows("select title from incident"), looking.effects()) == ([{"title": "API is down"}], [])
    assert looking.rows(OPEN) == []


async def test_what_the_database_refused_with_the_commit_is_not_in_doubt(desk: Desk, database: str) -> None:
    with psycopg.connect(database) as other:
        other.execute("lock table tocsin.outbox in share mode")
        with pytest.raises(StoreAway) as refused:
            async with desk.store.transaction() as work:
                await work.change(1, title="kept?")
                await work.enqueue([CHANNEL])
    assert not refused.value.in_doubt
    assert Looking(database).rows("select title from incident") == [{"title": "API is down"}]


async def test_a_connection_that_is_lost_with_the_commit_leaves_it_in_doubt(
    desk: Desk, database: str
) -> None:
    looking = Looking(database)
    with psycopg.connect(database) as other:
        other.execute("lock table tocsin.outbox in share mode")

        async def changing() -> None:
            async with desk.store.transaction() as work:
                await work.enqueue([CHANNEL])

        task = asyncio.create_task(changing())
        async with asyncio.timeout(5):
            while not looking.rows(END):
                await asyncio.sleep(0)
        with pytest.raises(StoreAway) as lost:
            await task
    assert lost.value.in_doubt
    async with desk.store.transaction() as work:
        await work.enqueue([CHANNEL])
    assert looking.effects() == [CHANNEL.key], "the next one works"


OPEN = """
select state from pg_stat_activity
where datname = current_database() and application_name = 'tocsin' and state like 'idle in transaction%%'
"""
END = """
select pg_terminate_backend(pid) from pg_stat_activity
where datname = current_database() and wait_event_type = 'Lock' and application_name = 'tocsin'
"""
