"""Plans and runs checks in this process; `worker_client` does it in a child process."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.domain.check_request import CheckRequest
from bot.domain.diagnostic_run import ALL, DiagnosticRunRequest
from bot.domain.finding import Finding
from bot.domain.playbook import Action, AwsCall
from bot.ports.diagnostics import OnFinding, PlannedCheck
from bot.runbook import Runbook, classify_step
from diagnostics.engine.command_completion import CommandCompleter
from diagnostics.engine.planner import ValueOf, plan_checks
from diagnostics.engine.router import LazyDiagnostics
from diagnostics.engine.runner import Job, Runner


def list_actions(runbook: Runbook) -> list[Action]:
    """Everything that the steps of all playbooks ask."""
    steps = [step for playbook in runbook.playbooks for step in playbook.steps()]
    meanings = [classify_step(step) for step in steps]
    inner = [command.action for meaning in meanings for command in meaning.inner_commands]
    return [*(action for meaning in meanings for action in meaning.actions), *inner]


@dataclass(frozen=True, slots=True)
class InProcessExecutor:
    """Asks from this process. `value_of` gives the variables that name monitored systems."""

    runner: Runner
    systems: LazyDiagnostics
    value_of: ValueOf

    async def warm(self, runbook: Runbook) -> Sequence[str]:
        systems = await asyncio.to_thread(lambda: self.systems.made)
        calls = [action.call for action in list_actions(runbook)]
        await systems.warm({call.service for call in calls if isinstance(call, AwsCall)})
        now = datetime.now(UTC)
        await self.plan(DiagnosticRunRequest(0, 0, ALL, "", ""), runbook, now, now)
        return await systems.warnings()

    async def plan(
        self, asked: DiagnosticRunRequest, runbook: Runbook, now: datetime, began: datetime
    ) -> list[PlannedCheck]:
        return await asyncio.to_thread(plan_checks, asked, runbook, self.systems, self.value_of, now, began)

    async def ask(self, questions: Sequence[CheckRequest], on_finding: OnFinding) -> None:
        await self.runner.run([self._build_job(question) for question in questions], on_finding)

    def _build_job(self, question: CheckRequest) -> Job:
        job = self.systems.build_job(question)
        if question.unfinished is None:
            return job
        completer = CommandCompleter(self.systems, self.value_of)

        async def collect(by: float) -> Finding:
            complete = await completer.complete(question, by)
            return await self.systems.build_job(complete).collect(by)

        return replace(job, collect=collect)

    async def aclose(self) -> None:
        await self.systems.aclose()
