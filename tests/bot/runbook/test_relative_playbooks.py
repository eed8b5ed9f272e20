"""Playbooks are understood however a runbook writes them."""

from bot.domain.playbook import Section, Step
from bot.domain.section_parts import Bullet, BulletList, CodeSample, Label, Prose
from bot.runbook import Runbook, parse_runbook
from tests.bot.runbook.relatives import INHERITED, ONE_PLAYBOOK, SCENARIOS, TABLES, WORDS


def section(runbook: Runbook, playbook_id: str, title: str) -> Section:
    playbook = runbook.playbook(playbook_id)
    assert playbook is not None
    return next(section for section in playbook.sections if section.title == title)


def test_the_level_of_a_playbook_comes_from_its_heading_a_heading_above_or_a_line_below() -> None:
    assert [(p.id, p.severity) for p in parse_runbook(TABLES).playbooks] == [
        ("cards-declined", "SEV2"),
        ("ledger-out-of-balance", "SEV1"),
    ]
    assert [(p.id, p.severity) for p in parse_runbook(INHERITED).playbooks] == [
        ("queue-stuck", "SEV1"),
        ("cache-gone", "SEV1"),
        ("reports-late", "SEV2"),
    ]
    assert [(p.id, p.severity) for p in parse_runbook(WORDS).playbooks] == [("login-broken", "Critical")]


def test_how_incidents_are_handled_in_general_is_no_playbook() -> None:
    assert [(p.id, p.severity) for p in parse_runbook(SCENARIOS).playbooks] == [
        ("disk-full", None),
        ("certificate-expired", None),
    ]


def test_symptoms_are_found_under_headings_under_labels_and_inline() -> None:
    assert [p.symptoms for p in parse_runbook(TABLES).playbooks] == [
        ("Decline rate above 5%", "Webhooks late"),
        ("totals differ", "nightly job red"),
    ]
    assert parse_runbook(SCENARIOS).playbooks[0].symptoms == ("`No space left on device`",)
    assert parse_runbook(INHERITED).playbooks[0].symptoms == ("Consumers idle.",)
    assert parse_runbook(WORDS).playbooks[0].symptoms == ("401 for everyone",)


def test_bold_labels_make_sections_and_fences_inside_lists_keep_their_place_and_numbers() -> None:
    runbook = parse_runbook(TABLES)
    playbook = runbook.playbooks[0]
    assert [section.title for section in playbook.sections] == ["Symptoms", "Diagnosis", "Mitigation"]
    assert section(runbook, "cards-declined", "Diagnosis").parts == (
        BulletList(27, (Bullet(27, "Check the queue:", 0, 1),)),
        Step(30, "Diagnosis", "kubectl -n billing get pods", "kubectl -n billing get pods", "sh"),
        Step(
            31,
            "Diagnosis",
            "kubectl -n billing logs deploy/charger --tail=50",
            "kubectl -n billing logs deploy/charger --tail=50",
            "sh",
        ),
        BulletList(
            34,
            (
                Bullet(34, "Ask the provider", 0, 2),
                Bullet(35, "status page", 1),
                Bullet(36, "support chat", 1),
            ),
        ),
    )
    assert section(runbook, "cards-declined", "Mitigation").parts == (
        Prose(39, "Pause retries, then drain."),
    )


def test_prompts_are_left_out_of_commands_and_output_is_kept_as_a_sample() -> None:
    assert section(parse_runbook(SCENARIOS), "disk-full", "Fix").parts == (
        Step(38, "Fix", "df -h /", "df -h /", "console"),
        CodeSample(39, "Filesystem  Size  Used Avail\n/dev/root    40G   40G     0", "console"),
        Step(41, "Fix", "journalctl --vacuum-size=1G", "journalctl --vacuum-size=1G", "console"),
    )


def test_json_is_shown_but_is_no_step() -> None:
    parts = section(parse_runbook(SCENARIOS), "certificate-expired", "Fix").parts
    assert [type(part) for part in parts] == [Step, CodeSample]
    assert list(parse_runbook(SCENARIOS).playbooks[1].steps()) == [parts[0]]


def test_a_document_may_be_one_single_playbook() -> None:
    runbook = parse_runbook(ONE_PLAYBOOK)
    assert [(p.id, [s.title for s in p.sections]) for p in runbook.playbooks] == [
        ("redis-out-of-memory", ["", "Symptoms", "Diagnosis"])
    ]
    assert [contact.name for contact in runbook.contacts] == ["Cache team"]
    assert [severity.id for severity in runbook.severities] == ["P0", "P1", "P2", "P3"]
    assert not list(runbook.errors())


def test_deeper_headings_become_labels_inside_their_section() -> None:
    runbook = parse_runbook(
        "# R\n## P0 INCIDENT: X\n### Symptoms\n- a\n### Fix\ntext\n#### Slow way\n```\nls\n```\n"
    )
    assert section(runbook, "x", "Fix").parts == (
        Prose(6, "text"),
        Label(7, "Slow way"),
        Step(9, "Fix", "ls", "ls", ""),
    )


def test_a_plain_label_holds_its_list_only() -> None:
    playbook = parse_runbook(WORDS).playbooks[0]
    assert [(part.title, part.line, len(part.parts)) for part in playbook.sections] == [
        ("", 15, 1),
        ("Symptoms", 17, 1),
        ("", 20, 3),
    ]


def test_a_table_in_a_playbook_becomes_one_bullet_per_row() -> None:
    runbook = parse_runbook(
        "# R\n## P0 INCIDENT: X\n### Fix\n| Cause | Fix | Who |\n|-|-|-|\n"
        "| Disk | Grow | |\n| CPU | Wait | Ops |\n"
    )
    assert section(runbook, "x", "Fix").parts == (
        BulletList(6, (Bullet(6, "**Disk** · Fix: Grow"), Bullet(7, "**CPU** · Fix: Wait · Who: Ops"))),
    )


def test_every_form_of_playbook_heading_gives_the_same_title() -> None:
    for heading in (
        "## P1 INCIDENT: Queue stuck",
        "## 1. Queue stuck (P1)",
        "## P1: Queue stuck",
        "## P1 - Queue stuck",
        "## [P1] Queue stuck",
        "## 🔥 P1 Incident – Queue stuck",
        "## Scenario 3: Queue stuck (P1)",
        "## Incident: Queue stuck [P1]",
        "## Playbook: Queue stuck (P1)",
    ):
        runbook = parse_runbook(f"# R\n## Severity\n### P1 - High\n- Response Time: 5m\n{heading}\nDo it.\n")
        assert [(p.title, p.severity) for p in runbook.playbooks] == [("Queue stuck", "P1")], heading


def test_an_unknown_level_in_a_heading_is_a_warning_at_its_line() -> None:
    runbook = parse_runbook(
        "# R\n## Severity\n### P1 - High\n- Response Time: 5m\n## P4 INCIDENT: X\nDo it.\n"
    )
    assert runbook.playbooks[0].severity is None
    assert [p.line for p in runbook.problems if "no severity of this runbook" in p.message] == [5]


def test_two_playbooks_of_one_name_get_two_ids_and_a_warning() -> None:
    runbook = parse_runbook("# R\n## Incident: X\nOne.\n## Incident: X\nTwo.\n")
    assert [playbook.id for playbook in runbook.playbooks] == ["x", "x-2"]
    assert [p.line for p in runbook.problems if "by x-2" in p.message] == [4]


def test_a_word_for_a_level_in_brackets_is_no_incident_by_itself() -> None:
    text = "# R\n## Impact (High)\nMany.\n## Common incidents\n### Queue is full (High)\nLook.\n"
    text += "## CRITICAL INCIDENT: Stolen\nCall.\n"
    assert [playbook.title for playbook in parse_runbook(text).playbooks] == ["Queue is full", "Stolen"]
