"""Runs checks side by side: each has a deadline, each system a concurrency limit, and an error is never healthy."""

import asyncio
import logging
import traceback
import uuid
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.finding import Finding, Inconclusive, UnknownCause, build_unknown_finding
from bot.ports.diagnostics import LESS_BUSY, OnFinding
from bot.text.redaction import redact
from diagnostics.clients.loop_lag import LoopLagMonitor

log = logging.getLogger(__name__)

DEADLINE, TOTAL = 8.0, 22.0
"""Seconds for one step, and for all that were begun together."""

DEADLINE_MARGIN_S = 0.2
"""Seconds before its deadline at which a step gives up by itself, so that it can say what that means."""

CACHE_TTL_S = 15.0
"""For how many seconds a finding serves whoever asks for the same; its `collected_at` tells the age."""

LIMITS: Mapping[str, int] = {"logs": 2, "insights": 2, "postgres": 2, "http": 10}
OTHERS = 4
"""How many steps ask one system at the same time."""

TRIES = 2
"""How often something is asked when this machine was too busy to tell how long it took."""

BUSY = 0.15
"""The share of its time from which on a measurement tells more about this machine than about the other one."""

FAILURES, REST = 3, 30.0
"""After so many failures in a row a system is left alone for so many seconds."""

DOWN = frozenset({UnknownCause.TIMEOUT, UnknownCause.UNREACHABLE, UnknownCause.THROTTLED})
"""Causes that say something about the system and not about the question."""

Collect = Callable[[float], Awaitable[Finding]]
"""Collects and judges. Takes the loop's time by which it has to be done, for what cannot be cancelled."""


@dataclass(frozen=True, slots=True)
class Job:
    """One step to run. `key` says what is asked, equal keys are asked once; `system` is who is asked, such as `ecs`,
    and `place` which one of its kind, such as a host: what fails at one place says nothing about another. `anew` when
    nothing that was asked for before serves, `once` when the other side notices each request."""

    key: str
    system: str
    name: str
    collect: Collect
    place: str = ""
    anew: bool = False
    once: bool = False

    @property
    def asked(self) -> str:
        """Who is asked, in words."""
        return self.place or self.system


@dataclass(slots=True)
class _PendingCheck:
    """A question under way, when it was asked by the loop's time, and how many wait for its answer."""

    task: asyncio.Task[Finding]
    began: float
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class _CacheEntry:
    """An answer that serves for a while: when it was asked for and when it came, by the loop's time."""

    began: float
    came: float
    finding: Finding


@dataclass(slots=True)
class _Health:
    failures: int = 0
    rests_until: float = 0.0


class _SystemSlots(dict[str, asyncio.Semaphore]):
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
    fresh: float = CACHE_TTL_S
    _turns: _SystemSlots = field(default_factory=_SystemSlots, init=False)
    _health: defaultdict[str, _Health] = field(default_factory=lambda: defaultdict(_Health), init=False)
    _under_way: dict[str, _PendingCheck] = field(default_factory=dict, init=False)
    _kept: dict[str, _CacheEntry] = field(default_factory=dict, init=False)
    _standstill: LoopLagMonitor = field(default_factory=LoopLagMonitor, init=False)

    async def run(self, jobs: Sequence[Job], on_finding: OnFinding | None = None) -> list[Finding]:
        """All findings in the order of `jobs`; `on_finding` gets each as it comes, with its place. Never raises.

        Who is cancelled takes along only what nobody else waits for.
        """
        began = asyncio.get_running_loop().time()
        findings: list[Finding | None] = [None] * len(jobs)

        async def one(place: int, job: Job) -> None:
            findings[place] = found = await self._get_finding(job, began)
            if on_finding is not None:
                await on_finding(place, found)

        async with self._standstill.watch(), asyncio.TaskGroup() as group:
            for place, job in enumerate(jobs):
                group.create_task(one(place, job))
        return [finding for finding in findings if finding is not None]

    async def _get_finding(self, job: Job, began: float) -> Finding:
        """The answer for a run that began then, by the loop's time."""
        now = asyncio.get_running_loop().time()
        self._kept = {key: kept for key, kept in self._kept.items() if now - kept.came < self.fresh}
        oldest = began if job.anew else 0.0
        if (kept := self._kept.get(job.key)) is not None and kept.began >= oldest:
            return kept.finding
        flight = self._under_way.get(job.key)
        if flight is None or flight.began < oldest:
            task = asyncio.create_task(
                self._check_and_cache(job, now, began + self.total), name=f"diagnostic {job.key}"
            )
            flight = self._under_way[job.key] = _PendingCheck(task, now)
            task.add_done_callback(lambda _: self._finish_pending(job.key, flight))
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if not flight.waiting:
                self._finish_pending(job.key, flight)  # who asks from now on asks anew
                flight.task.cancel()

    def _finish_pending(self, key: str, flight: _PendingCheck) -> None:
        if self._under_way.get(key) is flight:
            del self._under_way[key]

    async def _check_and_cache(self, job: Job, began: float, ends: float) -> Finding:
        """Ask, once more where this machine was too busy to tell how long it took, and keep the answer."""
        loop = asyncio.get_running_loop()
        health = self._health[job.asked]
        if loop.time() < health.rests_until and not job.anew:
            seconds = round(health.rests_until - loop.time())
            said = f"{job.asked} failed {FAILURES} times in a row: it is asked again in {seconds} s."
            return build_unknown_finding(UnknownCause.UNREACHABLE, said, self.clock())
        found = await self._measure(job, ends)
        if found.cause in (UnknownCause.BUSY, UnknownCause.BUG):
            return found
        self._judge(health, found, loop.time())
        if found.cause is None:
            self._keep(job, found, began)
        return found

    async def _measure(self, job: Job, ends: float) -> Finding:
        """The finding of the first try that this machine had time for; that it had none where no try was."""
        for _ in range(TRIES):
            share = self._standstill.start_measurement()
            found = await self._check_once(job, ends)
            is_timed = found.is_timed or found.cause is UnknownCause.TIMEOUT
            if not is_timed or job.once or share() < BUSY:
                return found
        return build_unknown_finding(
            UnknownCause.BUSY, "Not measured: this machine was busy.", self.clock(), LESS_BUSY
        )

    def _keep(self, job: Job, found: Finding, began: float) -> None:
        """Keep an answer, unless a newer one is kept."""
        before = self._kept.get(job.key)
        if before is None or before.began <= began:
            self._kept[job.key] = _CacheEntry(began, asyncio.get_running_loop().time(), found)

    async def _check_once(self, job: Job, ends: float) -> Finding:
        """One try with its own deadline; whatever goes wrong is a finding that says so."""
        loop = asyncio.get_running_loop()
        asked = False
        try:
            async with asyncio.timeout_at(ends), self._turns[job.system]:
                asked, by = True, min(ends, loop.time() + self.deadline)
                async with asyncio.timeout_at(by):
                    return await job.collect(by - min(DEADLINE_MARGIN_S, (by - loop.time()) / 10))
        except TimeoutError:
            if not asked:
                said = f"{job.name}: skipped, too many concurrent checks against {job.system}."
                return build_unknown_finding(UnknownCause.TIMEOUT, said, self.clock())
            said = f"{job.name}: no answer from {job.asked} in {self.deadline:g} s."
            return build_unknown_finding(UnknownCause.TIMEOUT, said, self.clock())
        except Inconclusive as why:
            return build_unknown_finding(why.cause, why.said, self.clock(), why.next_look)
        except Exception:  # noqa: BLE001 - the log gets all of it, redacted: an error's words may be what was read
            error_id, trace = uuid.uuid4().hex[:8], redact(traceback.format_exc())
            log.error("the diagnostic %s failed, error %s\n%s", job.key, error_id, trace)
            said = f"{job.name}: something went wrong on my side (error {error_id} in the log)."
            return build_unknown_finding(UnknownCause.BUG, said, self.clock())

    def _judge(self, health: _Health, found: Finding, now: float) -> None:
        if found.cause not in DOWN:
            health.failures = 0
            return
        health.failures += 1
        if health.failures >= FAILURES:
            health.failures, health.rests_until = 0, now + REST
