"""What a look finds is written at once and shown together: one edit for what comes side by side, and in its time."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from bot import lifecycle
from bot.effects import PostEvidence, RefreshEvidence
from bot.evidence import WHOLE, Asked, Result
from bot.lifecycle import Declaration, Desk, Request
from bot.looking.record import Record
from bot.ports import Posted
from bot.step import Kind
from diagnostics.charts import Drawer
from diagnostics.finding import Finding, Verdict
from tests.desks import opened_desk
from tests.looking import Looking

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    async with opened_desk(database) as desk:
        yield desk


async def posted(desk: Desk) -> None:
    """Deliver everything that is due, the message of the look too."""
    while rows := await desk.store.claim(40):
        for row in rows:
            async with desk.store.settling(row, Posted("C1", row.effect.key)):
                pass


async def test_what_answers_side_by_side_is_one_edit_and_the_next_comes_a_second_later(
    desk: Desk, database: str
) -> None:
    looking = Looking(database)
    outcome = await lifecycle.declare(desk, Request("k", "U1"), Declaration("p0", "API is down"))
    assert outcome.incident is not None
    (row,) = await desk.store.claim_looks(1)
    asked = Asked(row.id, outcome.incident, WHOLE, row.what, "")
    steps = [Result(n, row.what, n + 1, "", f"Step {n}", Kind.DIAGNOSTIC.value, "") for n in range(6)]
    async with desk.store.transaction() as work:
        assert await work.begin_look(asked.id, steps)
        await work.enqueue([PostEvidence(incident=asked.incident, look=asked.id)])
    await posted(desk)

    record = Record(desk, asked, steps, "API", NOW, Drawer())
    writing = asyncio.create_task(record.write())
    for place in range(5):
        await record.heard(place, Finding(Verdict.OK, "fine", NOW))
    async with asyncio.timeout(10):
        while len(looking.rows("select 1 from result where verdict is not null")) < 5:
            await desk.store.wait_for_work(0.05)
    first = looking.rows(EDITS)
    assert [each["key"] for each in first] == [RefreshEvidence(incident=1, look=asked.id, change=10_000).key]
    assert 0 < first[0]["later"] < 0.5, "for a moment it waits for more"
    async with asyncio.timeout(5):
        while not (
            due := [each for each in await desk.store.claim(40) if type(each.effect) is RefreshEvidence]
        ):
            await desk.store.wait_for_work(9)  # rung when it is due, not at the next look
    async with desk.store.settling(due[0], Posted("C1", "1")):
        pass
    await record.heard(5, Finding(Verdict.OK, "fine", NOW))
    await asyncio.wait_for(writing, 10)
    _, second = looking.rows(EDITS)
    assert second["due"] - first[0]["due"] >= 0.99, "at most once a second"


EDITS = """
select key, extract(epoch from not_before - created_at)::float as later, extract(epoch from not_before)::float as due
from outbox where kind = 'RefreshEvidence' order by id
"""
