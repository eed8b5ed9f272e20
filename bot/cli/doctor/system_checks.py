"""The monitored systems: what the runbook's checks ask, asked once, and what each key may and may not."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime

from bot.cli.doctor.lines import CheckLine, Level, Patient
from bot.domain.diagnostic_run import ALL, StepResult
from bot.domain.diagnostic_run import DiagnosticRunRequest as Run
from bot.domain.finding import Finding, UnknownCause, Verdict
from bot.ports.diagnostics import PlannedCheck, WorkerUnavailable
from bot.runbook import classify_steps
from diagnostics.engine.configuration_check import build_missing_check
from diagnostics.engine.worker_client import DiagnosticsWorkerClient

SECTION = "Systems"
BY_HAND = re.compile(r" (?:By hand|Its name): ")
"""Behind this a sentence has the command for a person, which is no mend."""

SET_OR_LEAVE = "Set it (docs/SETTINGS.md), or do that step by hand."
ADDRESS = "Look at the address and the network; it may also be down."
COMPARE = "Compare the runbook's command and the settings with what is there."

BY_CAUSE: dict[UnknownCause | None, tuple[Level, str]] = {
    UnknownCause.FORBIDDEN: (Level.RED, "Give the key that right."),
    UnknownCause.TIMEOUT: (Level.YELLOW, ADDRESS),
    UnknownCause.UNREACHABLE: (Level.YELLOW, ADDRESS),
    UnknownCause.THROTTLED: (Level.YELLOW, ADDRESS),
    UnknownCause.BUSY: (Level.YELLOW, ADDRESS),
    UnknownCause.BUG: (Level.YELLOW, ADDRESS),
    UnknownCause.NOT_CONFIGURED: (Level.YELLOW, SET_OR_LEAVE),
    UnknownCause.NOT_FOUND: (Level.YELLOW, COMPARE),
    UnknownCause.NOT_UNDERSTOOD: (Level.YELLOW, COMPARE),
}
"""How a check is judged of which nothing is known, and what mends it where the check does not say that itself. With all
other causes the system has answered. A right that is missing is the setting's fault: nobody would get an answer."""

IS_BAD = (Level.YELLOW, "See whether it is so now; else the address or the runbook's command is another's.")
"""What a check calls bad: it may be that nothing listens where the setting leads."""


async def check_systems(patient: Patient) -> AsyncIterator[CheckLine]:
    """Ask every check that runs by itself once, and tell by system whether it answered."""
    settings = patient.settings
    executor = DiagnosticsWorkerClient(settings, build_missing_check(settings), patient.book.settings)
    try:
        # A step's meaning has the instant at which it was read: it is read once, for all that follows.
        runbook = await asyncio.to_thread(classify_steps, patient.runbook)
        warnings = await executor.warm(runbook)
        now = datetime.now(UTC)
        planned = await executor.plan(Run(0, 0, ALL, "", ""), runbook, now, now)
        findings: dict[int, Finding] = {}

        async def hear(place: int, finding: Finding) -> None:
            findings[place] = finding

        asked = [check for check in planned if check.question is not None]
        await executor.ask([check.question for check in asked if check.question is not None], hear)
    except WorkerUnavailable as error:
        yield CheckLine(SECTION, Level.RED, str(error), "Look at what it logged, then ask again.")
        return
    finally:
        await executor.aclose()
    for warning in warnings:
        yield CheckLine(SECTION, Level.YELLOW, warning, "Give the key less (docs/OPERATING.md, rights).")
    answered = [(check.result, findings[place]) for place, check in enumerate(asked) if place in findings]
    for line in (*summarise_findings(answered), *summarise_skipped(planned)):
        yield line


def name_system(result: StepResult) -> str:
    """The first part of what a step asks: `ecs`, `postgres`, `http`."""
    return result.runs.partition(".")[0]


def summarise_findings(answered: Iterable[tuple[StepResult, Finding]]) -> list[CheckLine]:
    """One line for each system that answered, and one for each thing that is bad, refused, or was not said."""
    right: dict[str, int] = {}
    wrong: dict[tuple[str, str], CheckLine] = {}
    for result, finding in answered:
        system = name_system(result)
        judged = IS_BAD if finding.verdict is Verdict.BAD else BY_CAUSE.get(finding.cause)
        if judged is None:
            right[system] = right.get(system, 0) + 1
            continue
        level, mend = judged
        text = f"{system}: {finding.headline}"
        wrong[system, finding.headline] = CheckLine(SECTION, level, text, finding.next_look or mend)
    green = [
        CheckLine(SECTION, Level.GREEN, f"{system} answers ({count} {'check' if count == 1 else 'checks'})")
        for system, count in right.items()
    ]
    return [*green, *wrong.values()]


def summarise_skipped(planned: Iterable[PlannedCheck]) -> list[CheckLine]:
    """What was not asked since a setting is missing, each once."""
    skipped: dict[str, int] = {}
    for check in planned:
        if check.question is None and check.result.cause == UnknownCause.NOT_CONFIGURED.value:
            sentence = BY_HAND.split(check.result.headline)[0]
            skipped[sentence] = skipped.get(sentence, 0) + 1
    return [
        CheckLine(
            SECTION, Level.YELLOW, f"{sentence} ({count} {'step' if count == 1 else 'steps'})", SET_OR_LEAVE
        )
        for sentence, count in skipped.items()
    ]
