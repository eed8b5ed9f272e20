"""Reviews without a bot: how long one is made, and pull requests while attempts are ended and answers lost."""

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from sandbox.bench.environment import BenchEnvironment
from sandbox.bench.figures import BenchFigure, BenchRound

ROOT = Path(__file__).resolve().parents[2]
HOSTS = ("GitHub", "GitLab")
ENTRIES, MAX_SECONDS = 500, 1.0
A_PROPOSAL = 7
"""For so many texts of the round one pull request is proposed."""


async def measure_reviews(house: BenchEnvironment, size: BenchRound) -> Sequence[BenchFigure]:
    """In a process of its own, which knows the bot's adapters."""
    proposals = max(1, size.updates // A_PROPOSAL)
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.cli.review_figures",
        str(ENTRIES),
        str(proposals),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await running.communicate()
    found = json.loads(said)
    lost = f"doubled or lost of {proposals} pull requests, attempts ended in calls"
    return [
        BenchFigure(f"review of {ENTRIES} entries, made", found["seconds"], MAX_SECONDS, "s"),
        *(BenchFigure(f"{lost}: {name}", found[name], 0, "pull requests") for name in HOSTS),
    ]
