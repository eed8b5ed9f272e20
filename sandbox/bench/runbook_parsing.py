"""How long `check` takes to understand a long runbook, in a process of its own and without its imports."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from sandbox.bench.environment import BenchEnvironment
from sandbox.bench.figures import BenchFigure, BenchRound, compute_median

ROOT = Path(__file__).resolve().parents[2]
LINES = 2_000
PROGRAM = f"""
import sys, time
from pathlib import Path
import botocore.exceptions, botocore.loaders, botocore.model, google.protobuf.message, jmespath, postgast
from bot.runbook import build_json, classify_steps, parse_runbook
text = Path(sys.argv[1]).read_text()
start, end = text.index("## P0 INCIDENT"), text.index("## COMMUNICATION")
body, long = text[start:end], text[:start]
while long.count("\\n") < {LINES}:
    copy = long.count("\\n")
    long += body.replace("INCIDENT:", f"INCIDENT: {{copy}}").replace("production", f"production{{copy}}")
began = time.perf_counter()
build_json(classify_steps(parse_runbook(long + text[end:])))
print((time.perf_counter() - began) * 1000)
"""
"""Every playbook is another one, so that no command is known before; AWS's models are read within the time."""


async def measure_parsing(house: BenchEnvironment, size: BenchRound) -> Sequence[BenchFigure]:
    """A runbook of two thousand lines, the shipped one many times over."""
    taken = []
    for _ in range(size.times):
        running = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            PROGRAM,
            str(ROOT / "templates" / "runbook.md"),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await running.communicate()
        taken.append(float(said))
    return [
        BenchFigure("check of a runbook of 2,000 lines, after its imports", compute_median(taken), 300, "ms")
    ]
