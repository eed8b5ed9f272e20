"""Who is called next, by a runbook's own escalation and without one."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.contacts import parse_contacts
from bot.runbook import Runbook, Severity, add_contact_book, build_escalation, format_report, parse_runbook

SHIPPED = parse_runbook((Path(__file__).parents[3] / "templates" / "runbook.md").read_text())
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
    runbook = parse_runbook(TOP + text)
    return [
        (int(rung.after.total_seconds() // 60), rung.names, rung.everyone)
        for rung in build_escalation(runbook, severity(runbook, id), NAMES)
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
        "## Escalation Matrix\n### Level 1: On-Call Engineer (0-10 minutes)\n- Look, then stop the bleeding\n"
        "### Level 2: DevOps Lead (10-30 minutes)\n- Everything that is harder\n### Level 3: CTO (30+ minutes)\n",
        "## Escalation\n### L1 - On-call engineer\nAnswers at once.\n### L2 - DevOps Lead (after 10 min)\n"
        "- **Phone**: +1 415 555 0100\n### L3\n- **Who**: CTO\n- **When**: no answer for 30 minutes\n",
        "## Escalation Timeline\n- 0-10 min: On-call engineer\n- 10\u201330 min: DevOps Lead\n- 30+ min: CTO\n",
        "## Escalation\n| Level | Contact | Elapsed |\n| --- | --- | --- |\n| 2 | DevOps Lead | 10 to 30 minutes |\n"
        "| 3 | CTO | > 30 minutes |\n",
    ],
    ids=[
        "labels",
        "sentences",
        "without an answer",
        "arrows",
        "table",
        "table by severity",
        "sections by severity",
        "headings with ranges",
        "headings with their times below",
        "ranges",
        "table with ranges",
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
    shipped = build_escalation(SHIPPED, severity(SHIPPED, "P0"), NAMES)
    assert [(rung.after, rung.names) for rung in shipped] == [
        (timedelta(minutes=5), ("On-Call Engineer",)),
        (timedelta(minutes=10), ("DevOps Lead",)),
        (timedelta(minutes=15), ("CTO",)),
        (timedelta(minutes=20), ()),
    ]


def test_a_severity_that_can_wait_has_no_ladder() -> None:
    assert rungs("## Escalation\n- **10 min**: CTO\n", "P3") == []


def test_words_that_fit_nobody_stay_in_the_ladder_to_be_said() -> None:
    runbook = parse_runbook(TOP + "## Escalation\n- **20 min**: VP of Engineering\n")
    [rung] = build_escalation(runbook, severity(runbook, "P1"), NAMES)
    assert (rung.names, rung.unmatched, rung.line) == ((), ("VP of Engineering",), 10)


def test_a_level_is_no_contact_and_a_contact_is_no_level() -> None:
    runbook = parse_runbook(
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
    runbook = parse_runbook(
        TOP
        + "## Escalation\n- **Immediate**: On-call engineer\n- **20 min**: VP of Sales\n- **1 hour**: open a bridge\n"
        "## Contacts\n- **On-Call Engineer**: <@U012ABCDE>\n"
    )
    text = format_report(runbook, colour=False)
    for words in ("Escalation  3 levels", "at once            On-call engineer  line 10", "after 1 hour"):
        assert words in text, words
    said = [
        (problem.line, problem.message)
        for problem in runbook.problems
        if problem.message.startswith("The escalation")
    ]
    assert [line for line, _ in said] == [11, 12]
    assert (
        said[1][1]
        == "The escalation names nobody in “open a bridge”. Write who is paged: the name of a contact."
    )
    known = parse_contacts('[contacts]\n"VP of Sales" = "slack:U0VP00001"')[0]
    found = add_contact_book(runbook, known, lambda name: True)
    assert [problem.line for problem in found.problems if problem.message.startswith("The escalation")] == [
        12
    ]


@pytest.mark.parametrize(
    "said",
    [
        "- **Escalation**: 10 min \u2192 DevOps Lead, 30 min \u2192 CTO\n",
        "- **Escalate:** after 10 minutes to the DevOps Lead; after 30 minutes to the CTO\n",
        "- **Auto-escalation**: If not acknowledged in 10 minutes, escalate to DevOps Lead, then CTO after 30 min\n",
        "- **Escalation**:\n  - 10 minutes: DevOps Lead\n  - 30 minutes: CTO\n",
        "\n**Escalation:**\n- After 10 minutes, page the DevOps Lead\n- After 30 minutes, page the CTO\n",
        "\n#### Escalation\n- After 10 minutes: DevOps Lead\n- After 30 minutes: CTO\n",
    ],
    ids=["arrows", "semicolons", "auto", "nested", "bold", "heading"],
)
def test_an_escalation_inside_a_severity_is_its_own(said: str) -> None:
    runbook = parse_runbook(
        TOP.replace("- Action: On-call engineer\n", f"- Action: On-call engineer\n{said}")
    )
    assert {(each.severity, each.after) for each in runbook.escalation} == {
        ("P1", timedelta(minutes=10)),
        ("P1", timedelta(minutes=30)),
    }
    found = build_escalation(runbook, severity(runbook, "P1"), NAMES)
    assert [(rung.after, rung.names) for rung in found] == [
        (timedelta(minutes=10), ("DevOps Lead",)),
        (timedelta(minutes=30), ("CTO",)),
    ]
    assert severity(runbook, "P1").action == "On-call engineer"


def test_labels_in_a_section_say_for_which_severity_its_levels_are() -> None:
    assert rungs("## Escalation\nP0:\n- 5m: AWS Support\n\nP1:\n- 10m: DevOps Lead\n- 30m: CTO\n") == TIMED
    assert (
        rungs("## Escalation\n**P0**\n- 5m: AWS Support\n\n**P1**\n- 10m: DevOps Lead\n- 30m: CTO\n") == TIMED
    )


def test_a_column_of_the_severities_table_tells_who_is_called_when() -> None:
    runbook = parse_runbook(
        "# R\n## Severity Levels\n| Severity | Response Time | Notify | Escalate after | Escalate to |\n"
        "|---|---|---|---|---|\n| SEV-1 | 5 min | On-call engineer | 10 min | CTO |\n"
        "| SEV-2 | 30 min | On-call engineer | 1 hour | DevOps Lead |\n"
    )
    assert [(each.severity, each.after, each.text) for each in runbook.escalation] == [
        ("SEV1", timedelta(minutes=10), "CTO"),
        ("SEV2", timedelta(hours=1), "DevOps Lead"),
    ]
    assert [each.action for each in runbook.severities] == ["On-call engineer", "On-call engineer"]


def test_who_is_told_without_a_time_belongs_to_the_first_call() -> None:
    runbook = parse_runbook(TOP.replace("Action: On-call engineer", "Escalation: DevOps Lead, CTO"))
    assert severity(runbook, "P1").action == "DevOps Lead, CTO"
    assert runbook.escalation == ()


def test_an_escalation_that_names_nobody_is_told_and_the_usual_one_stays() -> None:
    runbook = parse_runbook(
        TOP.replace(
            "- Action: On-call engineer\n", "- Action: On-call engineer\n- **Escalate:** After 10 minutes\n"
        )
    )
    assert [
        problem.line
        for problem in runbook.problems
        if "names nobody in “After 10 minutes”" in problem.message
    ] == [6]
    assert [rung.names for rung in build_escalation(runbook, severity(runbook, "P1"), NAMES)] == [
        ("DevOps Lead",),
        ("CTO",),
        (),
    ]


def test_the_headings_of_levels_are_contacts_where_they_have_handles() -> None:
    runbook = parse_runbook(
        TOP
        + "## Escalation\n### Level 1: On-call engineer\n- **Who**: the one on call\n- **When**: at once\n"
        "### Level 2: Team Lead (after 15 minutes)\n- **Slack**: <@U012ABCDE>\n- **Phone**: +1 415 555 0100\n"
    )
    assert [(contact.name, contact.line, contact.handles) for contact in runbook.contacts] == [
        ("Team Lead", 13, ("slack:U012ABCDE", "tel:+14155550100"))
    ]
    assert [(each.text, each.after) for each in runbook.escalation] == [
        ("On-call engineer", timedelta(0)),
        ("Team Lead", timedelta(minutes=15)),
    ]


@pytest.mark.parametrize(
    "listed",
    [
        "1. Call the on-call engineer\n2. After 10 minutes call the DevOps Lead\n3. After 30 minutes, the CTO\n",
        "1. On-call engineer\n2. DevOps Lead (after 10 minutes)\n3. CTO (after 30 minutes)\n",
        "1. On-call engineer\n2. T+10 min: DevOps Lead\n3. T+30 min: CTO\n",
        "1. On-call engineer\n2. After 10 minutes: DevOps Lead\n3. After another 20 minutes: CTO\n",
        "1. On-call engineer (10 minutes)\n2. DevOps Lead (20 minutes)\n3. CTO\n",  # how long each tries
    ],
)
@pytest.mark.parametrize("heading", ["Escalation", "How to Escalate", "Escalation Procedure"])
def test_an_order_may_say_when_each_is_called(heading: str, listed: str) -> None:
    assert rungs(f"## {heading}\n{listed}") == TIMED
