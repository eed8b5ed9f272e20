"""`./tocsin chaos`: two replicas, a failing Slack, kills, freezes, a database that stops, clocks that are set, backups
that are put back, and an impatient crowd.

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

from sandbox.chaos.chaos_environment import ChaosDatabase, ChaosEnvironment, open_chaos_environment
from sandbox.chaos.checker import find_violations
from sandbox.chaos.clients import CrowdMember
from sandbox.chaos.fault_injection import FaultInjector, build_fault_plan
from sandbox.chaos.promises import RequestRecord
from sandbox.slack.faults import plan_no_faults

CROWD = ("ana", "chidi", "eve", "finn", "gita")
SETTLE_TIMEOUT_S = 90.0
"""Seconds after the last fault until nothing waits any more: the longest pause between two tries is 12 s."""


async def run_chaos(
    seed: int,
    seconds: float,
    database: ChaosDatabase,
    folder: Path,
    scopes: Sequence[str],
    events: Sequence[str],
    *,
    say: Callable[[str], None],
    builds: tuple[Path | None, Path | None] = (None, None),
) -> int:
    """Let it rage for so many seconds, wait until all is quiet, and say what the checker found: 0 for nothing, else 1.

    The seed fixes what the crowd tries, which calls fail and what is done when; how they meet in time differs.
    `builds` are the folders of the replicas' code; None for our own.
    """
    say(
        f"Seed {seed}, {seconds:.0f} s: two replicas, one PostgreSQL, a Slack that fails, {len(CROWD)} people."
    )
    async with open_chaos_environment(database, folder, scopes, events, builds) as place:
        torment, told = await inject_faults(place, seed, seconds)
        say(_summarise_faults(place, torment))
        say(_summarise_answers(told))
        began = time.monotonic()
        waiting = await place.wait_for_deliveries(SETTLE_TIMEOUT_S)
        if not waiting:
            say(f"All was delivered {time.monotonic() - began:.1f} s after the last fault.")
        found = [f"not delivered in {SETTLE_TIMEOUT_S:.0f} s: {effect}" for effect in waiting]
        found += find_violations(told, place.read_slack_state())
    for problem in found:
        say(f"VIOLATION  {problem}")
    if found:
        say(f"The replicas' logs: {_create_log_folder(folder, seed)}")
    say(f"{len(found)} violations." if found else "Everything that was accepted is there, once and in order.")
    return 1 if found else 0


def _create_log_folder(folder: Path, seed: int) -> Path:
    """The logs in a folder that stays."""
    kept = folder.parent / f"chaos-logs-{seed}"
    kept.mkdir(exist_ok=True)
    for log in folder.glob("*.log"):
        shutil.copy(log, kept)
    return kept


async def inject_faults(
    place: ChaosEnvironment, seed: int, seconds: float
) -> tuple[FaultInjector, list[RequestRecord]]:
    ends = time.monotonic() + seconds

    def over() -> bool:
        return time.monotonic() > ends

    aiming = random.Random(f"{seed}:aim")
    told: list[RequestRecord] = []
    for who in CROWD:
        place.person(who)
    crowd = [
        CrowdMember(
            place.slack,
            who,
            random.Random(f"{seed}:{who}"),
            lambda: place.aim(aiming),
            lambda: place.era,
            told,
        )
        for who in CROWD
    ]

    async def restore(lost: float) -> None:
        """A backup is put back after so many seconds: what was promised meanwhile is not sure, and nobody goes on with
        incidents of before. The version before knows nothing of restores: it is away until this one has noticed, and
        has found the channels again, which that version would make a second time."""
        kept = len(told)
        noticed = await asyncio.to_thread(place.noticed)
        await asyncio.to_thread(place.back_up)
        await asyncio.sleep(lost)
        place.era += 1
        for replica in place.before:
            replica.kill()
        await asyncio.to_thread(place.restore)
        told[kept:] = [record.mark_uncertain() for record in told[kept:]]
        for member in crowd:
            member.works.clear()
        place.era += 1
        if place.before:
            await place.notices_restore(noticed, SETTLE_TIMEOUT_S)
        for replica in place.before:
            await replica.start()

    torment = FaultInjector(
        place.replicas,
        place.database.folder,
        place.database.ensure_running,
        place.orphans,
        place.set_clocks,
        restore,
        random.Random(f"{seed}:torment"),
    )
    place.slack.api.faults = build_fault_plan(seed)
    await asyncio.gather(torment.work(over), *(client.work(over) for client in crowd))
    place.slack.api.faults = plan_no_faults
    return torment, told


def _summarise_faults(place: ChaosEnvironment, torment: FaultInjector) -> str:
    faults = Counter(call.fault.kind for call in place.slack.calls if call.fault is not None)
    blows = ", ".join(f"{count} x {blow}" for blow, count in sorted(torment.done.items()))
    kinds = ", ".join(f"{count} x {kind}" for kind, count in sorted(faults.items()))
    line = f"Done to it: {blows}. Slack's faults: {kinds} of {len(place.slack.calls)} calls."
    if torment.noticed:
        usual, worst = statistics.median(torment.noticed), max(torment.noticed)
        line += f" A dead replica's effects were taken over after {usual:.1f} s, at most {worst:.1f} s."
    return line


def _summarise_answers(told: Sequence[RequestRecord]) -> str:
    counts = Counter((record.what, record.verdict) for record in told)
    kinds = list(dict.fromkeys(record.what for record in told))
    parts = [
        f"{kind} {counts[kind, 'accepted']}/{counts[kind, 'refused']}/{counts[kind, 'in doubt']}"
        for kind in kinds
    ]
    return f"Accepted/refused/in doubt: {', '.join(parts)}."


__all__ = ["find_violations", "run_chaos"]
