"""What a look finds is written at once and shown together: one edit for what comes side by side, and in its time."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from bot import services
from bot.domain.diagnostic_run import WHOLE, DiagnosticRunRequest, StepResult
from bot.domain.effects import PostEvidence, RefreshEvidence
from bot.domain.finding import Finding, Verdict
from bot.domain.playbook import StepKind
from bot.ports import MessageRef
from bot.services import Declaration, ServiceContext, UserRequest
from bot.workers.finding_recorder import FindingRecorder
from diagnostics.rendering.charts import ChartProcess
from tests.desks import opened_desk
from tests.looking import Looking

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)


@pytest.fixture
async def desk(database: str) -> AsyncIterator[ServiceContext]:
    async with opened_desk(database) as desk:
        yield desk


async def posted(desk: ServiceContext) -> None:
    """Deliver everything that is due, the message of the look too."""
    while rows := await desk.store.claim(40):
        for row in rows:
            async with desk.store.mark_sent(row, MessageRef("C1", row.effect.key)):
                pass


async def test_what_answers_side_by_side_is_one_edit_and_the_next_comes_a_second_later(
    desk: ServiceContext, database: str
) -> None:
    looking = Looking(database)
    outcome = await services.declare(desk, UserRequest("k", "U1"), Declaration("p0", "API is down"))
    assert outcome.incident is not None
    (row,) = await desk.store.claim_runs(1)
    asked = DiagnosticRunRequest(row.id, outcome.incident, WHOLE, row.what, "")
    steps = [StepResult(n, row.what, n + 1, "", f"Step {n}", StepKind.DIAGNOSTIC.value, "") for n in range(6)]
    async with desk.store.transaction() as tx:
        assert await tx.begin_run(asked.id, steps)
        await tx.enqueue([PostEvidence(incident=asked.incident, look=asked.id)])
    await posted(desk)

    record = FindingRecorder(desk, asked, steps, "API", NOW, ChartProcess())
    writing = asyncio.create_task(record.write())
    for place in range(5):
        await record.add_finding(place, Finding(Verdict.OK, "fine", NOW))
    async with asyncio.timeout(60):
        while len(looking.rows("select 1 from result where verdict is not null")) < 5:
            await desk.store.wait_for_work(0.05)
    first = looking.rows(EDITS)
    assert [each["key"] for each in first] == [RefreshEvidence(incident=1, look=asked.id, change=10_000).key]
    assert 0 < first[0]["later"] < 0.5, "for a moment it waits for more"
    async with asyncio.timeout(8):
        while not (
            due := [each for each in await desk.store.claim(40) if type(each.effect) is RefreshEvidence]
        ):
            await desk.store.wait_for_work(9)  # rung when it is due, not at the next look
    async with desk.store.mark_sent(due[0], MessageRef("C1", "1")):
        pass
    await record.add_finding(5, Finding(Verdict.OK, "fine", NOW))
    await asyncio.wait_for(writing, 60)
    _, second = looking.rows(EDITS)
    assert second["due"] - first[0]["due"] >= 0.99, "at most once a second"


async def test_a_run_that_goes_on_for_longer_than_its_lease_is_the_same_attempt(
    desk: ServiceContext, database: str
) -> None:
    looking = Looking(database)
    await services.declare(desk, UserRequest("k", "U1"), Declaration("p0", "API is down"))
    (row,) = await desk.store.claim_runs(1)
    for running, attempts in (([row.id], 1), ([], 2)):
        looking.rows("update look set lease_until = now() - interval '1 second'")
        (again,) = await desk.store.claim_runs(1, running)
        assert again.attempts == attempts


EDITS = """
select key, extract(epoch from not_before - created_at)::float as later, extract(epoch from not_before)::float as due
from outbox where kind = 'RefreshEvidence' order by id
"""
