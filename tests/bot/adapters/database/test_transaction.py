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
from bot.services.effect_results import record_opened_channel
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
        async with asyncio.timeout(60):
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


async def test_a_request_that_was_recorded_counts_as_recorded_for_as_long_as_its_answer_is_made(
    desk: ServiceContext,
) -> None:
    """Else its sender reads that nothing was recorded, when the rest of the answer takes too long."""
    request = UserRequest("command:1", "U1")
    known, end = asyncio.Queue[bool](), asyncio.Event()

    async def change(tx: Transaction) -> CommandResult:
        await tx.lock(1)
        known.put_nowait(desk.store.may_be_recorded(task))
        return NotedResult(incident=1, text="it is back")

    async def ask() -> None:
        await run_idempotent(desk, request, change)
        known.put_nowait(True)
        await end.wait()

    for taken in (False, True):
        task = asyncio.create_task(ask())
        if not taken:
            assert not await known.get(), "nothing is recorded before the commit"
        await known.get()
        assert desk.store.may_be_recorded(task)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    async with desk.store.transaction() as tx:
        await tx.lock(1)
    current = asyncio.current_task()
    assert current is not None and not desk.store.may_be_recorded(current), "no request was made by it"


async def test_who_opens_the_channel_and_who_writes_of_the_incident_first_do_not_wait_for_each_other(
    desk: ServiceContext, database: str
) -> None:
    """A delivered message is written down before its incident is locked, while the channel's id comes."""
    looking = Looking(database)
    waiting = "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"

    async def open_channel() -> None:
        async with desk.store.transaction() as tx:
            await record_opened_channel(tx, 1, "C1")

    async with desk.store.transaction() as tx:
        await tx.add_entry(1, "U1", NoteAddedDetail(text="delivered"))
        await tx.find_last_number()  # what gives nothing is sent with the next question
        opening = asyncio.create_task(open_channel())
        async with asyncio.timeout(60):
            while not looking.rows(waiting):
                await asyncio.sleep(0.01)
        assert await tx.lock(1) is not None
    await opening
    assert looking.rows("select channel from incident") == [{"channel": "C1"}]
