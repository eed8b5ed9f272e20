"""Runs steps side by side: each has its deadline, no system is asked by too many, and an error is never healthy."""

import asyncio
import logging
import traceback
import uuid
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from diagnostics.finding import CannotTell, Cause, Finding, unknown
from diagnostics.redaction import redacted

log = logging.getLogger(__name__)

DEADLINE, TOTAL = 8.0, 22.0
"""Seconds for one step, and for all that were begun together."""

SPARE = 0.2
"""Seconds before its deadline at which a step gives up by itself, so that it can say what that means."""

FRESH = 15.0
"""For how many seconds a finding serves whoever asks for the same; its `collected_at` tells the age."""

LIMITS: Mapping[str, int] = {"logs": 2, "insights": 2, "postgres": 2, "http": 10}
OTHERS = 4
"""How many steps ask one system at the same time."""

FAILURES, REST = 3, 30.0
"""After so many failures in a row a system is left alone for so many seconds."""

DOWN = frozenset({Cause.TIMEOUT, Cause.UNREACHABLE, Cause.THROTTLED})
"""Causes that say something about the system and not about the question."""

Collect = Callable[[float], Awaitable[Finding]]
"""Collects and judges. Takes the loop's time by which it has to be done, for what cannot be cancelled."""

Hear = Callable[[int, Finding], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Job:
    """One step to run. `key` says what is asked, equal keys are asked once; `system` is who is asked, such as `ecs`,
    and `place` which one of its kind, such as a host: what fails at one place says nothing about another."""

    key: str
    system: str
    name: str
    collect: Collect
    place: str = ""

    @property
    def asked(self) -> str:
        """Who is asked, in words."""
        return self.place or self.system


@dataclass(slots=True)
class _Flight:
    """A question under way, and how many wait for its answer."""

    task: asyncio.Task[Finding]
    waiting: int = 0


@dataclass(slots=True)
class _Health:
    failures: int = 0
    rests_until: float = 0.0


class _Turns(dict[str, asyncio.Semaphore]):
    """The turns at each system."""

    def __missing__(self, system: str) -> asyncio.Semaphore:
        made = self[system] = asyncio.Semaphore(LIMITS.get(system, OTHERS))
        return made


@dataclass(slots=True)
class Runner:
    """Shared by everybody who runs steps; `clock` gives now, with a zone."""

    clock: Callable[[], datetime]
    deadline: float = DEADLINE
    total: float = TOTAL
    fresh: float = FRESH
    _turns: _Turns = field(default_factory=_Turns, init=False)
    _health: defaultdict[str, _Health] = field(default_factory=lambda: defaultdict(_Health), init=False)
    _under_way: dict[str, _Flight] = field(default_factory=dict, init=False)
    _kept: dict[str, tuple[float, Finding]] = field(default_factory=dict, init=False)

    async def run(self, jobs: Sequence[Job], hear: Hear | None = None) -> list[Finding]:
        """All findings in the order of `jobs`; `hear` is told each as it comes, with its place. No step makes it raise.

        Who is cancelled takes along only what nobody else waits for.
        """
        ends = asyncio.get_running_loop().time() + self.total
        findings: list[Finding | None] = [None] * len(jobs)

        async def one(place: int, job: Job) -> None:
            findings[place] = found = await self._found(job, ends)
            if hear is not None:
                await hear(place, found)

        async with asyncio.TaskGroup() as group:
            for place, job in enumerate(jobs):
                group.create_task(one(place, job))
        return [each for each in findings if each is not None]

    async def _found(self, job: Job, ends: float) -> Finding:
        now = asyncio.get_running_loop().time()
        self._kept = {key: kept for key, kept in self._kept.items() if now - kept[0] < self.fresh}
        if (kept := self._kept.get(job.key)) is not None:
            return kept[1]
        flight = self._under_way.get(job.key)
        if flight is None:
            task = asyncio.create_task(self._asked(job, ends), name=f"diagnostic {job.key}")
            flight = self._under_way[job.key] = _Flight(task)
            task.add_done_callback(lambda _: self._landed(job.key, flight))
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if not flight.waiting:
                self._landed(job.key, flight)  # who asks from now on asks anew
                flight.task.cancel()

    def _landed(self, key: str, flight: _Flight) -> None:
        if self._under_way.get(key) is flight:
            del self._under_way[key]

    async def _asked(self, job: Job, ends: float) -> Finding:
        loop = asyncio.get_running_loop()
        health = self._health[job.asked]
        if loop.time() < health.rests_until:
            seconds = round(health.rests_until - loop.time())
            said = f"{job.asked} failed {FAILURES} times in a row: it is asked again in {seconds} s."
            return unknown(Cause.UNREACHABLE, said, self.clock())
        asked = False
        try:
            async with asyncio.timeout_at(ends), self._turns[job.system]:
                asked, by = True, min(ends, loop.time() + self.deadline)
                async with asyncio.timeout_at(by):
                    found = await job.collect(by - min(SPARE, (by - loop.time()) / 10))
        except TimeoutError:
            if not asked:
                said = f"{job.name}: not asked, too many steps ask {job.system}."
                return unknown(Cause.TIMEOUT, said, self.clock())
            said = f"{job.name}: no answer from {job.asked} in {self.deadline:g} s."
            found = unknown(Cause.TIMEOUT, said, self.clock())
        except CannotTell as why:
            found = unknown(why.cause, why.said, self.clock(), why.next_look)
        except Exception:  # noqa: BLE001 - the log gets all of it, redacted: an error's words may be what was read
            error_id, trace = uuid.uuid4().hex[:8], redacted(traceback.format_exc())
            log.error("the diagnostic %s failed, error %s\n%s", job.key, error_id, trace)
            return unknown(
                Cause.BUG, f"{job.name}: a fault of mine. The log has it as error {error_id}.", self.clock()
            )
        self._judge(health, found, loop.time())
        if found.cause is None:
            self._kept[job.key] = (loop.time(), found)
        return found

    def _judge(self, health: _Health, found: Finding, now: float) -> None:
        if found.cause not in DOWN:
            health.failures = 0
            return
        health.failures += 1
        if health.failures >= FAILURES:
            health.failures, health.rests_until = 0, now + REST
