"""Who plans the steps of a look and asks the monitored systems: this process or, by `bot.looking.apart`, another."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from bot.errors import TocsinError
from bot.evidence import ALL, Asked
from bot.looking.plan import Planned, ValueOf, plan
from bot.runbook import Runbook, meaning_of
from bot.step import Action, AwsCall
from diagnostics.question import Question
from diagnostics.runner import Hear, Runner
from diagnostics.systems import Later


class Asking(Protocol):
    """Plans and asks. Each may raise AskedInVain."""

    async def warm(self, runbook: Runbook) -> Sequence[str]:
        """Make ready what the first incident would wait for. Gives a sentence for each key that may do too much."""

    async def plan(self, asked: Asked, runbook: Runbook, now: datetime, began: datetime) -> list[Planned]:
        """The steps of a look in the runbook's order."""

    async def ask(self, questions: Sequence[Question], hear: Hear) -> None:
        """Ask everything side by side; `hear` is told each finding as it comes, with its question's place."""

    async def aclose(self) -> None:
        """Let go of everything."""


class AskedInVain(TocsinError):
    """No answer will come: who asks is gone, or failed by a fault of ours. The log has it."""

    def __init__(self) -> None:
        super().__init__("No answer will come from who asks the monitored systems.")


def actions_of(runbook: Runbook) -> list[Action]:
    """Everything that the steps of all playbooks ask."""
    steps = [step for playbook in runbook.playbooks for step in playbook.steps()]
    return [action for step in steps for action in meaning_of(step).actions]


@dataclass(frozen=True, slots=True)
class Here:
    """Asks from this process. `value_of` gives the variables that name monitored systems."""

    runner: Runner
    systems: Later
    value_of: ValueOf

    async def warm(self, runbook: Runbook) -> Sequence[str]:
        systems = await asyncio.to_thread(lambda: self.systems.made)
        calls = [action.call for action in actions_of(runbook)]
        await systems.warm({call.service for call in calls if isinstance(call, AwsCall)})
        now = datetime.now(UTC)
        await self.plan(Asked(0, 0, ALL, "", ""), runbook, now, now)
        return await systems.warnings()

    async def plan(self, asked: Asked, runbook: Runbook, now: datetime, began: datetime) -> list[Planned]:
        return await asyncio.to_thread(plan, asked, runbook, self.systems, self.value_of, now, began)

    async def ask(self, questions: Sequence[Question], hear: Hear) -> None:
        await self.runner.run([self.systems.job(question) for question in questions], hear)

    async def aclose(self) -> None:
        await self.systems.aclose()
