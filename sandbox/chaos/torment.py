"""What is done to the bot: faults of Slack, replicas killed and frozen, the database stopped at once."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.faults import Fault, Plan, dropped, limited, server_error
from sandbox.programs import Program

FROZEN_FOR = 9.0
"""Seconds; longer than a replica's lease on what it is doing, which is seven."""
BETWEEN = (1.5, 3.5)
ROUND = ("kill", "kill", "freeze", "kill", "database", "kill")
"""What is done, one after the other and again; the seed shuffles each round."""


def plan(seed: int) -> Plan:
    """10% 429; 8% 500, half of them after the work; 8% done and then dropped."""

    def fault(number: int, method: str) -> Fault | None:
        chance = random.Random(f"{seed}:{number}").random()
        if chance < 0.10:
            return limited(1)
        if chance < 0.18:
            return server_error(after_work=chance < 0.14)
        if chance < 0.26:
            return dropped(after_work=True)
        return None

    return fault


@dataclass(slots=True)
class Torment:
    """Does it to these replicas and this database until it is told to stop; `done` counts what was done."""

    replicas: list[Program]
    data_dir: Path
    restart_database: Callable[[], Awaitable[None]]
    orphans: Callable[[], list[int]]
    chance: random.Random
    done: dict[str, int] = field(default_factory=dict)
    noticed: list[float] = field(default_factory=list)
    """Seconds until the effects of a killed replica were taken over."""
    _thawing: set[asyncio.Task[None]] = field(default_factory=set)

    async def work(self, until: Callable[[], bool]) -> None:
        """One blow after the other, every kind at least once, and at the end everything whole again."""
        while not until():
            for blow in self.chance.sample(ROUND, len(ROUND)):
                await asyncio.sleep(self.chance.uniform(*BETWEEN))
                if until() and {*ROUND} <= {*self.done}:
                    break
                await {"kill": self._kill, "freeze": self._freeze, "database": self._stop_database}[blow]()
                self.done[blow] = self.done.get(blow, 0) + 1
        await asyncio.gather(*self._thawing)

    async def _kill(self) -> None:
        victim = self.chance.choice(self.replicas)
        victim.kill()
        watching = asyncio.create_task(self._notice())
        await victim.start()
        await watching

    async def _notice(self) -> None:
        """How long the effects of the dead stay with them."""
        began = time.monotonic()
        if not (left := set(await asyncio.to_thread(self.orphans))):
            return
        while left & set(await asyncio.to_thread(self.orphans)):
            if time.monotonic() - began > FROZEN_FOR:
                break
            await asyncio.sleep(0.02)
        self.noticed.append(time.monotonic() - began)

    async def _freeze(self) -> None:
        victim = self.chance.choice(self.replicas)
        victim.send(signal.SIGSTOP)
        pid = victim.pid

        async def thaw() -> None:
            await asyncio.sleep(FROZEN_FOR)
            if victim.pid == pid:
                victim.send(signal.SIGCONT)

        self._thawing.add(asyncio.create_task(thaw()))

    async def _stop_database(self) -> None:
        """As when its machine dies: no connection is ended in good order, nothing is written down."""
        pid = int((self.data_dir / "postgres" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGQUIT)
        await asyncio.sleep(self.chance.uniform(0.2, 1.0))
        await self.restart_database()
