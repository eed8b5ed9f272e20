"""Kinds of runbooks that were met in files nobody had mended for: small invented ones, and what is right for each."""

from datetime import timedelta

import pytest

from bot.domain.playbook import StepKind
from bot.runbook import Literal, Runbook, classify_step, parse_runbook


def list_titles(runbook: Runbook) -> list[str]:
    return [playbook.title for playbook in runbook.playbooks if not playbook.general]


def list_native(runbook: Runbook) -> list[str]:
    steps = [step for playbook in runbook.playbooks for step in playbook.steps() if step.command]
    return [step.command or "" for step in steps if classify_step(step).kind is StepKind.DIAGNOSTIC]


def list_items(runbook: Runbook) -> list[tuple[str, list[str]]]:
    return [(window.label, [item.text for item in window.items]) for window in runbook.windows]


def list_lines(runbook: Runbook, id: str) -> list[str]:
    """A template's lines as they are posted, with the names of what is filled in."""
    return [
        "".join(part.text if isinstance(part, Literal) else f"<{part.name}>" for part in line.parts)
        for line in runbook.templates[id].lines
    ]


def parse_alert(*rows: str) -> list[str]:
    text = "\n".join(["# R", "## Templates", "### Initial alert", "```", *rows, "```"])
    return list_lines(parse_runbook(text), "alert")


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("RUNBOOK-04: Ledger drift", "Ledger drift"),
        ("IR-012: Disk full", "Disk full"),
        ("SRE Incident Runbook: Pod is gone", "Pod is gone"),
        ("Runbook 3: Till is slow", "Till is slow"),
        ("Alert: Queue-depth", "Queue-depth"),
    ],
)
def test_the_number_of_a_runbook_is_no_part_of_its_title(title: str, expected: str) -> None:
    text = f"# Procedures\n## {title}\n### Symptoms\n- slow\n### Action\n1. Look\n## Other: Till\n### Symptoms\n- x\n"
    assert list_titles(parse_runbook(text))[0] == expected


def test_a_file_for_one_failure_is_one_playbook_with_its_causes() -> None:
    text = (
        "# Queue Lag Runbook\n## Triage in 5 minutes\n1. See `kubectl get pods -n till`\n"
        "## Consumer is down\n- Restart: `kubectl rollout restart deploy/till -n till`\n"
        "## Drain it\n```bash\ncurl -X POST http://till.example/drain\n```\n"
    )
    assert list_titles(parse_runbook(text)) == ["Queue Lag Runbook"]
    causes = (
        "# High Wait Runbook\n## Alert Description\n**Severity**: Critical\n## Immediate Actions\n"
        "```bash\ncurl http://till.example/health\n```\n## Common Scenarios\n### 1. Pool is small\n"
        "**Symptoms**: waits\n```bash\nkubectl top pods -n till\n```\n"
    )
    assert list_titles(parse_runbook(causes)) == ["High Wait Runbook"]
    operation = (
        "# Till Failover Runbook\n## By itself\n### What you need to do\n1. See\n"
        "   ```bash\n   kubectl get pods -n till\n   ```\n## Troubleshooting\n### It stays away\n**Symptom:** no till\n"
        "**Fix:**\n```bash\nkubectl rollout restart deploy/till -n till\n```\n"
    )
    found = parse_runbook(operation)
    assert (list_titles(found), list_native(found)) == (
        ["Till Failover Runbook"],
        ["kubectl get pods -n till"],
    )


def test_a_runbook_for_failures_of_many_kinds_keeps_its_sections() -> None:
    text = "# Till Failures Runbook\n" + "".join(
        f"## {name}\n### Symptoms\n- x\n### Fix\n1. y\n" for name in ("Drawer stuck", "Printer silent")
    )
    assert list_titles(parse_runbook(text)) == ["Drawer stuck", "Printer silent"]


def test_phases_of_handling_are_no_playbooks_and_their_commands_help_in_general() -> None:
    text = (
        "# Plan\n## Response\n### Phase 3: Investigation (in parallel)\n1. **Cause**\n   - Look\n2. **Commands**\n"
        "   ```bash\n   curl https://till.example/health\n   ```\n"
        "## Types\n### 1. Till down\n**Symptoms:** none\n**Immediate actions:**\n1. Look\n"
    )
    runbook = parse_runbook(text)
    assert list_titles(runbook) == ["Till down"]
    assert "curl https://till.example/health" in list_native(runbook)


def test_playbooks_below_a_severity_have_its_level() -> None:
    text = (
        "# Plan\n## Severity Levels\n### SEV-1: Critical (< 5 minute response)\n#### 1. Till down\n**Impact:** all\n"
        "**Response Procedure:**\n1. Look\n\n**Escalation:** CTO\n### SEV-2: High (< 1 hour response)\n"
        "#### Examples:\n- slow\n\n**Response Procedure:**\n1. Wait\n\n**Escalation:** Lead\n"
    )
    runbook = parse_runbook(text)
    assert [(playbook.title, playbook.severity) for playbook in runbook.playbooks] == [("Till down", "SEV1")]
    assert [level.id for level in runbook.severities] == ["SEV1", "SEV2"]


def test_how_incidents_are_handled_is_no_playbook_in_other_languages() -> None:
    text = (
        "# Playbook de Incidentes\n## Procedimento de Resposta\n### 1. Identificação\n**Ações imediatas**:\n1. Ver\n"
        "### 3. Diagnóstico\n```bash\ncurl https://loja.example/health\n```\n### 5. Pós-Incidente\n1. Documentar\n"
        "## Procedimentos Específicos\n### Perda de dados\n1. Isolar\n2. Restaurar\n"
    )
    runbook = parse_runbook(text)
    assert list_titles(runbook) == ["Perda de dados"]
    assert list_native(runbook) == ["curl https://loja.example/health"]
    assert [items for _, items in list_items(runbook)] == [["Documentar"]]


def test_a_question_to_the_database_in_a_sentence_is_a_step() -> None:
    text = (
        "# Till\n## Incident: Slow till\n### Symptoms\n- slow\n### Investigation\n"
        "1. Find them: `SELECT pid, state FROM pg_stat_activity;`. Use `EXPLAIN ANALYZE` on each.\n"
    )
    assert list_native(parse_runbook(text)) == ["SELECT pid, state FROM pg_stat_activity;"]


def test_what_looks_for_an_environment_in_kubectls_output_is_no_diagnostic() -> None:
    text = (
        "# Till\n## Incident: Till down\n### Symptoms\n- down\n### Check\n```bash\n"
        'kubectl get pod till-1 -o yaml | grep -A20 "env:"\n\nkubectl get pod till-1 -o yaml | grep image\n```\n'
    )
    assert list_native(parse_runbook(text)) == ["kubectl get pod till-1 -o yaml | grep image"]


def test_levels_of_a_german_classification_and_answers_below_a_level() -> None:
    german = (
        "# Plan\n## 3. Incident-Klassifikation\n### Stufe 1: KRITISCH (Reaktion innerhalb 30 Minuten)\n- Datenleck\n"
        "### Stufe 2: HOCH (Reaktion innerhalb 4 Stunden)\n- Angriff\n"
    )
    found = parse_runbook(german)
    assert [(level.id, level.response) for level in found.severities] == [
        ("Kritisch", timedelta(minutes=30)),
        ("Hoch", timedelta(hours=4)),
    ]
    assert list_titles(found) == []
    told = "# Plan\n## Severity\n- P1: All down.\n- P2: Slow.\n## P1 Response\n1. Acknowledge in under 5 minutes.\n"
    assert [level.response for level in parse_runbook(told).severities] == [timedelta(minutes=5), None]


@pytest.mark.parametrize(
    ("words", "minutes"),
    [
        ("Updates are posted every hour.", 60),
        ("We give hourly updates.", 60),
        ("Status page: every half hour.", 30),
        ("Toutes les 20 min, mise à jour de la page.", 20),
        ("Aktualisierung alle 45 Minuten.", 45),
        ("Atualizações a cada hora.", 60),
        ("Every release is an update.", 15),
    ],
)
def test_a_rhythm_without_a_figure_and_in_other_languages(words: str, minutes: int) -> None:
    found = parse_runbook(f"# R\n{words}\n").update_every
    assert (found or timedelta(minutes=15)) == timedelta(minutes=minutes)


def test_a_rhythm_in_a_message_counts_where_nothing_else_tells_one() -> None:
    text = "# R\n## Communication\n### Customers\n```\nDear all,\nwe will provide updates every 30 minutes.\n```\n"
    assert parse_runbook(text).update_every == timedelta(minutes=30)
    template = "# R\n## Templates\n### Initial alert\n```\nImpact: [what]\nUpdates: every hour\n```\n"
    assert parse_runbook(template).update_every == timedelta(hours=1)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["Title: {Title}", "Region: {Region}"], ["Title: <title>", "Region: <region>"]),
        (["🔥 {severity} {Title} {other}"], ["🔥 <severity> <title> {other}"]),
        (["INCIDENT: [P1/P2] Till is dead"], ["INCIDENT: <severity> <title>"]),
        (["🚨 P0 INCIDENT: Till is dead"], ["🚨 <severity> INCIDENT: <title>"]),
        (["On-Call: @[name], @someone"], ["On-Call: <name>, <on_call_name_person>"]),
        (["**Level**: **[severity]**, **P1**"], ["Level: <severity>, <severity>"]),
        (["Affected flows:", "- New bookings", "- Search"], ["Affected flows:", "- <feature>"]),
        (["**Note**: the *team*, 2 ** 3"], ["Note: the *team*, 2 ** 3"]),
        (["P1 incident - resolved"], ["<severity> incident - resolved"]),
        (["Posted: Feb 3, 14:30 UTC"], ["Posted: <timestamp>"]),
        (["Impact:", "- Tills are slow", "- Cards fail"], ["Impact:", "- <impact>"]),
        (["**Current Status:**", "We look at the tills.", "", "Stay calm."], None),
        (["Resolution:", "- Rolled back"], ["Resolution:", "- <resolution>"]),
        (["What happened: Tills are down"], ["What happened: <title>"]),
        (["ETA for resolution: 20 minutes"], ["ETA for resolution: <eta_for_resolution>"]),
        (["We see reports of failed payments."], ["We see reports of <feature>."]),
        (["If you have issues with your till, call."], ["If you have issues with your till, call."]),
        (["Estimated resolution in 30 minutes."], ["Estimated resolution <eta>."]),
        (["Marketing 3 and Decision 2 stay."], ["Marketing 3 and Decision 2 stay."]),
    ],
)
def test_what_somebody_elses_incident_was_about_is_never_posted(
    rows: list[str], expected: list[str] | None
) -> None:
    told = ["Current Status:", "<status>", "", "Stay calm."]
    assert parse_alert(*rows) == (told if expected is None else expected)


def test_a_letter_alerts_nobody_and_the_channel_of_a_message_says_nothing_of_its_kind() -> None:
    letter = "# R\n## Templates\n### Customer notification (incident)\n```\nDear [Name],\nwe had an incident.\n```\n"
    assert dict(parse_runbook(letter).templates) == {}
    told = (
        "# R\n## Templates\n### Incident start\n**Slack #incidents**:\n```\nIt began: [what]\n```\n"
        "### Incident update\n**Slack #incidents**:\n```\nIt goes on: [what]\n```\n"
    )
    assert list(parse_runbook(told).templates) == ["alert", "update"]


def test_states_with_their_sentences_in_one_fence_are_several_messages() -> None:
    fence = "**Investigating** - We look at it.\n\n**Resolved** - It is over."
    text = f"# R\n## Templates\n### Status page\n```\n{fence}\n```\n"
    found = parse_runbook(text)
    assert list(found.templates) == ["update", "resolution"]
    assert list_lines(found, "resolution") == ["Resolved - It is over."]


def test_what_is_to_be_done_afterwards_stands_below_its_time_and_below_its_section() -> None:
    timed = (
        "# R\n## Post-Incident Actions\n1. **Within 1 hour:**\n   - Write it down\n   - Tell all\n"
        "2. **Within 1 week:**\n   - Meet\n"
    )
    assert list_items(parse_runbook(timed)) == [
        ("Within 1 hour", ["Write it down", "Tell all"]),
        ("Within 1 week", ["Meet"]),
    ]
    below = (
        "# R\n## Post-Incident\n### Required Actions\n1. Write it down\n2. Meet\n"
        "### Post-mortem meeting\n**Attendees**:\n- Commander\n"
    )
    assert [items for _, items in list_items(parse_runbook(below))] == [["Write it down", "Meet"]]


@pytest.mark.parametrize(
    "heading", ["First Responder Checklist", "Investigation Checklist", "Pre-Failover Checklist"]
)
def test_what_is_done_before_or_during_is_no_checklist(heading: str) -> None:
    text = f"# R\n## {heading}\n- [ ] Look\n### 1. See\n- [ ] Look again\n"
    assert [
        item for label, items in list_items(parse_runbook(text)) for item in items if label == heading
    ] == []
