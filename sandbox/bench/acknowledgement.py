"""How soon a slash command is acknowledged: alone, and while much else goes on."""

import asyncio
from collections.abc import Sequence

from sandbox.bench.environment import BenchEnvironment, BenchStage
from sandbox.bench.figures import BenchFigure, BenchRound, compute_median, compute_percentile
from sandbox.bench.idle import read_cpu_seconds

ASKED = {"reads": "list", "writes": "note INC-1 the cache is cold"}
SLOW = 0.3
"""Seconds that Slack takes for a call while incidents are declared."""
PROBES, GAP = 50, 0.03


async def measure_idle(house: BenchEnvironment, size: BenchRound) -> Sequence[BenchFigure]:
    """One command after the other, to the bot and to a bare Bolt app in turn."""
    async with house.open_stage() as stage, stage.open_bare_app() as bare:
        await stage.slack.people.command("ana", "general", "/incident", "declare p3 A small thing")
        await stage.wait_until_delivered()
        await stage.time_commands(stage.build_commands(["help"] * 20), url=bare)
        theirs: list[list[float]] = []
        ours: dict[str, list[list[float]]] = {kind: [] for kind in ASKED}
        for _ in range(size.times):
            theirs.append(await stage.time_commands(stage.build_commands(["help"] * size.requests), url=bare))
            for kind, words in ASKED.items():
                ours[kind].append(await stage.time_commands(stage.build_commands([words] * size.requests)))
    usual, worst = _typical(theirs, 0.5), _typical(theirs, 0.99)
    others = "incidentbot 10.8 / 11.7, FireFighter 15 / 41"
    figures = []
    for kind, rounds in ours.items():
        name = f"acknowledgement idle, a command that {kind}"
        beside = f"bare app {usual:.1f} / {worst:.1f}, {others}"
        figures += [
            BenchFigure(f"{name}, p50", _typical(rounds, 0.5), 2.0, "ms", beside),
            BenchFigure(f"{name}, p99", _typical(rounds, 0.99), worst + 8, "ms", beside),
        ]
    return figures


def _typical(rounds: Sequence[Sequence[float]], share: float) -> float:
    """The median over the rounds of each one's percentile."""
    return compute_median([compute_percentile(round, share) for round in rounds])


async def measure_busy(house: BenchEnvironment, size: BenchRound) -> Sequence[BenchFigure]:
    """Commands while incidents are declared and Slack is slow, in turn to the bot and to a bare Bolt app.

    Who declares and who asks are processes of their own; what an incident takes of the processor is measured too.
    Who asks has done so before: of somebody whom nobody knows yet Slack is asked first, who that is.
    """
    ours: list[list[float]] = []
    theirs: list[list[float]] = []
    costs = []
    for _ in range(size.times):
        async with house.open_stage() as stage, stage.open_bare_app() as bare:
            await stage.time_commands(stage.build_commands(["list"]))
            stage.slack.api.latency = lambda number, method: SLOW
            before = read_cpu_seconds(stage.program.pid)
            ours.append(await _ask_beside(stage, size, "down", stage.program.request_url))
            await stage.wait_until_delivered()
            costs.append(1000 * (read_cpu_seconds(stage.program.pid) - before) / size.incidents)
            theirs.append(await _ask_beside(stage, size, "slow", bare))
            stage.slack.api.latency = lambda number, method: 0.0
            await stage.wait_until_delivered()
    worst, bare_worst = _typical(ours, 0.99), _typical(theirs, 0.99)
    most = compute_median([max(each) for each in ours])
    beside = f"bare app {bare_worst:.0f}; slowest {most:.0f}, incidentbot 40 of 50 late, FireFighter 237"
    name = f"acknowledgement while {size.incidents} incidents are declared, Slack at 300 ms, p99 of {PROBES}"
    return [
        BenchFigure(name, worst, 4 * bare_worst, "ms", beside),
        BenchFigure(
            "processor time for one declared incident, with the commands beside",
            compute_median(costs),
            20.0,
            "ms",
        ),
    ]


async def _ask_beside(stage: BenchStage, size: BenchRound, how: str, url: str) -> list[float]:
    declared = stage.build_commands(
        [f"declare p0 Part {number} is {how}" for number in range(size.incidents)]
    )
    probes = stage.build_commands(["list"] * PROBES)
    declaring = asyncio.create_task(stage.send_commands(declared))
    try:
        return await stage.time_commands(probes, GAP, url)
    finally:
        await declaring
