"""Short runbooks as teams keep many: one alarm, one page of rules, one list of people. Each test is one kind."""

from datetime import timedelta

import pytest

from bot.runbook import Runbook, classify_step, parse_runbook, select_first_contacts


def titles(found: Runbook) -> list[tuple[str, bool]]:
    return [(playbook.title, playbook.general) for playbook in found.playbooks]


def first_call(found: Runbook) -> list[str]:
    met = select_first_contacts(found, found.severities[0], [contact.name for contact in found.contacts])
    return [*met.matched, *met.unmatched]


ALARM = """# Runbook: Basket is slow

**Severity:** High

## Triage steps

### 1. Look
```bash
kubectl get pods -n basket
```

## Common causes & solutions

### Cause 1: No connections left
**Symptoms:**
- timeouts

```bash
kubectl logs -n basket deploy/basket --previous
```
"""


def test_causes_below_an_alarm_are_no_incidents_of_their_own() -> None:
    found = parse_runbook(ALARM)
    assert titles(found) == [("Basket is slow", False)]
    runs = [classify_step(step).runs for step in found.playbooks[0].steps()]
    assert [each for each in runs if each] == ["kubectl.get", "kubectl.logs"]


def test_a_document_below_one_heading_of_any_level_gives_its_commands_to_whatever_happens() -> None:
    found = parse_runbook(
        "## Incident response run book\n\nStep 1. Look\n\n```bash\nkubectl get pods -n a\n```\n"
    )
    assert titles(found) == [("Incident response run book", True)]
    assert not found.left_out


@pytest.mark.parametrize(
    "section",
    [
        "## Procedure 1: Severity classification\n1. Classify it\n",
        "## Procedure 2: Escalation workflow\n1. Page the team lead\n",
        "## Runbook: Incident response\n1. Look\n",
        "## Troubleshooting commands\n### Database diagnostics\n```bash\naws rds describe-db-clusters\n```\n",
    ],
)
def test_how_incidents_are_handled_at_all_is_no_playbook(section: str) -> None:
    assert not [
        title
        for title, general in titles(parse_runbook(f"# Shop rules\n{section}## Scope\nAll\n"))
        if not general
    ]


def test_parts_without_bold_colon_or_heading_are_parts() -> None:
    found = parse_runbook(
        "# Runbook — Basket\n\nSymptoms\n\n- it is slow\n\nQuick checks\n\n- look\n\nActions\n\n- wait\n"
    )
    assert titles(found) == [("Basket", False)]
    assert found.playbooks[0].symptoms == ("it is slow",)


SITUATIONS = """# Rules
## Severity levels
| Level | Means | Response time |
|---|---|---|
| P1 | down | 15 min |
| P2 | slow | 1 h |
## Escalation
| Situation | Action |
|---|---|
| P1 not solved in 30 min | → CTO |
| P2 not solved in 2 h | → Team lead |
| Several teams | → Coordination |
"""


def test_a_situation_with_a_time_escalates_and_is_nobody() -> None:
    found = parse_runbook(SITUATIONS)
    told = [(level.after, level.text, level.severity) for level in found.escalation]
    assert told == [(timedelta(minutes=30), "CTO", "P1"), (timedelta(hours=2), "Team lead", "P2")]
    assert not found.contacts


def test_who_answers_first_by_a_column_is_the_first_call() -> None:
    found = parse_runbook(
        "# Rules\n## Escalation matrix\n| Severity | Initial response | Escalation time | Escalation target |\n"
        "|---|---|---|---|\n| Critical | On-call engineer | 15 minutes | Team lead |\n"
        "| Warning | On-call engineer | 30 minutes | Team |\n"
    )
    assert first_call(found) == ["On-call engineer"]
    assert [(level.after, level.text) for level in found.escalation if level.severity == "Critical"] == [
        (timedelta(0), "On-call engineer"),
        (timedelta(minutes=15), "Team lead"),
    ]


@pytest.mark.parametrize(
    ("action", "called"),
    [
        ("**Escalation**: Immediate escalation to on-call engineer", ["on-call engineer"]),
        ("**Response team**: On-call engineer + Security team (if security-related)", ["On-call engineer"]),
    ],
)
def test_what_stands_around_who_is_called_calls_nobody_else(action: str, called: list[str]) -> None:
    text = f"# R\n## Severity levels\n### P0 - Critical\n**Response Time**: 15 minutes\n{action}\n"
    assert first_call(parse_runbook(text)) == called


def test_a_response_time_may_stand_in_a_sentence_elsewhere() -> None:
    found = parse_runbook(
        "# R\n## Severity levels\n- Sev1: down\n- Sev2: slow\n- Sev3: ugly\n## First steps\n"
        "- Acknowledge within 15 minutes for Sev1 and Sev2.\n- Look within 5 minutes.\n"
    )
    quarter = timedelta(minutes=15)
    assert [level.response for level in found.severities] == [quarter, quarter, None]


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("Communicate status; update every 15–30 minutes.", 15),
        ("Post updates every 30-60 minutes", 30),
        ("### Update template (every 30 min)\n```\nUPDATE [x]\n```", 30),
    ],
)
def test_of_a_range_the_first_is_promised_and_a_heading_may_say_it(text: str, minutes: int) -> None:
    assert parse_runbook(f"# R\n## Communication\n{text}\n").update_every == timedelta(minutes=minutes)


def test_three_messages_in_one_fence_are_known_by_their_signs() -> None:
    found = parse_runbook(
        "# R\n## Templates de comunicação\n```\n🔴 INCIDENTE P[X] - [Título]\nStatus: Investigando\n\n"
        "🟡 UPDATE - Status: [x] | ETA: [y]\n\n🟢 RESOLVIDO - Duração: [x]\n```\n"
    )
    assert {id: template.line for id, template in found.templates.items()} == {
        "alert": 4,
        "update": 7,
        "resolution": 9,
    }


def test_somebody_may_have_a_heading_and_properties_below_it() -> None:
    found = parse_runbook(
        "# R\n## Contacts\n### DevOps lead (weekdays)\n- **Name**: [open]\n- **Email**: ops@example.com\n"
        "- **Phone**: [open]\n### Slack\n- **Main channel**: #ops\n"
    )
    assert [contact.name for contact in found.contacts] == ["DevOps lead"]
    assert found.contacts[0].handles == ("slack:ops@example.com",)


def test_ways_joined_by_a_stroke_are_nobody() -> None:
    assert not parse_runbook("# R\n## Escalation\n- Pager/Phone: <TBD>\n").contacts


@pytest.mark.parametrize(
    "text",
    [
        "## Phase P1: Declare\n1. Look\n",
        "## Escalation workflow\n1. Page the lead immediately for Sev1/Sev2 alerts.\n",
    ],
)
def test_a_phase_and_an_instruction_are_no_severity(text: str) -> None:
    assert parse_runbook(f"# Rules\n{text}").assumes_severities


def test_the_parts_of_a_document_to_write_are_no_checklist() -> None:
    found = parse_runbook("# R\n## Postmortem\n\nUse this template:\n- Summary\n- Timeline\n- Root cause\n")
    assert not found.windows


@pytest.mark.parametrize(
    ("row", "title"),
    [
        ("🚨 INCIDENT P1 - Shop is out", "Shop is out"),
        ("🚨 INCIDENT SEV1: Basket is slow", "Basket is slow"),
        ("✅ INCIDENT P1 - RESOLVED", None),
        ("🚨 INCIDENT ALERT - P0", None),
    ],
)
def test_what_happened_to_somebody_else_is_no_part_of_an_alert(row: str, title: str | None) -> None:
    found = parse_runbook(
        f"# R\n## Communication templates\n### Initial alert\n```\n{row}\nStatus: [x]\n```\n"
    )
    told = {gap.name: gap.raw for template in found.templates.values() for gap in template.placeholders()}
    assert told.get("title") == title
