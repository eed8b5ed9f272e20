"""The diagnostics: how soon is the first thing known, when is all of it, and does anybody else wait meanwhile."""

import asyncio
import functools
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from sandbox.bench.environment import BenchEnvironment, BenchStage
from sandbox.bench.figures import BenchFigure, BenchRound, compute_median, compute_percentile
from sandbox.bench.idle import read_tree_resident_mb
from sandbox.demo.bot_process import ROOT
from sandbox.slack.plain_text import render_message_lines

STEPS, OF_AWS = 12, 4
TAKES = 0.3
LATENCY = 0.1
DEADLINE = 8.0
HANGS = "hangs"
SITE = "https://steps.example"
OPERATIONS = ("list-clusters", "list-services --cluster a", "list-tasks --cluster a", "list-task-definitions")
VERDICTS = ("🔴", "🔶", "✅", "❔")
CHART = """
import asyncio, statistics, time
from datetime import UTC, datetime, timedelta
from diagnostics.rendering.charts import ChartProcess
from bot.domain.finding import ChartSeries
start = datetime(2026, 1, 1, tzinfo=UTC)
points = tuple((start + timedelta(minutes=n), 40 + n) for n in range(60))
series = (ChartSeries("Average", points, "%", 90.0), ChartSeries("Maximum", points, "%", 90.0))
async def main():
    drawer, took, pauses = ChartProcess(), [], []
    async def watch():
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            pauses.append(time.perf_counter() - began)
    watching = asyncio.create_task(watch())
    await drawer.render(series, "CPU", start, ())
    pauses.clear()
    for _ in range(20):
        began = time.perf_counter()
        await drawer.render(series, "CPU", start, ((start, "backend:118"),))
        took.append(time.perf_counter() - began)
    watching.cancel()
    await drawer.aclose()
    print(1000 * statistics.median(took), 1000 * max(pauses))
asyncio.run(main())
"""


def build_runbook(hanging: bool = False) -> str:
    """Twelve steps: some ask a site, some ask AWS; one of them may hang."""
    pages = [f"curl {SITE}/{number}" for number in range(STEPS - OF_AWS)]
    if hanging:
        pages[0] = f"curl {SITE}/{HANGS}"
    calls = [f"aws ecs {operation}" for operation in OPERATIONS]
    listed = "\n\n".join(f"# {n}. Step {n}\n{command}" for n, command in enumerate([*pages, *calls], 1))
    return (
        "# Runbook\n\n### P0 - CRITICAL\n- **Response Time**: < 5 minutes\n- **Action**: page CTO\n\n"
        f"## P0 INCIDENT: EVERYTHING IS DOWN\n\n### Actions\n\n```bash\n{listed}\n```\n"
    )


async def measure_diagnostics(house: BenchEnvironment, size: BenchRound) -> Sequence[BenchFigure]:
    """All of it, on sites and an AWS that take their time."""
    return [
        *await _whole(house, size),
        *await _hanging(house, size),
        *await _first(house, size),
        *await _many(house, size),
        *await _chart(),
    ]


async def _whole(house: BenchEnvironment, size: BenchRound) -> list[BenchFigure]:
    async with _stage(house, TAKES) as stage:
        for number in range(size.times + 1):  # the first one makes what the others use
            await _declare(stage, number)
        took = [1000 * float(row["took"]) for row in stage.rows(TOOK)][1:]
    beside = f"one after the other {1000 * STEPS * TAKES:,.0f}"
    most = 1000 * 1.1 * TAKES + 100
    return [
        BenchFigure(
            f"{STEPS} steps of 300 ms, declared to all known", compute_median(took), most, "ms", beside
        )
    ]


async def _hanging(house: BenchEnvironment, size: BenchRound) -> list[BenchFigure]:
    """One of the steps never answers; in a round of its own each time, since who hangs too often is asked no more."""
    others, whole = [], []
    for _ in range(min(3, size.times)):
        async with _stage(house, 0.05, hanging=True) as stage:
            began = time.monotonic()
            await stage.time_commands(stage.build_commands(["declare p0 everything is down"]))
            await stage.wait_until(lambda: "1 check running" in _text(stage))
            others.append(time.monotonic() - began)
            await stage.wait_until(lambda: "Checked " in _text(stage), 30)
            whole.append(time.monotonic() - began)
    return [
        BenchFigure(
            f"one of {STEPS} hangs: the other {STEPS - 1} are shown", compute_median(others), 1.0, "s"
        ),
        BenchFigure(
            "one hangs: the message is complete, its deadline is 8 s",
            compute_median(whole),
            DEADLINE + 1.0,
            "s",
        ),
    ]


async def _first(house: BenchEnvironment, size: BenchRound) -> list[BenchFigure]:
    """From the command to the first verdict that somebody can see in the channel."""
    took = []
    async with _stage(house, LATENCY) as stage:
        await _declare(stage, 0)
        for number in range(1, size.times + 1):
            stage.slack.api.latency = lambda number, method: LATENCY
            before, began = _room(stage), time.monotonic()
            asking = asyncio.create_task(
                stage.time_commands(stage.build_commands([f"declare p0 everything is down {number}"]))
            )
            await stage.wait_until(functools.partial(_first_is_seen, stage, before))
            took.append(1000 * (time.monotonic() - began))
            await asking
            stage.slack.api.latency = lambda number, method: 0.0
            await _over(stage)
            await stage.wait_until_delivered()
    name = "declared to the first verdict in the channel, Slack and AWS at 100 ms"
    return [BenchFigure(name, compute_median(took), 700, "ms")]


async def _many(house: BenchEnvironment, size: BenchRound) -> list[BenchFigure]:
    """Many incidents at once; meanwhile people go on asking."""
    async with _stage(house, TAKES) as stage:
        await _declare(stage, 0)
        texts = [f"declare p0 everything is down {n}" for n in range(1, size.incidents + 1)]
        acknowledged = await stage.time_commands(stage.build_commands(texts))
        acknowledged += await stage.time_commands(stage.build_commands(["list"] * size.requests), 0.01)
        await _over(stage, 90)
        found = stage.rows("select count(*) as n from result where verdict is not null")[0]["n"]
        lost = STEPS * (size.incidents + 1) - found
        held = read_tree_resident_mb(stage.program.pid)
    name = f"{size.incidents} incidents at once, {STEPS} steps each"
    return [
        BenchFigure(
            f"{name}: acknowledgements meanwhile, p99", compute_percentile(acknowledged, 0.99), 50, "ms"
        ),
        BenchFigure(f"{name}: steps without a finding", lost, 0, "steps"),
        BenchFigure(f"{name}: memory of the bot and all that it started", held, 250, "MB"),
    ]


async def _chart() -> list[BenchFigure]:
    told = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", CHART], cwd=ROOT, capture_output=True, text=True, check=True
    )
    drawn, paused = map(float, told.stdout.split())
    return [
        BenchFigure("a chart", drawn, 60, "ms"),
        BenchFigure("a chart: the longest pause of the event loop meanwhile", paused, 20, "ms"),
    ]


TOOK = "select extract(epoch from ended_at - begun_at) as took from look order by id"


@asynccontextmanager
async def _stage(house: BenchEnvironment, takes: float, hanging: bool = False) -> AsyncIterator[BenchStage]:
    """A bot whose runbook asks servers that take so many seconds for each answer."""
    path = Path(house.folder) / "looking.md"
    path.write_text(build_runbook(hanging), encoding="utf-8")
    async with _servers(takes) as (site, aws):
        settings: Mapping[str, str] = {
            "TOCSIN_RUNBOOK": str(path),
            "TOCSIN_ADDRESSES": json.dumps({SITE: site}),
            "AWS_ENDPOINT_URL": aws,
            "AWS_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": "AKIASANDBOXBENCH0001",
            "AWS_SECRET_ACCESS_KEY": "sandbox",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        async with house.open_stage(more=settings) as stage:
            await stage.program.wait_for_log("diagnostics worker is warm")
            yield stage


@asynccontextmanager
async def _servers(takes: float) -> AsyncIterator[tuple[str, str]]:
    async def page(request: web.Request) -> web.Response:
        await asyncio.sleep(3600 if request.path.endswith(HANGS) else takes)
        return web.json_response({"state": "ok"})

    async def aws(request: web.Request) -> web.Response:
        await asyncio.sleep(takes)
        return web.json_response({"clusterArns": ["a"]}, content_type="application/x-amz-json-1.1")

    site, other = web.Application(), web.Application()
    site.router.add_get("/{path:.*}", page)
    other.router.add_post("/{path:.*}", aws)
    runners = [web.AppRunner(app, access_log=None, shutdown_timeout=0.1) for app in (site, other)]
    try:
        for runner in runners:
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
        here = [f"http://127.0.0.1:{runner.addresses[0][1]}" for runner in runners]
        yield here[0], here[1]
    finally:
        for runner in runners:
            await runner.cleanup()


async def _declare(stage: BenchStage, number: int) -> None:
    await stage.time_commands(stage.build_commands([f"declare p0 everything is down {number}"]))
    await _over(stage)
    await stage.wait_until_delivered()


async def _over(stage: BenchStage, within: float = 60.0) -> None:
    """Wait until no look runs."""
    async with asyncio.timeout(within):
        while not await asyncio.to_thread(stage.rows, ALL_OVER):
            await asyncio.sleep(0.05)


ALL_OVER = "select 1 from look having count(*) > 0 and count(*) = count(ended_at)"


def _room(stage: BenchStage) -> str:
    """The channel of the newest incident; empty while there is none."""
    rooms = [
        channel.id for channel in stage.slack.workspace.channels.values() if channel.name.startswith("inc-")
    ]
    return rooms[-1] if rooms else ""


def _text(stage: BenchStage) -> str:
    """Everything that the bot said in the newest incident's channel."""
    room = _room(stage)
    messages = stage.slack.messages(room, of_bot=True) if room else []
    return "\n".join(
        line for message in messages for line in render_message_lines(stage.slack.workspace, message)
    )


def _first_is_seen(stage: BenchStage, before: str) -> bool:
    """Whether a channel that is newer than this one shows a verdict."""
    text = _text(stage) if _room(stage) != before else ""
    return "🔎" in text and any(mark in text for mark in VERDICTS)
