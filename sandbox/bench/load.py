"""Very many open incidents: do lists, homes and forms still come at once? And many reminders due in one second."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from sandbox.bench.environment import BenchEnvironment, BenchStage
from sandbox.bench.figures import BenchFigure, BenchRound, compute_median, compute_percentile
from sandbox.bench.idle import measure_database_load

TIMES = 100
OPEN = """
insert into incident (title, severity, commander, declared_by, edition, cadence, next_update_at, notice_at)
select 'Part ' || n || ' is slow', 'P1', (array['U0ANA00001', 'U0BRUNO001', 'U0DEVIKA01'])[1 + n %% 3], 'U0ANA00001',
       (select sha from edition limit 1), interval '15 minutes', now() + interval '2 hours', now() + interval '2 hours'
from generate_series(1, %s) n
"""


async def measure_open_incidents(house: BenchEnvironment, size: BenchRound) -> Sequence[BenchFigure]:
    """The list, the home and the update form while so many incidents are open."""
    async with house.open_stage() as stage:
        stage.rows(OPEN, size.crowd)
        stage.rows("analyze incident")
        lists = await stage.time_commands(stage.build_commands(["list"] * max(TIMES, size.requests)))
        times = min(TIMES, size.requests)
        homes = [
            await time_until_shown(stage, "views.publish", lambda: stage.slack.people.open_home("ana"))
            for _ in range(times)
        ]
        forms = [
            await time_until_shown(
                stage,
                "views.open",
                lambda: stage.slack.people.command(
                    "ana", "general", "/incident", f"update INC-{size.crowd // 2}"
                ),
            )
            for _ in range(times)
        ]
        work = await measure_database_load(stage, size.rest)
    beside = "others fail from 101 open"
    return [
        BenchFigure(
            f"list with {size.crowd:,} open incidents, p99", compute_percentile(lists, 0.99), 50, "ms", beside
        ),
        BenchFigure(
            f"home with {size.crowd:,} open incidents, p99", compute_percentile(homes, 0.99), 50, "ms", beside
        ),
        BenchFigure(
            f"update form with {size.crowd:,} open incidents, p99",
            compute_percentile(forms, 0.99),
            50,
            "ms",
            beside,
        ),
        BenchFigure("database's work at rest beside them, of one core", work, 10, "%"),
    ]


async def time_until_shown(
    stage: BenchStage, method: str, act: Callable[[], Coroutine[Any, Any, object]]
) -> float:
    """Milliseconds from what somebody does until the bot asks Slack to show it."""
    stage.slack.calls.clear()
    began = time.monotonic()
    acting = asyncio.create_task(act())
    await stage.wait_until(lambda: stage.slack.calls.of(method))
    await acting
    return (stage.slack.calls.of(method)[0].started - began) * 1000


async def measure_reminders(house: BenchEnvironment, size: BenchRound) -> Sequence[BenchFigure]:
    """All reminders due in the same moment, each in a channel of its own, the stand-in's limits off."""
    async with house.open_stage() as stage:
        stage.rows(OPEN, size.reminders)
        for row in stage.rows("select number from incident"):
            channel = stage.slack.add_channel(f"inc-{row['number']}", with_bot=True)
            stage.rows("update incident set channel = %s where number = %s", channel.id, row["number"])
        stage.slack.calls.clear()
        stage.rows("update incident set next_update_at = now(), notice_at = now()")
        tick = await _tick(stage, size.reminders)
        await stage.wait_until_delivered(120)
        sent = Counter(
            call.args["channel"]
            for call in stage.slack.calls.of("chat.postMessage")
            if "is due" in str(call.args)
        )
    once = sum(count == 1 for count in sent.values())
    return [
        BenchFigure(f"{size.reminders:,} reminders due at once: the tick", tick, 1.0, "s"),
        BenchFigure("of them not sent exactly once", size.reminders - once, 0, "reminders"),
    ]


async def _tick(stage: BenchStage, count: int) -> float:
    """Seconds from the first reminder's transaction to the moment when all are written down."""
    query = """select count(*) as written, extract(epoch from clock_timestamp() - min(created_at)) as since
               from outbox where kind = 'RemindOfUpdate'"""
    async with asyncio.timeout(60):
        while (row := (await asyncio.to_thread(stage.rows, query))[0])["written"] < count:
            await asyncio.sleep(0.01)
    return float(row["since"])


async def measure_outbox(house: BenchEnvironment, size: BenchRound) -> Sequence[BenchFigure]:
    """Status updates one after the other while each of Slack's answers takes 30 ms: from the command's answer, which
    follows the commit at once, to Slack's answer to the message.
    """
    took: list[float] = []
    async with house.open_stage() as stage:
        await stage.slack.people.command("ana", "general", "/incident", "declare p0 API is down")
        await stage.wait_until_delivered()
        stage.slack.api.latency = lambda number, method: 0.03
        for number in range(max(10, size.requests // 2)):
            stage.slack.calls.clear()
            await stage.slack.people.command("ana", "general", "/incident", f"update INC-1 step {number}")
            committed = time.monotonic()
            await stage.wait_until_delivered()
            took += [
                (call.finished - committed) * 1000
                for call in stage.slack.calls.of("chat.postMessage")[:1]
                if call.finished is not None
            ]
    beside = "procrastinate prototype 42 / 47"
    return [
        BenchFigure(
            "outbox, from commit to sent, Slack at 30 ms, p50", compute_median(took), 45, "ms", beside
        ),
        BenchFigure(
            "outbox, from commit to sent, Slack at 30 ms, p95",
            compute_percentile(took, 0.95),
            70,
            "ms",
            beside,
        ),
    ]
