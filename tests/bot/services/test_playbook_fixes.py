"""Which of a playbook's listed fixes a finding points to."""

from pathlib import Path

import pytest

from bot.domain.diagnostic_run import Evidence, StepResult
from bot.domain.evidence import EvidenceTable
from bot.domain.playbook import Playbook
from bot.runbook import parse_runbook
from bot.services.playbook_fixes import find_fixes, list_fixes

SHIPPED = (Path(__file__).parents[3] / "templates" / "runbook.md").read_text()


def payments() -> Playbook:
    found = parse_runbook(SHIPPED).playbook("payment-gateway-failing")
    assert found is not None
    return found


def result(headline: str, verdict: str = "bad", text: str = "", *rows: str) -> StepResult:
    table = EvidenceTable(("pattern",), tuple((row,) for row in rows)) if rows else None
    detail = Evidence(table=table, text=text)
    return StepResult(
        0, "p", 9, "", "Logs", "diagnostic", "x", verdict=verdict, headline=headline, detail=detail
    )


def test_the_shipped_playbook_lists_four() -> None:
    fixes = list(list_fixes(payments()))
    assert [(fix.number, fix.cause) for fix in fixes] == [
        (1, "Webhook signature mismatch"),
        (2, "Rate limiting"),
        (3, "Network issue"),
        (4, "API key expired"),
    ]
    assert fixes[0].deed == "Verify `RAZORPAY_WEBHOOK_SECRET`"


@pytest.mark.parametrize(
    ("headline", "numbers"),
    [
        (
            "Most frequent pattern, 90 lines: Error: razorpay webhook signature mismatch for event evt_<id>.",
            [1],
        ),
        ("Signature mismatched 90 times.", [1]),
        ("429: rate limit exceeded", [2]),
        ("The network is unreachable", [3]),
        ("The API key has expired", [4]),
        ("5.4× the rate of the previous hour (limit 5×)", []),
        ("Every signature is right; one event was mismatched by a partner an hour before", []),
        ("Bank technical error", []),
    ],
)
def test_a_cause_is_found_where_its_words_stand_together(headline: str, numbers: list[int]) -> None:
    assert [fix.number for fix in find_fixes(payments(), result(headline))] == numbers


def test_evidence_counts_too_and_what_is_fine_points_to_nothing() -> None:
    found = find_fixes(
        payments(), result("3 patterns", "warn", "", "webhook signature mismatch for evt_<id>")
    )
    assert [fix.number for fix in found] == [1]
    assert [fix.number for fix in find_fixes(payments(), result("x", "bad", "api key expired"))] == [4]
    assert find_fixes(payments(), result("webhook signature mismatch", "ok")) == ()
    assert find_fixes(None, result("webhook signature mismatch")) == ()
