"""What is said of a remediation by the diagnostics before it and after it; what was not checked is never fine."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from bot.domain.diagnostic_run import BAD, OK, UNKNOWN, WARN, WHOLE, DiagnosticRun, StepResult
from bot.services.remediation_check import judge


def build_results(verdicts: Mapping[str, str | None]) -> tuple[StepResult, ...]:
    return tuple(
        StepResult(place, "api", place, "", title, "diagnostic", "x", verdict=verdict)
        for place, (title, verdict) in enumerate(verdicts.items(), 1)
    )


def build_run(before: Mapping[str, str | None], now: Mapping[str, str | None]) -> DiagnosticRun:
    earlier = {result.step: result for result in build_results(before)}
    at = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)
    return DiagnosticRun(2, 1, 2, WHOLE, "api", "U1", at, at, build_results(now), earlier)


@pytest.mark.parametrize(
    ("before", "now", "sentence"),
    [
        ({"5xx": BAD, "CPU": OK}, {"5xx": OK, "CPU": OK}, "Worked: 0/6 → 6/6; 5xx: failing → OK."),
        (
            {"5xx": BAD, "CPU": BAD},
            {"5xx": OK, "CPU": BAD},
            "Better, and not over: 0/6 → 6/6; 5xx: failing → OK.",
        ),
        ({"5xx": BAD}, {"5xx": BAD}, "Carried out, and nothing got better. Still failing: 5xx."),
        ({"CPU": OK}, {"CPU": BAD}, "Carried out, and it got worse: CPU: OK → failing."),
        ({"CPU": OK}, {"CPU": OK}, "Carried out: 0/6 → 6/6. Nothing that is looked at is failing."),
        (
            {"5xx": BAD, "CPU": OK},
            {"5xx": UNKNOWN, "CPU": OK},
            "Whether it helped cannot be told. Failing before, and not checked now: 5xx.",
        ),
        (
            {"5xx": BAD, "Errors": BAD},
            {"5xx": OK, "Errors": UNKNOWN},
            "Better: 0/6 → 6/6; 5xx: failing → OK. Failing before, and not checked now: Errors.",
        ),
        ({"5xx": WARN}, {"5xx": None}, "Whether it helped cannot be told: nothing could be checked."),
    ],
)
def test_whether_it_helped_is_said_by_what_was_failing_before(
    before: Mapping[str, str | None], now: Mapping[str, str | None], sentence: str
) -> None:
    assert sentence in judge(build_run(before, now), "0/6", "6/6")
