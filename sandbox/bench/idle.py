"""What the bot takes when nothing happens: its start, its memory, the database's work."""

import asyncio
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from sandbox.bench.environment import BenchEnvironment, BenchStage
from sandbox.bench.figures import BenchFigure, BenchRound, compute_median

BETWEEN_SAMPLES = 0.5


async def measure_idle_memory(house: BenchEnvironment, size: BenchRound) -> Sequence[BenchFigure]:
    """Starts on a database that exists, and the memory after each."""
    starts, memory = [], []
    database = house.new_database()
    for number in range(size.times + 1):
        async with house.open_stage(database) as stage:
            await asyncio.sleep(BETWEEN_SAMPLES)
            if number:  # the first start makes the schema
                starts.append(stage.program.took)
                memory.append(read_resident_mb(stage.program.pid))
    return [
        BenchFigure(
            "start to ready, with its database there", compute_median(starts), 1.0, "s", "others 1.2, 6.8"
        ),
        BenchFigure(
            "memory of the bot's process at rest", compute_median(memory), 85, "MB", "others 231, 949"
        ),
    ]


def read_resident_mb(pid: int) -> float:
    """The resident memory of a process in MB."""
    said = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True)
    return int(said.stdout) / 1024


def read_tree_resident_mb(pid: int) -> float:
    """The same for a process and all that it started."""
    begun = Path(f"/proc/{pid}/task/{pid}/children")
    below = begun.read_text().split() if begun.exists() else []
    return read_resident_mb(pid) + sum(read_tree_resident_mb(int(child)) for child in below)


async def measure_database_load(stage: BenchStage, seconds: float) -> float:
    """The share of one core that the database takes, in percent, while nothing is asked of the bot."""
    pids = [
        row["pid"] for row in stage.rows("select pid from pg_stat_activity where pid <> pg_backend_pid()")
    ]
    before = {pid: read_cpu_seconds(pid) for pid in pids}
    await asyncio.sleep(seconds)
    return sum(read_cpu_seconds(pid) - before[pid] for pid in pids) / seconds * 100


def read_cpu_seconds(pid: int) -> float:
    """Seconds of CPU that a process has used; 0 where the system does not tell by file, or it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
