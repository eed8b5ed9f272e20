"""Who is called next, by a runbook's own escalation and without one."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.contacts import read_book
from bot.runbook import Runbook, Severity, as_text, ladder, read, with_book

SHIPPED = read((Path(__file__).parents[3] / "templates" / "runbook.md").read_text())
NAMES = ("CTO", "DevOps Lead", "On-Call Engineer", "AWS Support")
TOP = """# R
## Severity
### P1 - HIGH
- Response Time: < 15 minutes
- Action: On-call engineer
### P3 - LOW
- Response Time: Next business day
- Action: Ticket
"""


def severity(runbook: Runbook, id: str) -> Severity:
    found = runbook.severity(id)
    assert found is not None
    return found


def rungs(text: str, id: str = "P1") -> list[tuple[int, tuple[str, ...], bool]]:
    """Minutes, names and whether everyone, of the ladder of a runbook with this section."""
    runbook = read(TOP + text)
    return [
        (int(rung.after.total_seconds() // 60), rung.names, rung.everyone)
        for rung in ladder(runbook, severity(runbook, id), NAMES)
    ]


TIMED = [(10, ("DevOps Lead",), False), (30, ("CTO",), False)]


@pytest.mark.parametrize(
    "section",
    [
        "## Escalation\n- **Immediate**: On-call engineer\n- **10 min**: DevOps (if not acknowledged)\n"
        "- **30 min**: CTO\n",
        "## Escalation Policy\n- Page the on-call engineer immediately.\n"
        "- If no acknowledgment within **10 minutes**, escalate to the DevOps Lead.\n"
        "- If still no acknowledgment within 30 minutes, escalate to the CTO.\n",
        "## Escalation\n- **10 minutes without an answer**: page the DevOps Lead\n"
        "- 30 min, no response: call the CTO\n",
        "## Escalation path\n1. T+10 min → DevOps Lead\n2. T+30 min → CTO\n",
        "## Escalation Matrix\n| Time | Escalate to |\n| --- | --- |\n| Immediate | On-call |\n"
        "| 10 min | DevOps Lead |\n| > 30 min | CTO |\n",
        "## Escalation\n| Severity | Contact | After |\n| --- | --- | --- |\n| P1 | DevOps Lead | 10 minutes |\n"
        "| P1 | CTO | 30 minutes |\n| P2 | AWS Support | 20 minutes |\n",
        "## Contacts\n### P1 Escalation\n- After 10 minutes: DevOps\n- After 30 minutes: CTO\n"
        "### P2 Escalation\n- After 20 minutes: AWS Support\n",
    ],
    ids=[
        "labels",
        "sentences",
        "without an answer",
        "arrows",
        "table",
        "table by severity",
        "sections by severity",
    ],
)
def test_levels_by_elapsed_time_are_understood_however_they_are_written(section: str) -> None:
    assert rungs(section) == TIMED


def test_levels_without_times_are_one_response_time_apart() -> None:
    section = "## Escalation Path\n1. On-call engineer\n2. DevOps Lead\n3. CTO\n"
    assert rungs(section) == [(15, ("DevOps Lead",), False), (30, ("CTO",), False)]


def test_without_an_escalation_it_is_devops_then_the_cto_then_everyone() -> None:
    assert rungs("") == [(15, ("DevOps Lead",), False), (30, ("CTO",), False), (45, (), True)]


def test_when_all_hands_were_called_each_is_called_again_in_turn() -> None:
    shipped = ladder(SHIPPED, severity(SHIPPED, "P0"), NAMES)
    assert [(rung.after, rung.names) for rung in shipped] == [
        (timedelta(minutes=5), ("On-Call Engineer",)),
        (timedelta(minutes=10), ("DevOps Lead",)),
        (timedelta(minutes=15), ("CTO",)),
        (timedelta(minutes=20), ()),
    ]


def test_a_severity_that_can_wait_has_no_ladder() -> None:
    assert rungs("## Escalation\n- **10 min**: CTO\n", "P3") == []


def test_words_that_fit_nobody_stay_in_the_ladder_to_be_said() -> None:
    runbook = read(TOP + "## Escalation\n- **20 min**: VP of Engineering\n")
    [rung] = ladder(runbook, severity(runbook, "P1"), NAMES)
    assert (rung.names, rung.unmatched, rung.line) == ((), ("VP of Engineering",), 10)


def test_a_level_is_no_contact_and_a_contact_is_no_level() -> None:
    runbook = read(
        "# R\n## Escalation contacts\n- **10 min**: CTO\n- **Vendor**: +1 415 555 0100 (24 hours)\n"
    )
    assert [contact.name for contact in runbook.contacts] == ["Vendor"]
    assert [level.text for level in runbook.escalation] == ["CTO"]


def test_what_a_playbook_says_about_escalating_is_no_ladder() -> None:
    assert SHIPPED.escalation == ()
    assert rungs(
        "## P0 INCIDENT: X\n### Symptoms\n- a\n### Escalation\n- After 10 minutes: AWS Support\n"
    ) == rungs("")


def test_check_shows_the_levels_and_warns_of_those_that_call_nobody() -> None:
    runbook = read(
        TOP
        + "## Escalation\n- **Immediate**: On-call engineer\n- **20 min**: VP of Sales\n- **1 hour**: open a bridge\n"
        "## Contacts\n- **On-Call Engineer**: <@U012ABCDE>\n"
    )
    text = as_text(runbook, colour=False)
    for words in ("Escalation  3 levels", "at once            On-call engineer  line 10", "after 1 hour"):
        assert words in text, words
    said = [
        (each.line, each.message) for each in runbook.problems if each.message.startswith("The escalation")
    ]
    assert [line for line, _ in said] == [11, 12]
    assert said[1][1] == "The escalation names nobody in “open a bridge”."
    known = read_book('[contacts]\n"VP of Sales" = "slack:U0VP00001"')[0]
    found = with_book(runbook, known, lambda name: True)
    assert [each.line for each in found.problems if each.message.startswith("The escalation")] == [12]
