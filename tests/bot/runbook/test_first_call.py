"""Who is called first: whom the severity's action names, and where the escalation begins."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.contacts import parse_contacts
from bot.runbook import (
    Runbook,
    Severity,
    add_contact_book,
    build_escalation,
    build_json,
    check_reach,
    format_report,
    parse_runbook,
    select_first_contacts,
)

NAMES = ("CTO", "DevOps Lead", "On-Call Engineer", "AWS Support")
CONTACTS = (
    "## Contacts\n- **CTO**: <@U0BRUNO001>\n- **DevOps Lead**: <@U0DEVIKA01>\n"
    "- **On-Call Engineer**: <@U0CHIDI001>\n- **AWS Support**: +1 415 555 0100\n"
)
SEVERITIES = (
    "# R\n## Severity\n### P0 - CRITICAL\n- Response Time: < 5 minutes\n{action}"
    "### P1 - HIGH\n- Response Time: < 15 minutes\n{action}"
    "### P2 - MEDIUM\n- Response Time: < 1 hour\n{action}"
    "### P3 - LOW\n- Response Time: Next business day\n{action}"
)


def runbook(escalation: str, action: str = "") -> Runbook:
    said = f"- Action: {action}\n" if action else ""
    return parse_runbook(SEVERITIES.format(action=said) + escalation + CONTACTS)


def severity(found: Runbook, id: str) -> Severity:
    level = found.severity(id)
    assert level is not None
    return level


def called(found: Runbook, id: str = "P1") -> tuple[str, ...]:
    """The names of the first call."""
    return select_first_contacts(found, severity(found, id), NAMES).matched


def later(found: Runbook, id: str = "P1") -> list[tuple[int, tuple[str, ...]]]:
    """Minutes and names of what follows it."""
    return [
        (int(rung.after.total_seconds() // 60), rung.names)
        for rung in build_escalation(found, severity(found, id), NAMES)
    ]


ONE_AFTER_THE_OTHER = [
    "## Escalation\n- **0 min**: On-call engineer\n- **15 min**: DevOps Lead\n- **30 min**: CTO\n",
    "## Escalation\n- **Immediate**: On-call engineer\n- **15 min**: DevOps\n- **30 min**: CTO\n",
    "## Escalation Policy\n- Page the on-call engineer immediately.\n- After 15 minutes page the DevOps Lead.\n"
    "- After 30 minutes page the CTO.\n",
    "## Escalation Matrix\n| Time | Escalate to |\n| --- | --- |\n| 0 minutes | On-Call Engineer |\n"
    "| 15 minutes | DevOps Lead |\n| 30 minutes | CTO |\n",
    "## Escalation Matrix\n### Level 1: On-Call Engineer (0-15 minutes)\n- Look\n"
    "### Level 2: DevOps Lead (15-30 minutes)\n- Look\n### Level 3: CTO (30+ minutes)\n",
    "## Escalation path\n1. T+0 min → On-call engineer\n2. T+15 min → DevOps Lead\n3. T+30 min → CTO\n",
    "## Escalation path\n1. On-call engineer\n2. DevOps Lead\n3. CTO\n",
    "## Escalation Matrix\n### Level 1: On-Call Engineer\n- Look\n### Level 2: DevOps Lead\n- Look\n"
    "### Level 3: CTO\n- Look\n",
]


@pytest.mark.parametrize("action", ["", "Fix it", "Stop the bleeding", "Open a bridge, then a ticket"])
@pytest.mark.parametrize("escalation", ONE_AFTER_THE_OTHER)
def test_where_the_action_names_nobody_the_escalations_first_step_is_the_first_call(
    escalation: str, action: str
) -> None:
    found = runbook(escalation, action)
    assert called(found) == ("On-Call Engineer",)
    assert later(found) == [(15, ("DevOps Lead",)), (30, ("CTO",))]


def test_a_first_step_with_a_time_of_its_own_is_the_first_call_where_nobody_else_is() -> None:
    found = runbook("## Escalation\n- **5 min**: On-call engineer\n- **20 min**: CTO\n")
    assert (called(found), later(found)) == (("On-Call Engineer",), [(20, ("CTO",))])


def test_everybody_who_stands_at_zero_is_called_first() -> None:
    found = runbook(
        "## Escalation\n- **0 min**: On-call engineer\n- **0 min**: DevOps Lead\n- **30 min**: CTO\n"
    )
    assert (called(found), later(found)) == (("DevOps Lead", "On-Call Engineer"), [(30, ("CTO",))])


def test_who_stands_at_zero_is_called_beside_those_whom_the_action_names() -> None:
    found = runbook("## Escalation\n- **Immediate**: On-call engineer\n- **15 min**: CTO\n", "DevOps Lead")
    assert called(found) == ("DevOps Lead", "On-Call Engineer")
    assert later(found) == [(15, ("CTO",))]


def test_where_the_action_names_somebody_a_later_step_stays_where_it_is() -> None:
    found = runbook("## Escalation\n- **5 min**: On-call engineer\n- **20 min**: CTO\n", "DevOps Lead")
    assert called(found) == ("DevOps Lead",)
    assert later(found) == [(5, ("On-Call Engineer",)), (20, ("CTO",))]


def test_each_severity_has_the_first_step_of_its_own_escalation() -> None:
    found = runbook(
        "## Escalation\n| Severity | Contact | After |\n| --- | --- | --- |\n| P1 | On-Call Engineer | 0 minutes |\n"
        "| P1 | CTO | 30 minutes |\n| P2 | DevOps Lead | 0 minutes |\n"
    )
    assert (called(found, "P1"), called(found, "P2")) == (("On-Call Engineer",), ("DevOps Lead",))


def test_a_first_step_for_everyone_calls_everyone() -> None:
    found = runbook("## Escalation\n- **Immediate**: everyone\n- **15 min**: CTO\n")
    assert select_first_contacts(found, severity(found, "P1"), NAMES).everyone


def test_a_first_step_that_fits_no_contact_is_kept_to_be_said() -> None:
    found = runbook("## Escalation\n- **0 min**: VP of Engineering\n- **15 min**: CTO\n")
    first = select_first_contacts(found, severity(found, "P1"), NAMES)
    assert (first.matched, first.unmatched) == ((), ("VP of Engineering",))


def test_what_can_wait_calls_nobody_first() -> None:
    found = runbook("## Escalation\n- **0 min**: On-call engineer\n- **15 min**: CTO\n", "Ticket")
    assert called(found, "P3") == ()


def test_without_any_escalation_who_is_on_call_is_called_where_there_is_a_response_time() -> None:
    found = runbook("", "Fix it")
    assert (called(found, "P1"), later(found, "P1")[:1]) == (("On-Call Engineer",), [(15, ("DevOps Lead",))])
    assert (called(found, "P2"), later(found, "P2")[:1]) == (("On-Call Engineer",), [(60, ("DevOps Lead",))])


@pytest.mark.parametrize(
    ("response", "action", "people"),
    [
        ("Response Time: 10 minutes", "", ("Ann", "Bob")),
        ("Response Time: 2 hours", "", ()),
        ("Response Time: next business day", "", ()),
        ("Response Time: 10 minutes", "Action: no page, business hours only", ()),
    ],
)
def test_for_want_of_anybody_else_all_people_of_the_team_are_called_for_what_is_urgent(
    response: str, action: str, people: tuple[str, ...]
) -> None:
    found = parse_runbook(
        f"# R\n## Severity\n### P0 - X\nResponse Time: 1 minute\nAction: page Ann\n### P3 - Y\n{response}\n{action}\n"
        "## Contacts\n- **Ann**: <@U00000002>\n- **Bob**: <@U00000003>\n- **Stripe Support**: <@U00000004>\n"
    )
    names = [contact.name for contact in found.contacts]
    severity = found.severity("P3")
    assert severity is not None
    assert select_first_contacts(found, severity, names).matched == people


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("```\nOn-call engineer (0 min)\n  ↓ 15 min\nTeam lead\n```\n", 0),
        ("```\nOn-call engineer -> Team lead (15 min) -> CTO (30 min)\n```\n", 3),
        ("If unresolved within 5 minutes: page the CTO.\n", 1),
        ("1. **On-call engineer** → tries to fix it (30 min)\n2. **Team lead** → if not resolved\n", 2),
        (
            "| Time | Who | Do |\n|---|---|---|\n| 0 min | On-call engineer | look |\n| 20 min | CTO | decide |\n",
            2,
        ),
    ],
)
def test_an_escalation_is_read_in_each_of_its_forms(text: str, levels: int) -> None:
    found = parse_runbook(f"# R\n## Escalation path\n{text}").escalation
    if levels:
        assert len(found) == levels
    if levels > 1:
        assert (found[0].after, found[0].text.casefold()) == (timedelta(0), "on-call engineer")


def test_an_escalation_with_times_needs_no_response_time() -> None:
    found = parse_runbook(
        "# R\n## Severity\n### P1 - HIGH\nAll is down.\n### P2 - MEDIUM\nSlow.\n### P4 - COSMETIC\nA wrong colour.\n"
        "## Escalation\n- **0 min**: On-call engineer\n- **15 min**: CTO\n" + CONTACTS
    )
    assert (called(found, "P1"), later(found, "P1")) == (("On-Call Engineer",), [(15, ("CTO",))])
    assert (called(found, "P4"), later(found, "P4")) == ((), [])


def test_check_names_the_first_step_as_who_is_called() -> None:
    found = runbook(ONE_AFTER_THE_OTHER[0], "Fix it")
    text = format_report(
        found, colour=False, reaches=check_reach(found, parse_contacts("")[0], lambda name: True)
    )
    assert "within 15 minutes; pages On-Call Engineer" in text
    assert "P1    On-Call Engineer (Slack)" in text
    assert [each["page"] for each in build_json(found)["severities"]] == [
        ["On-Call Engineer"],
        ["On-Call Engineer"],
        ["On-Call Engineer"],
        [],
    ]
    assert not [problem for problem in found.problems if "does not say whom to page" in problem.message]


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        (SEVERITIES.format(action=""), "nobody for P2 and P3, nobody by name for P0 and P1"),
        (SEVERITIES.format(action="- Action: On-call engineer\n"), "nobody for P3"),
        (SEVERITIES.format(action="- Action: VP of Sales\n"), "1 not, nobody for P3"),
        ("# R\n## Severity\n### P1 - HIGH\n- Response Time: 5 minutes\n- Action: CTO\n", "everybody"),
    ],
)
def test_everybody_never_stands_above_a_severity_that_calls_nobody(text: str, heading: str) -> None:
    found = parse_runbook(text + CONTACTS)
    if "Action" not in text:
        found = parse_runbook(text)  # nobody to fall back on
    lines = format_report(
        found, colour=False, reaches=check_reach(found, parse_contacts("")[0], lambda name: True)
    ).splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("Who is reached"))
    assert lines[start] == f"Who is reached  {heading}"
    told = "\n".join(lines[start + 1 :])
    assert ("pages nobody" in told) == ("nobody" in heading)


def test_check_says_that_nobody_is_called_for_what_can_wait_whomever_it_names() -> None:
    found = parse_runbook(SEVERITIES.format(action="- Action: CTO\n") + CONTACTS)
    reaches = check_reach(found, parse_contacts("")[0], lambda name: True)
    text = format_report(found, colour=False, reaches=reaches)
    assert "Next business day; pages nobody" in text
    assert "P3    pages nobody" in text


def test_check_says_that_the_whole_channel_is_called_where_the_worst_reach_nobody() -> None:
    found = parse_runbook(SEVERITIES.format(action="- Action: Fix it\n"))
    reaches = check_reach(found, parse_contacts("")[0], lambda name: True)
    assert [(reach.severity, reach.everyone) for reach in reaches] == [
        ("P0", True),
        ("P1", True),
        ("P2", False),
        ("P3", False),
    ]


def test_a_contact_of_the_contacts_file_alone_can_be_the_first_step() -> None:
    found = parse_runbook(
        SEVERITIES.format(action="") + "## Escalation\n- **0 min**: Duty manager\n- **15 min**: CTO\n"
    )
    book = parse_contacts('[contacts]\n"Duty Manager" = "slack:U0DUTY0001"')[0]
    [first, *_] = check_reach(found, book, lambda name: True)
    assert first.reached == (("Duty Manager", "Slack"),)
    joined = add_contact_book(found, book, lambda name: True)
    assert build_json(joined)["severities"][0]["page"] == ["Duty Manager"]


def test_the_shipped_runbook_calls_whom_its_actions_name() -> None:
    shipped = parse_runbook((Path(__file__).parents[3] / "templates" / "runbook.md").read_text())
    first = {severity.id: select_first_contacts(shipped, severity, NAMES) for severity in shipped.severities}
    assert {id: (each.everyone, each.matched) for id, each in first.items()} == {
        "P0": (True, ("CTO",)),
        "P1": (False, ("DevOps Lead",)),
        "P2": (False, ("On-Call Engineer",)),
        "P3": (False, ()),
    }


ROLE = (
    "# R\n## Severity\n### P0 - DOWN\n- Response Time: < 5 minutes\n- **Incident commander:** {role}\n{more}"
)


@pytest.mark.parametrize(
    ("role", "more", "first"),
    [
        ("DevOps Lead", "", ("DevOps Lead",)),
        ("DevOps Lead", "- Action: page the CTO\n", ("CTO",)),
        (
            "DevOps Lead",
            "## Escalation\n- **0 min**: On-call engineer\n- **15 min**: CTO\n",
            ("On-Call Engineer",),
        ),
        ("nobody, no page", "", ()),
    ],
)
def test_the_role_that_a_severity_names_is_called_before_whoever_is_on_call(
    role: str, more: str, first: tuple[str, ...]
) -> None:
    assert called(parse_runbook(ROLE.format(role=role, more=more) + CONTACTS), "P0") == first
