"""What nobody waits for goes along with the next question or the commit: whole, once, or not at all."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest

from bot.domain.effects import EnsureIncidentsChannel
from bot.domain.incident import NewIncident
from bot.domain.results import CommandResult, NotedResult
from bot.domain.timeline_details import NoteAddedDetail
from bot.errors import DatabaseUnavailable
from bot.ports import Transaction
from bot.services import ServiceContext, UserRequest
from bot.services.unit_of_work import run_idempotent
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
async def desk(database: str) -> AsyncIterator[ServiceContext]:
    async with opened_desk(database) as desk:
        async with desk.store.transaction() as tx:
            edition = desk.runbook_versions.current.sha
            await tx.insert_incident(NewIncident("API is down", "P0", "U1", edition, None))
        yield desk


async def test_a_change_that_asks_nothing_is_not_made_twice_by_the_same_request(
    desk: ServiceContext, database: str
) -> None:
    said = iter(("first", "second", "third"))

    async def change(tx: Transaction) -> CommandResult:
        await tx.add_entry(1, "U1", NoteAddedDetail(text="cold cache"))
        return NotedResult(1, text=next(said))

    request = UserRequest("the same", "U1")
    came = [
        *await asyncio.gather(run_idempotent(desk, request, change), run_idempotent(desk, request, change))
    ]
    came.append(await run_idempotent(desk, request, change))
    assert came == [came[0]] * 3
    assert Looking(database).kinds(1) == ["note_added"]


@pytest.mark.parametrize("text", HOSTILE)
async def test_whatever_somebody_typed_is_kept_as_it_is(
    desk: ServiceContext, database: str, text: str
) -> None:
    async with desk.store.transaction() as tx:
        await tx.add_entry(1, text, NoteAddedDetail(text=text))
        await tx.change(1, title=text, fields={text: text})
    (entry,) = Looking(database).rows("select actor, detail from timeline_entry")
    assert entry == {"actor": text, "detail": {"text": text}}
    (incident,) = Looking(database).rows("select title, fields from incident")
    assert incident == {"title": text, "fields": {text: text}}


async def test_what_fails_takes_back_what_was_sent_and_what_was_not(
    desk: ServiceContext, database: str
) -> None:
    with pytest.raises(ZeroDivisionError):
        async with desk.store.transaction() as tx:
            await tx.change(1, title="sent")
            await tx.now()
            await tx.enqueue([CHANNEL])
            raise ZeroDivisionError
    looking = Looking(database)
    assert (looking.rows("select title from incident"), looking.effects()) == ([{"title": "API is down"}], [])
    assert looking.rows(OPEN) == []


async def test_what_the_database_refused_with_the_commit_is_not_in_doubt(
    desk: ServiceContext, database: str
) -> None:
    with psycopg.connect(database) as other:
        other.execute("lock table tocsin.outbox in share mode")
        with pytest.raises(DatabaseUnavailable) as refused:
            async with desk.store.transaction() as tx:
                await tx.change(1, title="kept?")
                await tx.enqueue([CHANNEL])
    assert not refused.value.in_doubt
    assert Looking(database).rows("select title from incident") == [{"title": "API is down"}]


async def test_a_connection_that_is_lost_with_the_commit_leaves_it_in_doubt(
    desk: ServiceContext, database: str
) -> None:
    looking = Looking(database)
    with psycopg.connect(database) as other:
        other.execute("lock table tocsin.outbox in share mode")

        async def changing() -> None:
            async with desk.store.transaction() as tx:
                await tx.enqueue([CHANNEL])

        task = asyncio.create_task(changing())
        async with asyncio.timeout(5):
            while not looking.rows(END):
                await asyncio.sleep(0)
        with pytest.raises(DatabaseUnavailable) as lost:
            await task
    assert lost.value.in_doubt
    async with desk.store.transaction() as tx:
        await tx.enqueue([CHANNEL])
    assert looking.effects() == [CHANNEL.key], "the next one works"


OPEN = """
select state from pg_stat_activity
where datname = current_database() and application_name = 'tocsin' and state like 'idle in transaction%%'
"""
END = """
select pg_terminate_backend(pid) from pg_stat_activity
where datname = current_database() and wait_event_type = 'Lock' and application_name = 'tocsin'
"""
