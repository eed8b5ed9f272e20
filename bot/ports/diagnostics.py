"""The ports of diagnostics: plan the checks of a run, run them, draw charts."""

import logging
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from bot.domain.check_request import CheckRequest
from bot.domain.diagnostic_run import UNKNOWN, DiagnosticRunRequest, StepResult
from bot.domain.finding import ChartSeries, Finding, UnknownCause
from bot.domain.incident_statistics import StatisticsChart
from bot.errors import TocsinError
from bot.runbook import Runbook

log = logging.getLogger(__name__)

OnFinding = Callable[[int, Finding], Awaitable[None]]
"""Gets each finding as it comes, with the place of its request in what was asked."""


@dataclass(frozen=True, slots=True)
class PlannedCheck:
    """One step of a run: as it is shown, and its request; None where it waits for somebody or lacks something."""

    result: StepResult
    question: CheckRequest | None = None


def build_planning_failure(result: StepResult) -> StepResult:
    """The result of a step that could not be planned by a fault of ours; for use where that was caught."""
    error_id = uuid.uuid4().hex[:8]
    log.exception("planning %s failed, error %s", result.title, error_id)
    sentence = f"{result.title}: something went wrong on my side (error {error_id} in the log)."
    return replace(result, verdict=UNKNOWN, cause=UnknownCause.BUG.value, headline=sentence)


LESS_BUSY = "Run it again, and check the load of the machine that Tocsin runs on."
HUNG = f"Not measured: the checks came to no end in time. {LESS_BUSY}"
"""What is told of a step where this machine, and not the other one, is what took so long; and what to do then."""


def build_hung_result(result: StepResult) -> StepResult:
    """The result of a step whose worker gave no answer for so long that it was ended."""
    return replace(result, verdict=UNKNOWN, cause=UnknownCause.BUSY.value, headline=HUNG)


class WorkerUnavailable(TocsinError):
    """No answer will come: the diagnostics worker stopped, or failed by a fault of ours. The log has it."""

    def __init__(self, said: str = "The diagnostics worker stopped before answering.") -> None:
        super().__init__(said)


class WorkerHung(WorkerUnavailable):
    """No answer came for so long that the worker was ended: this machine was busy, or a check never ends."""

    def __init__(self) -> None:
        super().__init__("The diagnostics worker did not answer in time.")


class DiagnosticExecutor(Protocol):
    """Plans and runs checks. Each method may raise WorkerUnavailable."""

    async def warm(self, runbook: Runbook) -> Sequence[str]:
        """Make ready what the first incident would wait for. Gives a sentence for each key that may do too much."""

    async def plan(
        self, asked: DiagnosticRunRequest, runbook: Runbook, now: datetime, began: datetime
    ) -> list[PlannedCheck]:
        """The steps of a run in the runbook's order. A step that cannot be planned is in it, as unknown."""

    async def ask(self, questions: Sequence[CheckRequest], on_finding: OnFinding) -> None:
        """Run all checks side by side; `on_finding` gets each finding as it comes."""

    async def aclose(self) -> None:
        """Release everything."""


class StatisticsRenderer(Protocol):
    """Draws statistics."""

    async def render_statistics(self, chart: StatisticsChart) -> bytes:
        """A PNG. Raises OSError when it cannot be drawn in time."""


class ChartRenderer(Protocol):
    """Draws measured series."""

    async def render(
        self,
        series: Sequence[ChartSeries],
        title: str,
        began: datetime | None,
        marks: Sequence[tuple[datetime, str]],
    ) -> bytes:
        """A PNG of the series with their limit, the start of the incident and the marks.

        Raises OSError when it cannot be drawn in time.
        """

    def describe(self, series: Sequence[ChartSeries]) -> str:
        """The same in words, for who cannot see the picture."""

    async def aclose(self) -> None:
        """Release everything."""
