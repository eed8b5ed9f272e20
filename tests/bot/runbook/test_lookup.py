"""What somebody may mean who names a playbook or a step in a hurry."""

from pathlib import Path

import pytest

from bot.runbook import find_by_title, parse_runbook, suggest_titles

RUNBOOK = parse_runbook((Path(__file__).parents[3] / "templates" / "runbook.md").read_text(encoding="utf-8"))
DOWN, PAYMENTS = RUNBOOK.playbook("api-completely-down"), RUNBOOK.playbook("payment-gateway-failing")


@pytest.mark.parametrize(
    ("words", "titles"),
    [
        ("Check RDS cluster status", ["Check RDS cluster status"]),
        ("check ecs SERVICE status", ["Check ECS service status"]),
        ("ecs service", ["Check ECS service status"]),
        ("status", ["Check ECS service status"]),
        ("redis", ["Check Redis performance"]),
        ("slow-api-responses", ["SLOW API RESPONSES"]),
        ("database", ["DATABASE UNAVAILABLE"]),
        ("razorpay", ["Check Razorpay status", "Check Razorpay dashboard"]),
        ("ecs serivce status", []),
        ("the coffee machine", []),
        ("the", []),
        ("", []),
    ],
)
def test_a_whole_title_is_that_one_and_every_word_counts(words: str, titles: list[str]) -> None:
    assert [each.title for each in find_by_title(RUNBOOK, DOWN, words)] == titles


def test_what_fits_a_step_and_a_playbook_is_not_decided_for_somebody() -> None:
    titles = [each.title for each in find_by_title(RUNBOOK, PAYMENTS, "payment")]
    assert titles == ["Check recent payment logs", "PAYMENT GATEWAY FAILING"]


@pytest.mark.parametrize(
    ("words", "titles"),
    [
        ("ecs serivce status", ["Check ECS service status"]),
        ("chekc locks", ["Check for locks"]),
        ("databse unavailable", ["DATABASE UNAVAILABLE"]),
        ("the coffee machine", []),
        ("?!", []),
        ("x" * 5000, []),
    ],
)
def test_a_mistyped_title_is_near(words: str, titles: list[str]) -> None:
    assert list(suggest_titles(RUNBOOK, DOWN, words)) == titles
