"""Without its database the bot still says whom to call, and their numbers where they may stand."""

import pytest

from bot.contacts import ContactBook, Handle, HandleKind
from bot.runbook import parse_runbook
from templates.emergency import HIDDEN, list_addresses, render_database_down
from tests.templates.reading import read_aloud

BOOK = ContactBook(
    {
        "CTO": (Handle(HandleKind.SLACK_USER, "U0BRUNO001"), Handle(HandleKind.PHONE, "+919876543210")),
        "DevOps Lead": (
            Handle(HandleKind.SLACK_EMAIL, "devika@team.example"),
            Handle(HandleKind.PAGERDUTY_USER, "PDEV001"),
        ),
        "Night Desk": (Handle(HandleKind.PHONE, "+4930901820"),),
        "Robot": (Handle(HandleKind.APPRISE, "ROBOT_SMS"),),
    }
)
RUNBOOK = """# Runbook

## Contacts

- **CTO**: [Phone]
- **AWS Support**: +1 206 266 4064
- **Front Desk**: ring the bell at the door
- **On-Call Engineer**: [Rotation schedule]
"""


@pytest.mark.parametrize("in_doubt", [False, True])
def test_where_nobody_else_reads_people_are_mentioned_and_their_numbers_stand_there(in_doubt: bool) -> None:
    drawn = render_database_down(parse_runbook(RUNBOOK), BOOK, in_doubt, numbers=True)
    said = read_aloud(drawn)
    assert "{'type': 'user', 'user_id': 'U0BRUNO001'}" in str(drawn.blocks)
    lines = said.splitlines()
    assert "• CTO: @U0BRUNO001, +919876543210" in lines
    assert "• DevOps Lead: devika@team.example" in lines
    assert "• Night Desk: +4930901820" in lines
    assert "• AWS Support: +1 206 266 4064" in lines
    assert "• Front Desk: ring the bell at the door" in lines
    assert "• On-Call Engineer: the runbook only says [Rotation schedule]" in lines
    assert "• Robot: no contact method that works without me" in lines


def test_elsewhere_people_are_mentioned_and_no_number_and_no_address_stands_there() -> None:
    said = read_aloud(render_database_down(parse_runbook(RUNBOOK), BOOK, False))
    lines = said.splitlines()
    assert f"• CTO: @U0BRUNO001, {HIDDEN}" in lines
    assert f"• Night Desk: {HIDDEN}" in lines
    assert f"• AWS Support: {HIDDEN}" in lines
    assert "• Front Desk: ring the bell at the door" in lines
    for private in ("9876543210", "30901820", "206 266", "devika@team.example", "ROBOT_SMS"):
        assert private not in said


@pytest.mark.parametrize("numbers", [False, True])
def test_who_is_known_to_slack_by_an_address_is_mentioned_and_the_address_left_out(numbers: bool) -> None:
    people = {"devika@team.example": "U0DEVIKA01"}
    drawn = render_database_down(parse_runbook(RUNBOOK), BOOK, False, numbers=numbers, people=people)
    assert "{'type': 'user', 'user_id': 'U0DEVIKA01'}" in str(drawn.blocks)
    assert "• DevOps Lead: @U0DEVIKA01" in read_aloud(drawn).splitlines()


def test_the_addresses_to_look_up_are_those_of_slack() -> None:
    assert list_addresses(parse_runbook(RUNBOOK), BOOK) == ["devika@team.example"]
