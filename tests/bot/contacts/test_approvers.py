"""Who may approve a remediation, as the contacts file says it."""

import pytest

from bot.contacts import parse_contacts
from bot.domain.remediation import EXECUTABLE
from bot.text.remediation_kinds import APPROVABLE_KINDS

WHOLE = """
[contacts]
"CTO" = "slack:U0BRUNO001"

[approvers]
"*" = ["slack:S0456EFGH", "CTO", "slack:dana@example.com"]
"ecs.rollback" = "slack:U0DEVIKA01"
break_glass = ["ecs.rollback"]
"""


def test_a_line_of_its_own_replaces_the_one_for_every_kind() -> None:
    book, problems = parse_contacts(WHOLE)
    assert problems == ()
    assert book.approvers.of("ecs.rollback") == ("slack:U0DEVIKA01",)
    assert book.approvers.of("ecs.scale") == ("slack:S0456EFGH", "CTO", "slack:dana@example.com")
    assert book.approvers.break_glass == ("ecs.rollback",)
    assert book.approvers


def test_without_the_table_nobody_approves() -> None:
    book, problems = parse_contacts("[contacts]\nCTO = 'slack:U0BRUNO001'")
    assert problems == ()
    assert not book.approvers
    assert book.approvers.of("ecs.rollback") == ()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('"ecs.rolback" = "CTO"', "is no kind of remediation"),
        ('"*" = "tel:+15550100"', "people approve in Slack"),
        ('"*" = "slack:nobody"', "is no slack handle"),
        ('"*" = []', "must be a Slack handle"),
        ('"*" = 7', "must be a Slack handle"),
        ('break_glass = ["rds.failover"]', "never carried out by one person alone"),
        ('break_glass = ["ecs.scale", "postgres.end_blocker"]', "never carried out by one person alone"),
        ('break_glass = "everything"', "is a list of kinds"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(line: str, said: str) -> None:
    _, problems = parse_contacts(f"[approvers]\n{line}\n")
    (problem,) = problems
    assert problem.startswith(", line 2: ")
    assert said in problem


def test_the_kinds_of_the_file_are_those_that_can_be_carried_out() -> None:
    assert tuple(kind.value for kind in EXECUTABLE) == APPROVABLE_KINDS
