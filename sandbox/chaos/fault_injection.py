"""What is done to the bot: faults of Slack, replicas killed and frozen, the database stopped at once."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.demo.bot_process import BotProcess
from sandbox.slack.faults import Fault, Plan, make_drop, make_rate_limit, make_server_error

BOTS_AHEAD, DATABASE_AHEAD = 200.0, 300.0
"""Seconds by which clocks are set: with five minutes Slack's requests would be too old for the bots. Due times follow
the database's clock: set ahead, the next step of the escalation may fall due."""

LOST = (0.5, 2.5)
"""Seconds between a backup and its restore."""

FROZEN_FOR = 9.0
"""Seconds; longer than a replica's lease on what it is doing, which is seven."""
BETWEEN = (1.5, 3.5)
ROUND = ("kill", "clock", "freeze", "kill", "database", "restore", "clock", "kill")
"""What is done, one after the other and again; the seed shuffles each round."""


def build_fault_plan(seed: int) -> Plan:
    """10% 429; 8% 500, half of them after the work; 8% done and then dropped."""

    def fault(number: int, method: str) -> Fault | None:
        chance = random.Random(f"{seed}:{number}").random()
        if chance < 0.10:
            return make_rate_limit(1)
        if chance < 0.18:
            return make_server_error(after_work=chance < 0.14)
        if chance < 0.26:
            return make_drop(after_work=True)
        return None

    return fault


@dataclass(slots=True)
class FaultInjector:
    """Does it to these replicas and this database until it is told to stop; `done` counts what was done."""

    replicas: list[BotProcess]
    data_dir: Path
    restart_database: Callable[[], Awaitable[None]]
    orphans: Callable[[], list[int]]
    set_clocks: Callable[[float, float], None]
    restore: Callable[[float], Awaitable[None]]
    """Makes a backup, waits so many seconds, and puts it back."""
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
                await self._blows()[blow]()
                self.done[blow] = self.done.get(blow, 0) + 1
        await asyncio.gather(*self._thawing)
        await asyncio.to_thread(self.set_clocks, 0.0, 0.0)

    def _blows(self) -> dict[str, Callable[[], Awaitable[None]]]:
        return {
            "kill": self._kill,
            "clock": self._set_clocks,
            "freeze": self._freeze,
            "database": self._stop_database,
            "restore": self._restore,
        }

    async def _set_clocks(self) -> None:
        bots, database = (self.chance.uniform(-most, most) for most in (BOTS_AHEAD, DATABASE_AHEAD))
        await asyncio.to_thread(self.set_clocks, bots, database)

    async def _restore(self) -> None:
        await self.restore(self.chance.uniform(*LOST))

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
