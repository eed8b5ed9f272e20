"""Who is called first, how soon, and who is a contact, in the many ways in which teams write it; the samples are
invented."""

from datetime import timedelta

import pytest

from bot.domain.playbook import StepKind
from bot.runbook import (
    Runbook,
    add_problems,
    build_escalation,
    classify_step,
    parse_runbook,
    select_first_contacts,
)

LEVELS = "# Incident Runbook\n\n## Severity\n\n| Level | Response time |\n|---|---|\n| P1 | 15 min |\n| P2 | 1 h |\n\n"


def read(text: str) -> Runbook:
    return add_problems(parse_runbook(text), lambda _: False, lambda _: None)


def name_called(runbook: Runbook, severity: int = 0) -> list[str]:
    """Whom declaring at a severity calls at once."""
    names = [contact.name for contact in runbook.contacts]
    met = select_first_contacts(runbook, runbook.severities[severity], names)
    return [*(["everyone"] if met.everyone else []), *(met.matched or met.unmatched)]


def list_rungs(runbook: Runbook) -> list[tuple[float, tuple[str, ...]]]:
    names = [contact.name for contact in runbook.contacts]
    rungs = build_escalation(runbook, runbook.severities[0], names)
    return [(rung.after.total_seconds() / 60, rung.names or rung.unmatched) for rung in rungs]


CALLED = [
    ("a chain among a severity's lines",
     "# R\n\n## Severity\n\n### P1 (Critical)\n- **Response Time**: 10 minutes\n"
     "- **Escalation**: On-call engineer → Team lead → CTO\n",
     ["On-call engineer"]),
    ("a column for each time",
     LEVELS + "## Escalation Matrix\n\n"
     "| Severity | First contact | Escalation (15 min) | Escalation (30 min) |\n|---|---|---|---|\n"
     "| P1 | Platform on-call | Platform lead | Director |\n| P2 | Platform on-call | - | - |\n", ["Platform on-call"]),
    ("initial owner, with an incident commander",
     LEVELS + "## Escalation\n\n| Severity | Initial owner | Escalation (10m) |\n|---|---|---|\n"
     "| P1 | IC | Head of engineering |\n",
     ["IC"]),
    ("levels by their severity",
     LEVELS + "## Escalation communication\n\n- **P1**: Immediate phone call to the duty manager\n"
     "- **P2**: Message to the team lead\n",
     ["Immediate phone call to the duty manager"]),
    ("a sentence",
     "# R\n\n## Severity levels\n\n- Critical: all is down\n- High: half is down\n\n## Escalation\n\n"
     "Critical and High incidents must be escalated to the Shop Admin and Security owner immediately.\n",
     ["Shop Admin", "Security owner"]),
    ("a sentence that pages",
     LEVELS + "## Escalation policy\n\n- Page the primary on-call engineer immediately for P1 incidents.\n"
     "- If nobody answers within 15 minutes, escalate to the secondary on-call.\n", ["primary on-call engineer"]),
    ("a condition is nobody's first call",
     LEVELS + "## Escalation path\n\n1. Page the primary owner for the affected service.\n"
     "2. If that fails, page the CTO.\n\n"
     "Escalate immediately to the founders when any of these is true:\n\n- money is lost\n", ["primary owner"]),
    ("a response time with people",
     "# R\n\n## Severity\n\n| Level | Response |\n|---|---|\n| SEV1 | 15 min, manager + senior engineer |\n",
     ["manager", "senior engineer"]),
    ("all hands in a response time",
     "# R\n\n## Severity\n\n| Level | Response |\n|---|---|\n| SEV1 | Page immediately, all hands |\n", ["everyone"]),
    ("a column that asks",
     "# R\n\n## Severity\n\n| Sev | Page on-call? | Notify the founders? |\n|---|---|---|\n"
     "| SEV1 | Yes, immediately | No |\n",
     ["on-call"]),
    ("a maintainer",
     LEVELS + "## Escalation path\n\n1. **Level 1:** Primary maintainer\n2. **Level 2:** Other maintainer\n",
     ["Primary maintainer"]),
    ("headings of roles with their numbers",
     LEVELS + "## Response Team Structure\n\n### Incident Commander\n- **Role**: Decides\n- **Contact**: +1-XXX\n\n"
     "### Communications Lead\n- **Role**: Tells\n- **Contact**: +1-XXX\n\n## Escalation Communication\n\n"
     "- **P1**: Immediate phone call to incident commander\n", ["Incident Commander"]),
]  # fmt: skip


@pytest.mark.parametrize(("what", "text", "called"), CALLED, ids=[row[0] for row in CALLED])
def test_the_first_call_is_whom_the_runbook_names(what: str, text: str, called: list[str]) -> None:
    assert [name.casefold() for name in name_called(read(text))] == [name.casefold() for name in called]


def test_the_others_of_a_chain_are_called_in_turn() -> None:
    assert list_rungs(read(CALLED[0][1])) == [(10, ("Team lead",)), (20, ("CTO",))]


def test_a_column_for_each_time_is_the_escalation() -> None:
    assert list_rungs(read(CALLED[1][1])) == [(15, ("Platform lead",)), (30, ("Director",))]


def test_levels_by_number_are_who_stands_behind_the_number() -> None:
    path = "1. **L1**: On-call engineer (5 min)\n2. **L2**: Team lead (15 min)\n3. **L3**: CTO (1 hour)\n"
    runbook = read(f"{LEVELS}## On-call team\n\n### Escalation path\n{path}")
    assert [(level.after, level.text) for level in runbook.escalation] == [
        (timedelta(minutes=5), "On-call engineer"),
        (timedelta(minutes=15), "Team lead"),
        (timedelta(hours=1), "CTO"),
    ]
    assert runbook.contacts == ()


CONTACTS = [
    ("properties below a heading",
     "## Incident response team\n\n### Primary on-call\n- **Name**: by rota\n"
     "- **Contact**: duty@shop.example\n- **Backup**: the second\n",
     ["Primary on-call"]),
    ("roles below headings, also one that communicates",
     "## Response team structure\n\n### Incident Commander\n- **Role**: Decides\n- **Contact**: +1-XXX\n\n"
     "### Communications Lead\n- **Role**: Tells\n- **Contact**: +1-XXX\n"
     "", ["Incident Commander", "Communications Lead"]),
    ("weeks of a rota are nobody",
     "## On-call rotation\n\n| Week | Primary |\n|---|---|\n| Week 1 | TODO |\n| Week 2 | TODO |\n", []),
    ("numbers of levels are nobody",
     "## Escalation contacts\n\n- L1: the team\n- Level 2: the lead\n- Tier 3: the CTO\n", []),
]  # fmt: skip


@pytest.mark.parametrize(("what", "text", "names"), CONTACTS, ids=[row[0] for row in CONTACTS])
def test_contacts_are_people_roles_and_teams(what: str, text: str, names: list[str]) -> None:
    assert [contact.name for contact in read(LEVELS + text).contacts] == names


TIMES = [
    ("at once in a heading", "### P0 - Critical (Response Time: Immediate)\n\n- All is down\n", 5),
    ("at once as a demand", "#### **Critical (P0) - Immediate Response Required**\n- **Data**: lost\n", 5),
    ("an instruction is no time",
     "### P1 — Card data is out\n\n1. Start the response: tell the owner immediately\n", None),
    ("what else is done has its own time",
     "| Sev | Response |\n|---|---|\n| SEV1 | Page immediately; the clock of the law starts (72 h) |\n", 5),
]  # fmt: skip


@pytest.mark.parametrize(("what", "text", "minutes"), TIMES, ids=[row[0] for row in TIMES])
def test_response_times_that_stand_in_headings(what: str, text: str, minutes: int | None) -> None:
    severity = read(f"# R\n\n## Severity levels\n\n{text}").severities[0]
    assert severity.response == (None if minutes is None else timedelta(minutes=minutes))


def test_response_times_of_a_table_elsewhere_are_those_of_the_levels() -> None:
    table = (
        "## On-call\n\n| Severity | Ack target | Update cadence |\n|---|---|---|\n"
        "| Sev-1 | 5 minutes | every 20 minutes |\n"
    )
    runbook = read(f"# R\n\n{table}\n## Severity levels\n\n- Sev-1: Full outage.\n- Sev-2: Half of it.\n")
    assert [severity.response for severity in runbook.severities] == [timedelta(minutes=5), None]
    assert runbook.update_every == runbook.severities[0].update_every == timedelta(minutes=20)


def test_a_level_that_a_sentence_mentions_is_none() -> None:
    runbook = read(
        "# R\n\n## Flow\n\n1. Acknowledge.\n2. Follow up. Write the review within 48h for SEV1/SEV2.\n\n"
        "## Communication cadence\n\n| Severity | Internal update |\n|---|---|\n| SEV1 | Every 30 min |\n"
        "| SEV2 | Every 60 min |\n"
    )
    assert [severity.id for severity in runbook.severities] == ["SEV1", "SEV2"]
    assert runbook.update_every == timedelta(minutes=30)
    assert not runbook.playbooks


PLAYBOOKS = [
    ("what is done in a severity is for all", "## P1 Response Actions\n\n1. Acknowledge\n2. Join the channel\n", []),
    ("criteria are none", "## Rollback criteria\n\nRollback immediately if:\n\n- money is lost\n", []),
    ("a handover is none", "## Handoff Procedure\n\n1. Review open incidents\n", []),
    ("a group by its plural",
     "## Common Incident Scenarios\n\n### Database Incidents\n\n#### Connections run out\n```bash\n# Look\n"
     "redis-cli INFO\n```\n"
     "\n#### Disk is full\n```bash\n# Look\nredis-cli INFO\n```\n", ["Connections run out", "Disk is full"]),
    ("a level with an incident's name",
     "## Response Procedures\n\n### 3.1 P1 — Card data is out\n\n**Immediate Actions:**\n\n"
     "1. Activate the response: tell the owner "
     "immediately\n2. Isolate\n\n**Containment:**\n\n3. Rotate the keys\n", ["Card data is out"]),
    ("a section that only has steps",
     "## Total is wrong\n\nThis is **P1**.\n\n### Steps\n1. Override it\n2. Take a screenshot\n", ["Total is wrong"]),
    ("kinds of incidents in Russian",
     "## Действия по типам инцидентов\n\n### Сайт недоступен\n1. Проверить хостинг\n\n```bash\n# Проверка\n"
     "curl https://shop.example/x\n```\n",
     ["Сайт недоступен"]),
]  # fmt: skip


@pytest.mark.parametrize(("what", "text", "titles"), PLAYBOOKS, ids=[row[0] for row in PLAYBOOKS])
def test_playbooks_are_incidents_and_nothing_else(what: str, text: str, titles: list[str]) -> None:
    found = [playbook.title for playbook in read(LEVELS + text).playbooks if not playbook.general]
    assert found == titles


@pytest.mark.parametrize(
    "heading",
    [
        "The first fifteen minutes",
        "Phase 2: Investigation (15-60 minutes)",
        "Первичная диагностика (5 минут)",
    ],
)
def test_commands_for_any_incident_are_a_general_playbook(heading: str) -> None:
    [playbook] = read(f"{LEVELS}## {heading}\n\n```bash\n# Look\nredis-cli INFO\n```\n").playbooks
    assert playbook.general
    assert [classify_step(step).kind for step in playbook.steps()] == [StepKind.DIAGNOSTIC]


MESSAGES = [
    ("in Russian",
     "## Шаблоны сообщений\n\n**Начало инцидента:**\n```\nSTART\nImpact: [x]\n```\n\n**Разрешение:**\n```\n"
     "END\nDuration: [x]\n```\n",
     {"alert": "Начало инцидента", "resolution": "Разрешение"}),
    ("all states in one",
     "## Comms template\n\n```\n[SEV-<n>] <symptom> — <INVESTIGATING | IDENTIFIED | RESOLVED>\nImpact: <x>\n```\n",
     {"alert": "Comms template"}),
    ("the last one by its first line",
     "## Communication templates\n\n### Post-incident update\n```\n[RESOLVED] Shop\nImpact: [x]\n```\n",
     {"resolution": "Post-incident update"}),
]  # fmt: skip


@pytest.mark.parametrize(("what", "text", "headings"), MESSAGES, ids=[row[0] for row in MESSAGES])
def test_messages_are_known_by_their_labels_and_first_lines(
    what: str, text: str, headings: dict[str, str]
) -> None:
    assert {id: template.heading for id, template in read(LEVELS + text).templates.items()} == headings


def test_the_number_of_somebody_elses_incident_is_never_posted() -> None:
    template = read(
        f"{LEVELS}## Templates\n\n### Update\n```\nUPDATE: Incident #1234\nImpact: [x]\n```\n"
    ).templates["update"]
    assert "1234" not in "".join(getattr(part, "text", "") for line in template.lines for part in line.parts)


def test_a_form_of_a_review_is_no_checklist() -> None:
    runbook = read(
        f"{LEVELS}## Post-Incident\n\n### Post-Incident Review Template\n\n1. **Summary**: what happened?\n"
        "2. **Impact**: on whom?\n\n## Immediate checklist\n\n1. Assign a commander\n\n"
        "## After resolution\n\n- File the action items.\n- Close the channel.\n"
    )
    assert [item.text for window in runbook.windows for item in window.items] == [
        "File the action items.",
        "Close the channel.",
    ]
