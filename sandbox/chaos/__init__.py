"""`./tocsin chaos`: two replicas, a failing Slack, kills, freezes, a database that stops, and an impatient crowd.

What the crowd was told is then held against what stands in Slack, by a checker that knows nothing of the bot.
"""

import asyncio
import random
import shutil
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from sandbox.chaos.checker import violations
from sandbox.chaos.crowd import Member
from sandbox.chaos.ground import Database, Ground, ground
from sandbox.chaos.told import Told
from sandbox.chaos.torment import Torment, plan
from sandbox.faults import no_faults

CROWD = ("ana", "chidi", "eve", "finn", "gita")
SETTLES_WITHIN = 90.0
"""Seconds after the last fault until nothing waits any more: the longest pause between two tries is 12 s."""


async def play(
    seed: int,
    seconds: float,
    database: Database,
    folder: Path,
    scopes: Sequence[str],
    events: Sequence[str],
    *,
    say: Callable[[str], None],
) -> int:
    """Let it rage for so many seconds, wait until all is quiet, and say what the checker found: 0 for nothing, else 1.

    The seed fixes what the crowd tries, which calls fail and what is done when; how they meet in time differs.
    """
    say(
        f"Seed {seed}, {seconds:.0f} s: two replicas, one PostgreSQL, a Slack that fails, {len(CROWD)} people."
    )
    async with ground(database, folder, scopes, events) as place:
        torment, told = await rage(place, seed, seconds)
        say(_suffered(place, torment))
        say(_heard(told))
        began = time.monotonic()
        waiting = await place.still_waiting(SETTLES_WITHIN)
        if not waiting:
            say(f"All was delivered {time.monotonic() - began:.1f} s after the last fault.")
        found = [f"not delivered in {SETTLES_WITHIN:.0f} s: {each}" for each in waiting]
        found += violations(told, place.shown())
    for each in found:
        say(f"VIOLATION  {each}")
    if found:
        say(f"The replicas' logs: {_kept(folder, seed)}")
    say(f"{len(found)} violations." if found else "Everything that was accepted is there, once and in order.")
    return 1 if found else 0


def _kept(folder: Path, seed: int) -> Path:
    """The logs in a folder that stays."""
    kept = folder.parent / f"chaos-logs-{seed}"
    kept.mkdir(exist_ok=True)
    for log in folder.glob("*.log"):
        shutil.copy(log, kept)
    return kept


async def rage(place: Ground, seed: int, seconds: float) -> tuple[Torment, list[Told]]:
    ends = time.monotonic() + seconds

    def over() -> bool:
        return time.monotonic() > ends

    aiming = random.Random(f"{seed}:aim")
    told: list[Told] = []
    for who in CROWD:
        place.person(who)
    crowd = [
        Member(place.slack, who, random.Random(f"{seed}:{who}"), lambda: place.aim(aiming), told)
        for who in CROWD
    ]
    torment = Torment(
        place.replicas,
        place.database.folder,
        place.database.ensure_running,
        place.orphans,
        random.Random(f"{seed}:torment"),
    )
    place.slack.api.faults = plan(seed)
    await asyncio.gather(torment.work(over), *(each.work(over) for each in crowd))
    place.slack.api.faults = no_faults
    return torment, told


def _suffered(place: Ground, torment: Torment) -> str:
    faults = Counter(call.fault.kind for call in place.slack.calls if call.fault is not None)
    blows = ", ".join(f"{count} x {blow}" for blow, count in sorted(torment.done.items()))
    kinds = ", ".join(f"{count} x {kind}" for kind, count in sorted(faults.items()))
    line = f"Done to it: {blows}. Slack's faults: {kinds} of {len(place.slack.calls)} calls."
    if torment.noticed:
        usual, worst = statistics.median(torment.noticed), max(torment.noticed)
        line += f" A dead replica's effects were taken over after {usual:.1f} s, at most {worst:.1f} s."
    return line


def _heard(told: Sequence[Told]) -> str:
    counts = Counter((each.what, each.verdict) for each in told)
    kinds = list(dict.fromkeys(each.what for each in told))
    parts = [
        f"{kind} {counts[kind, 'accepted']}/{counts[kind, 'refused']}/{counts[kind, 'in doubt']}"
        for kind in kinds
    ]
    return f"Accepted/refused/in doubt: {', '.join(parts)}."


__all__ = ["play", "violations"]
