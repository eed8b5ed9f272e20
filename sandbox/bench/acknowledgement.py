"""How soon a slash command is acknowledged: alone, and while much else goes on."""

import asyncio
from collections.abc import Sequence

from sandbox.bench.environment import BenchEnvironment, BenchStage
from sandbox.bench.figures import BenchFigure, BenchRound, compute_median, compute_percentile

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
    """Commands while incidents are declared and Slack is slow."""
    worst, bare_worst = [], []
    for _ in range(min(3, size.times)):
        async with house.open_stage() as stage, stage.open_bare_app() as bare:
            stage.slack.api.latency = lambda number, method: SLOW
            worst.append(max(await _besides(stage, size, "down", stage.program.request_url)))
            bare_worst.append(max(await _besides(stage, size, "slow", bare)))
            stage.slack.api.latency = lambda number, method: 0.0
            await stage.wait_until_delivered()
    beside = f"bare app {compute_median(bare_worst):.0f}, incidentbot 40 of 50 late, FireFighter 237"
    name = (
        f"acknowledgement while {size.incidents} incidents are declared, Slack at 300 ms, slowest of {PROBES}"
    )
    return [BenchFigure(name, compute_median(worst), 50.0, "ms", beside)]


async def _besides(stage: BenchStage, size: BenchRound, how: str, url: str) -> list[float]:
    titles = [f"Part {number} is {how}" for number in range(size.incidents)]
    probes = stage.build_commands(["list"] * PROBES)
    declaring = asyncio.create_task(_declare(stage, titles))
    try:
        return await stage.time_commands(probes, GAP, url)
    finally:
        await declaring


async def _declare(stage: BenchStage, titles: Sequence[str]) -> None:
    await asyncio.gather(
        *(
            stage.slack.people.command("ana", "general", "/incident", f"declare p0 {title}")
            for title in titles
        )
    )
