"""How soon a slash command is acknowledged: alone, and while much else goes on."""

import asyncio
from collections.abc import Sequence

from sandbox.bench.figures import Figure, Round, median, percentile
from sandbox.bench.stage import House, Stage

ASKED = {"reads": "list", "writes": "note INC-1 the cache is cold"}
SLOW = 0.3
"""Seconds that Slack takes for a call while incidents are declared."""
PROBES, GAP = 50, 0.03


async def idle(house: House, size: Round) -> Sequence[Figure]:
    """One command after the other, to the bot and to a bare Bolt app in turn."""
    async with house.stage() as stage, stage.bare() as bare:
        await stage.slack.people.command("ana", "general", "/incident", "declare p3 A small thing")
        await stage.quiet()
        await stage.asked(stage.commands(["help"] * 20), url=bare)
        theirs: list[list[float]] = []
        ours: dict[str, list[list[float]]] = {kind: [] for kind in ASKED}
        for _ in range(size.times):
            theirs.append(await stage.asked(stage.commands(["help"] * size.requests), url=bare))
            for kind, words in ASKED.items():
                ours[kind].append(await stage.asked(stage.commands([words] * size.requests)))
    usual, worst = _typical(theirs, 0.5), _typical(theirs, 0.99)
    others = "incidentbot 10.8 / 11.7, FireFighter 15 / 41"
    figures = []
    for kind, rounds in ours.items():
        name = f"acknowledgement idle, a command that {kind}"
        beside = f"bare app {usual:.1f} / {worst:.1f}, {others}"
        figures += [
            Figure(f"{name}, p50", _typical(rounds, 0.5), 2.0, "ms", beside),
            Figure(f"{name}, p99", _typical(rounds, 0.99), worst + 8, "ms", beside),
        ]
    return figures


def _typical(rounds: Sequence[Sequence[float]], share: float) -> float:
    """The median over the rounds of each one's percentile."""
    return median([percentile(each, share) for each in rounds])


async def busy(house: House, size: Round) -> Sequence[Figure]:
    """Commands while incidents are declared and Slack is slow."""
    worst, bare_worst = [], []
    for _ in range(min(3, size.times)):
        async with house.stage() as stage, stage.bare() as bare:
            stage.slack.api.latency = lambda number, method: SLOW
            worst.append(max(await _besides(stage, size, stage.program.request_url)))
            bare_worst.append(max(await _besides(stage, size, bare)))
            stage.slack.api.latency = lambda number, method: 0.0
            await stage.quiet()
    beside = f"bare app {median(bare_worst):.0f}, incidentbot 40 of 50 late, FireFighter 237"
    name = (
        f"acknowledgement while {size.incidents} incidents are declared, Slack at 300 ms, slowest of {PROBES}"
    )
    return [Figure(name, median(worst), 50.0, "ms", beside)]


async def _besides(stage: Stage, size: Round, url: str) -> list[float]:
    titles = [f"Part {number} is down" for number in range(size.incidents)]
    probes = stage.commands(["list"] * PROBES)
    declaring = asyncio.create_task(_declare(stage, titles))
    try:
        return await stage.asked(probes, GAP, url)
    finally:
        await declaring


async def _declare(stage: Stage, titles: Sequence[str]) -> None:
    await asyncio.gather(
        *(
            stage.slack.people.command("ana", "general", "/incident", f"declare p0 {title}")
            for title in titles
        )
    )
