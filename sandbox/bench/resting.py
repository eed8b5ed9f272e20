"""What the bot takes when nothing happens: its start, its memory, the database's work."""

import asyncio
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from sandbox.bench.figures import Figure, Round, median
from sandbox.bench.stage import House, Stage

BETWEEN_SAMPLES = 0.5


async def resting(house: House, size: Round) -> Sequence[Figure]:
    """Starts on a database that exists, and the memory after each."""
    starts, memory = [], []
    database = house.new_database()
    for number in range(size.times + 1):
        async with house.stage(database) as stage:
            await asyncio.sleep(BETWEEN_SAMPLES)
            if number:  # the first start makes the schema
                starts.append(stage.program.took)
                memory.append(resident(stage.program.pid))
    return [
        Figure("start to ready, with its database there", median(starts), 1.0, "s", "others 1.2, 6.8"),
        Figure("memory of the bot's process at rest", median(memory), 95, "MB", "others 231, 949"),
    ]


def resident(pid: int) -> float:
    """The resident memory of a process in MB."""
    said = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True)
    return int(said.stdout) / 1024


def resident_in_all(pid: int) -> float:
    """The same for a process and all that it started."""
    begun = Path(f"/proc/{pid}/task/{pid}/children")
    below = begun.read_text().split() if begun.exists() else []
    return resident(pid) + sum(resident_in_all(int(each)) for each in below)


async def database_work(stage: Stage, seconds: float) -> float:
    """The share of one core that the database takes, in percent, while nothing is asked of the bot."""
    pids = [
        row["pid"] for row in stage.rows("select pid from pg_stat_activity where pid <> pg_backend_pid()")
    ]
    before = {pid: worked(pid) for pid in pids}
    await asyncio.sleep(seconds)
    return sum(worked(pid) - before[pid] for pid in pids) / seconds * 100


def worked(pid: int) -> float:
    """Seconds of CPU that a process has used; 0 where the system does not tell by file, or it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
