"""Status pages without a bot: a thousand texts at providers that lose answers, and a page of our own that is long."""

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from sandbox.bench.environment import BenchEnvironment
from sandbox.bench.figures import BenchFigure, BenchRound

ROOT = Path(__file__).resolve().parents[2]
PROVIDERS = ("Statuspage", "incident.io")
MAX_SECONDS, MAX_KB = 2.0, 30.0


async def measure_status_pages(house: BenchEnvironment, size: BenchRound) -> Sequence[BenchFigure]:
    """In a process of its own, which knows the bot's adapters."""
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.cli.status_page_figures",
        str(size.updates),
        str(size.public),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await running.communicate()
    found = json.loads(said)
    lost = f"doubled or lost of {size.updates:,} texts, 20% of the answers lost"
    return [
        *(BenchFigure(f"{lost}: {name}", found[name], 0, "texts") for name in PROVIDERS),
        BenchFigure(f"our own page of {size.public} incidents, drawn", found["seconds"], MAX_SECONDS, "s"),
        BenchFigure("its front page", found["bytes"] / 1024, MAX_KB, "KB"),
    ]
