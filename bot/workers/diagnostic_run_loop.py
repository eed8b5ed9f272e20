"""The worker that leases requested diagnostic runs, runs their checks and records each finding as it comes."""

import asyncio
import logging
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from bot.domain.check_request import CheckRequest
from bot.domain.diagnostic_run import DiagnosticRunRequest, StepResult
from bot.domain.finding import Finding
from bot.domain.incident import Incident
from bot.domain.manual_command import build_manual_command
from bot.domain.playbook import StepKind
from bot.errors import DatabaseUnavailable
from bot.performance import MAX_CONCURRENT_RUNS
from bot.ports.diagnostics import (
    ChartRenderer,
    DiagnosticExecutor,
    PlannedCheck,
    WorkerHung,
    WorkerUnavailable,
    build_hung_result,
    build_planning_failure,
)
from bot.runbook import Runbook
from bot.services import ServiceContext, begin_diagnostic_run, find_run_title
from bot.settings.setting_lookup import find_monitored_value
from bot.workers.finding_recorder import FindingRecorder

log = logging.getLogger(__name__)

POLL = 2.0
"""Seconds between looks for work when nobody says that there is some: for what a dead replica left behind."""

READING, READINGS = 0.25, 20
"""Seconds between looks whether the runbook's commands are understood, and how many: that takes a second after the
start."""

WARM_UP_TIMEOUT_S = 3.0
"""Seconds that a look right after the start lets the clients be made first."""

MAX_WORKERS = 2
"""Workers that are tried for one attempt: checks only read, so a lost one is no reason to answer nothing."""

MAX_ATTEMPTS = 6
"""After so many attempts that came to no end the rest of a look is told as a fault of ours."""

MAX_INTERRUPTIONS = 5
"""So many more where this replica knows that the database ended them: one outage ends several."""


class DiagnosticsWorker:
    """Runs until it is cancelled. Runs in progress are taken over by another replica when their lease ends."""

    def __init__(self, desk: ServiceContext, executor: DiagnosticExecutor, charts: ChartRenderer) -> None:
        self.executor = executor
        self._desk = desk
        self._charts = charts
        self._under_way: dict[asyncio.Task[None], int] = {}
        self._warming: asyncio.Task[None] | None = None
        self._replaced = desk.store.replaced
        self._interrupted: Counter[int] = Counter()

    async def run(self) -> None:
        """Claim and run, for ever."""
        self._warming = asyncio.create_task(self._warm(), name="warming the diagnostics")
        try:
            while True:
                await self._round()
        finally:
            for task in (*self._under_way, self._warming):
                task.cancel()
            await asyncio.gather(*self._under_way, self._warming, return_exceptions=True)
            await self._charts.aclose()

    async def _warm(self) -> None:
        """Warm up what the first incident would wait for, and warn of keys that may do more than read."""
        runbook = await self._now_understood()
        try:
            warnings = await self.executor.warm(runbook)
        except WorkerUnavailable:
            return  # the log has it, and the first look begins anew
        for warning in warnings:
            log.warning("%s", warning)
        log.info("diagnostics worker is warm: ready to query the monitored systems")

    async def _round(self) -> None:
        await self._desk.priority_gate.yield_to_priority()
        free = MAX_CONCURRENT_RUNS - len(self._under_way)
        try:
            await self._stop_what_was_lost()
            await self._stop_what_is_over()
            claimed = await self._desk.store.claim_runs(free, self._under_way.values()) if free > 0 else []
        except DatabaseUnavailable as away:
            log.debug("diagnostic runs wait: the database %s", away.why)
            claimed = []
        running = set(self._under_way.values())
        for asked in claimed:
            if asked.id in running:
                continue  # it takes longer than its lease, which this has renewed
            task = asyncio.create_task(self._look(asked), name=f"look {asked.id}")
            self._under_way[task] = asked.id
            task.add_done_callback(self._under_way.pop)
        await self._desk.store.wait_for_runs(POLL)

    async def _stop_what_was_lost(self) -> None:
        """Cancel all runs when a backup was restored: it may have another run, or none, under the same number. Those
        that it has are claimed again."""
        if self._desk.store.replaced == self._replaced:
            return
        self._replaced = self._desk.store.replaced
        lost = dict(self._under_way)
        for task, look in lost.items():
            task.cancel()
            self._interrupted[look] += 1
            log.warning("diagnostic run %d: given up: a backup was restored", look)
        await asyncio.gather(*lost, return_exceptions=True)

    async def _stop_what_is_over(self) -> None:
        """Cancel the runs of incidents that ended."""
        if not self._under_way:
            return
        over = await self._desk.store.list_stopped_runs(self._under_way.values())
        for task, look in self._under_way.items():
            if look in over:
                task.cancel()

    async def _look(self, asked: DiagnosticRunRequest) -> None:
        replaced = self._desk.store.replaced
        try:
            await self._run(asked)
            self._interrupted.pop(asked.id, None)
        except DatabaseUnavailable as away:
            self._interrupted[asked.id] += 1
            log.warning(
                "diagnostic run %d: the database %s; retrying when its lease ends", asked.id, away.why
            )
        except Exception:
            if self._desk.store.replaced != replaced:
                self._interrupted[asked.id] += 1
                log.warning("diagnostic run %d: given up: a backup was restored", asked.id)
                return
            log.exception(
                "diagnostic run %d failed, error %s; retrying when its lease ends",
                asked.id,
                uuid.uuid4().hex[:8],
            )

    async def _run(self, asked: DiagnosticRunRequest) -> None:
        store = self._desk.store
        situation = await store.situation(asked.incident)
        assert situation is not None
        incident = situation.incident
        runbook = await self._await_runbook(incident)
        planned = await self._plan(asked, runbook, incident)
        results = [check.result for check in planned]
        async with store.transaction() as tx:
            is_wanted = await begin_diagnostic_run(tx, asked, results)
        if not is_wanted:
            return
        title = find_run_title(asked, runbook)
        record = FindingRecorder(self._desk, asked, results, title, incident.declared_at, self._charts)
        writing = asyncio.create_task(record.write(), name=f"record of diagnostic run {asked.id}")
        try:
            may_try = asked.attempts <= MAX_ATTEMPTS + min(self._interrupted[asked.id], MAX_INTERRUPTIONS)
            record.close(is_hung=may_try and await self._ask(asked, planned, record))
            await writing
        finally:
            writing.cancel()

    async def _plan(
        self, asked: DiagnosticRunRequest, runbook: Runbook, incident: Incident
    ) -> Sequence[PlannedCheck]:
        """The checks of the run; those that an earlier attempt has answered keep their results."""
        store = self._desk.store
        async with store.transaction() as tx:
            now = await tx.now()
        planned: Sequence[PlannedCheck]
        try:
            planned = await self.executor.plan(asked, runbook, now, incident.declared_at)
        except WorkerHung:
            planned = [PlannedCheck(build_hung_result(_build_unplanned_result(asked, runbook)))]
        except WorkerUnavailable:
            planned = [PlannedCheck(build_planning_failure(_build_unplanned_result(asked, runbook)))]
        if asked.attempts <= 1:
            return planned
        answered = {result.place: result for result in (await store.look(asked.id)).results if result.verdict}
        return [
            PlannedCheck(answered[place]) if place in answered else check
            for place, check in enumerate(planned)
        ]

    async def _ask(
        self, asked: DiagnosticRunRequest, planned: Sequence[PlannedCheck], record: FindingRecorder
    ) -> bool:
        """Run all checks side by side, and those that a lost worker left unanswered once more; each finding is recorded
        when it comes. Gives whether the last worker hung."""
        if self._warming is not None:  # else the warm-up would count as the monitored system's time
            await asyncio.wait({self._warming}, timeout=WARM_UP_TIMEOUT_S)
        left = [(check.result.place, check.question) for check in planned if check.question]
        is_hung = False
        for attempt in range(1, MAX_WORKERS + 1):
            answered: set[int] = set()
            try:
                await self._ask_once(left, answered, record)
                return False
            except WorkerUnavailable as lost:
                is_hung = isinstance(lost, WorkerHung)
                log.warning("diagnostic run %d: worker %d lost", asked.id, attempt)
            left = [(place, question) for place, question in left if place not in answered]
        log.error("diagnostic run %d: no worker answered; unanswered checks are marked unknown", asked.id)
        return is_hung

    async def _ask_once(
        self, checks: Sequence[tuple[int, CheckRequest]], answered: set[int], record: FindingRecorder
    ) -> None:
        """Run these (place, request), and add the places to `answered`. Raises WorkerUnavailable."""

        async def on_finding(at: int, finding: Finding) -> None:
            place, question = checks[at]
            answered.add(place)
            command = (
                finding.command
                or question.command
                or build_manual_command(question.action, find_monitored_value)
            )
            await record.add_finding(place, replace(finding, command=command))

        await self.executor.ask([question for _, question in checks], on_finding)

    async def _await_runbook(self, incident: Incident) -> Runbook:
        """The incident's runbook, as soon as its commands are understood: right after the start they are not yet."""
        if incident.edition == self._desk.runbook_versions.current.sha:
            await self._now_understood()
        return await self._desk.runbook_versions.of(incident)

    async def _now_understood(self) -> Runbook:
        """The runbook in force, as soon as its commands are understood, or after a while as it is."""
        for _ in range(READINGS):
            if _is_understood(self._desk.runbook_versions.current.runbook):
                break
            await asyncio.sleep(READING)
        return self._desk.runbook_versions.current.runbook


def _build_unplanned_result(asked: DiagnosticRunRequest, runbook: Runbook) -> StepResult:
    """The result for all steps of a run that could not be planned."""
    playbook = runbook.playbook(asked.what) or next(iter(runbook.playbooks), None)
    id, file, line = (playbook.id, playbook.file, playbook.line) if playbook else ("", "", 1)
    return StepResult(
        0, id, line, file, find_run_title(asked, runbook) or "Every step", StepKind.DIAGNOSTIC.value, ""
    )


def _is_understood(runbook: Runbook) -> bool:
    return all(step.meaning is not None for playbook in runbook.playbooks for step in playbook.steps())
