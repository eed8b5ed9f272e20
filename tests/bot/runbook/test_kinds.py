"""Small invented runbooks, each of a kind that several teams write, and what is right for it."""

import json
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.runbook_files import find_broken_link, load_runbook_files
from bot.contacts import ContactBook
from bot.runbook import Runbook, add_contact_book, add_problems, build_json, parse_runbook

KINDS = Path(__file__).parent / "kinds"


def is_set(_: str) -> bool:
    return False


def read(name: str) -> Runbook:
    path = next(KINDS.glob(f"{name}-*.md"))
    shelf = load_runbook_files(path)
    found = add_contact_book(parse_runbook(shelf.text, shelf.problems), ContactBook(), is_set)
    return add_problems(found, is_set, partial(find_broken_link, path.parent))


def report(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(build_json(read(name))))
    return found


def steps(found: dict[str, Any], playbook: int = 0) -> list[tuple[str, str | None]]:
    return [(step["kind"], step["runs"]) for step in found["playbooks"][playbook]["steps"]]


@pytest.mark.parametrize("path", sorted(KINDS.glob("*.md")), ids=lambda path: path.stem)
def test_no_kind_keeps_the_bot_from_starting(path: Path) -> None:
    shelf = load_runbook_files(path)
    assert not list(parse_runbook(shelf.text, shelf.problems).errors())


def test_a_playbook_is_known_by_trigger_severity_and_immediate_actions_below_any_heading() -> None:
    (playbook,) = report("k01")["playbooks"]
    assert (playbook["title"], playbook["severity"]) == ("Queue Depth Alarm", "P1")
    assert [(step["kind"], step["runs"]) for step in playbook["steps"]] == [
        ("diagnostic", "sqs.get_queue_attributes")
    ]


def test_commands_outside_of_playbooks_are_a_general_one() -> None:
    found = report("k03")
    assert {playbook["title"] for playbook in found["playbooks"]} == {"Initial Response", "Checkout down"}
    general = next(
        number
        for number, playbook in enumerate(found["playbooks"])
        if playbook["title"] == "Initial Response"
    )
    assert steps(found, general) == [("diagnostic", "http.get")]


def test_echo_sleep_and_a_shebang_change_nothing_of_a_step() -> None:
    found = report("k04")
    assert steps(found) == [("diagnostic", "ecs.list_tasks"), ("diagnostic", "http.get")]
    assert [step["title"] for step in found["playbooks"][0]["steps"]] == ["Check the tasks", "Check the site"]


def test_an_option_of_aws_may_be_abbreviated() -> None:
    assert steps(report("k06"))[0] == ("diagnostic", "ecs.describe_services")


def test_updates_every_quarter_of_an_hour_are_a_rhythm_and_the_owner_is_the_commander() -> None:
    found = report("k07")
    assert found["update_every_seconds"] == 900
    (alert,) = found["templates"]
    assert "commander" in alert["placeholders"]
    assert "@engineer-name" not in literal(read("k07"), "alert")


def literal(runbook: Runbook, id: str) -> str:
    """What of a template is posted as it stands."""
    return "\n".join(
        "".join(getattr(part, "text", "") for part in line.parts) for line in runbook.templates[id].lines
    )


def test_the_first_rung_of_an_escalation_is_the_first_call() -> None:
    found = report("k08")
    assert [severity["page"] for severity in found["severities"]] == [["On-Call Engineer"]] * 2
    assert [(level["after_seconds"], level["who"]) for level in found["escalation"]] == [
        (0, ["On-Call Engineer"]),
        (900, ["Team Lead"]),
    ]


@pytest.mark.parametrize(("name", "seconds"), [("k09", [300, 600]), ("k10", [300, 900])])
def test_response_times_by_mtta_and_ack(name: str, seconds: list[int]) -> None:
    assert [severity["response_seconds"] for severity in report(name)["severities"]] == seconds


def test_a_whole_file_is_one_playbook_with_the_title_of_the_file() -> None:
    found = report("k12")
    (playbook,) = found["playbooks"]
    assert (playbook["title"], playbook["severity"]) == ("Cache is slow", "P1")
    assert steps(found) == [("diagnostic", "redis.info"), ("remediation", None)]
    assert [severity["id"] for severity in found["severities"]] == ["P0", "P1", "P2", "P3"]


def test_a_literal_template_posts_no_strangers_facts() -> None:
    found = report("k14")
    (alert,) = found["templates"]
    assert alert["line"] == 21
    text = literal(read("k14"), "alert")
    for fact in ("2031", "14:30", "Pat", "Updated"):
        assert fact not in text


def test_a_note_to_readers_is_no_template() -> None:
    assert report("k15")["templates"] == []


def test_details_are_read() -> None:
    assert steps(report("k17")) == [("diagnostic", "kubectl.get"), ("diagnostic", "ecs.list_tasks")]


def test_fences_inside_admonitions_and_tabs_are_fences() -> None:
    found = report("k19")
    assert steps(found) == [("diagnostic", "ecs.list_tasks"), ("diagnostic", "http.get")]
    assert [step["line"] for step in found["playbooks"][0]["steps"]] == [20, 27]


def test_escaped_fences_are_told_with_their_line() -> None:
    told = [problem for problem in report("k21")["problems"] if problem["line"] == 18]
    assert told and "```" in told[0]["message"]


def test_what_acts_by_post_put_and_delete_is_no_probe() -> None:
    assert [kind for kind, _ in steps(report("k22"))] == [
        "remediation",
        "remediation",
        "remediation",
        "probe",
    ]


def test_another_language() -> None:
    found = report("k23")
    (playbook,) = found["playbooks"]
    assert (playbook["title"], playbook["symptoms"]) == ("Störfall: Kasse steht", ["5xx"])
    assert steps(found) == [("diagnostic", "http.get")]
    assert [severity["response_seconds"] for severity in found["severities"]] == [900, 3600]
    assert [severity["page"] for severity in found["severities"]] == [["Bereitschaft"]] * 2
    assert [level["who"] for level in found["escalation"]] == [["Bereitschaft"], ["Teamleitung"]]


def templates(fence: str, heading: str = "## Communication templates\n### Initial alert\n") -> Runbook:
    return parse_runbook(f"# R\n{heading}```\n{fence}\n```\n")


@pytest.mark.parametrize(
    ("row", "fact"),
    [
        ("Time: 2031-02-03 14:30 PST", "14:30"),
        ("Detected: 3 March 2031", "2031"),
        ("14:32 UTC alert fired", "14:32"),
        ("Investigating: Pat Example", "Pat"),
        ("Lead: @pat", "pat"),
        ("We thank @pat.example for the call", "pat"),
        ("Reported by: Pat Example", "Pat"),
        ("Errors are at 45% now", "45"),
        ("Ticket: OPS-12", "OPS"),
        ("ETA: 30 minutes", "30"),
        ("Status Page: Updated", "Updated"),
        ("INC-2031-014 is open", "2031"),
        ("Affected: 12,000 shoppers", "12,000"),
    ],
)
def test_a_strangers_fact_is_no_text_of_a_template(row: str, fact: str) -> None:
    assert fact not in literal(templates(f"ALERT\n{row}"), "alert")


@pytest.mark.parametrize(
    "row",
    [
        "Write to support@shop.example",
        "Status page: https://status.shop.example",
        "We look again in 30 minutes",
        "Join #incidents",
        "@channel look here",
        "Version 1.2.3, ratio 3:2",
    ],
)
def test_what_is_the_teams_own_stays_word_for_word(row: str) -> None:
    assert row in literal(templates(f"ALERT\n{row}"), "alert")


@pytest.mark.parametrize(
    "fence",
    [
        "#incident-YYYY-MM-DD-words",
        "2031-02-03 14:30:01 ERROR checkout: no connection\n2031-02-03 14:30:02 ERROR checkout: no connection",
        "# Incident report\n## Summary\n## Timeline",
        "kubectl get pods -n shop",
    ],
)
def test_what_is_never_sent_is_no_template(fence: str) -> None:
    assert "alert" not in templates(fence).templates


def test_an_alert_with_gaps_wins_over_a_written_out_one() -> None:
    found = parse_runbook(
        "# R\n## Communication\n### Initial alert (example)\n```\nShop is out\n```\n"
        "### Initial alert\n```\n[Service] is out\n```\n"
    )
    assert found.templates["alert"].line == 9


def test_three_messages_in_one_fence_are_three() -> None:
    found = templates("INITIAL\nWe look at [Service].\n\nUPDATE\nStill at it.\n\nRESOLVED\nIt is over.")
    assert {id: template.line for id, template in found.templates.items()} == {
        "alert": 6,
        "update": 9,
        "resolution": 12,
    }


@pytest.mark.parametrize(
    "said", ["#incident-2031-02-03", "#incident-YYYY-MM-DD", "#inc-[name]", "#incident-"]
)
def test_the_pattern_of_a_channels_name_is_no_war_room(said: str) -> None:
    assert parse_runbook(f"# R\n\nWar room: {said}\n").war_room is None
    assert parse_runbook(f"# R\n\nWar room: {said} or #incidents\n").war_room == "incidents"


def test_a_numbered_line_above_a_fence_that_is_not_indented_is_the_title_of_its_step() -> None:
    found = parse_runbook(
        "# R\n## Incident: Cache\n### Fix\n1. Look\n```bash\nredis-cli INFO\n```\n2. Flush "
        "it\n```bash\nredis-cli FLUSHALL\n```\n"
    )
    assert [step.title for step in found.playbooks[0].steps()] == ["Look", "Flush it"]


INLINE = """# R
## Incident: Slow
### Symptoms
- slow
### Investigation
1. Run `kubectl get pods -n shop` and look
2. Not `kubectl delete pod x -n shop`
3. See `config.yaml`

Then `aws ecs list-tasks --cluster shop` says more.

| what | how |
|---|---|
| memory | `redis-cli -h cache INFO memory` |
"""


def test_inline_code_that_begins_with_a_known_program_is_a_step() -> None:
    found = add_problems(parse_runbook(INLINE), is_set, lambda _: None)
    told = [(step["line"], step["kind"], step["runs"]) for step in build_json(found)["playbooks"][0]["steps"]]
    assert told == [
        (6, "diagnostic", "kubectl.get"),
        (10, "diagnostic", "ecs.list_tasks"),
        (14, "diagnostic", "redis.info"),
    ]


def test_a_block_with_an_unknown_program_is_its_known_steps_and_a_manual_one() -> None:
    text = "# R\n## Incident: Slow\n### Fix\n```bash\n# Look\naws ecs list-tasks --cluster shop\nmake status\n```\n"
    found = add_problems(parse_runbook(text), is_set, lambda _: None)
    told = [
        (step["line"], step["title"], step["kind"]) for step in build_json(found)["playbooks"][0]["steps"]
    ]
    assert told == [(5, "Look", "diagnostic"), (7, "make status", "manual")]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        (
            "## Post-incident\n| When | Task |\n|---|---|\n| Within 24 hours | Write the review |\n",
            ["Write the review"],
        ),
        ("## Deployment checklist\n- [ ] Tag it\n", []),
        ("## Response\n### Within 15 minutes\n- Look at it\n", []),
        ("## After an incident\n### Within 48 hours\n- Review\n", ["Review"]),
    ],
)
def test_a_checklist_is_of_what_is_done_afterwards(text: str, items: list[str]) -> None:
    windows = parse_runbook(f"# R\n{text}").windows
    assert [item.text for window in windows for item in window.items] == items


def test_contacts_are_people_roles_and_teams() -> None:
    found = parse_runbook(
        "# R\n## Contacts\n- **CTO**: +1 415 555 0100\n- **Slack Channel**: #incidents\n- **Phone**: 555\n"
        "- **PagerDuty**: https://x.pagerduty.com\n- **P0**: page all\n- **Critical**: CTO\n- **#ops**: chat\n"
        "- **Check the logs**: first\n- **DevOps Team**: #devops\n\n**Primary On-Call:** [Phone]\n"
    )
    assert [contact.name for contact in found.contacts] == ["CTO", "DevOps Team", "Primary On-Call"]


def test_the_sections_of_a_runbook_that_only_tell_what_to_do_are_playbooks() -> None:
    found = parse_runbook(
        "# Incident runbook\n## API unavailable\n```bash\nkubectl get pods -n shop\n```\n"
        "## Import stuck\n1. Look at the queue\n2. Start it again\n"
        "## Deployment\n```bash\nkubectl apply -f x\n```\n## Rules\n- Be calm\n"
    )
    assert [playbook.title for playbook in found.playbooks] == ["API unavailable", "Import stuck"]
    assert [command.line for command in found.left_out] == [11]


def test_a_subtitle_above_everything_is_no_playbook() -> None:
    found = parse_runbook(
        "# Shop runbook\n## Compliant platform\n### Escalation matrix\n| Severity | Response Time | Escalation "
        "|\n|---|---|---|\n"
        "| Critical | 5 minutes | CTO |\n| Minor | 1 hour | On-call engineer |\n### Contact "
        "information\n**CTO:** [Phone]\n"
        "### Common issues\n#### Till stuck\n1. Look\n### Post-incident review\n- [ ] Write it\n"
    )
    assert [playbook.title for playbook in found.playbooks] == ["Till stuck"]
    assert [(severity.id, severity.action) for severity in found.severities] == [
        ("Critical", "CTO"),
        ("Minor", "On-call engineer"),
    ]


def test_contacts_below_a_label_and_in_a_table_with_when_they_are_called() -> None:
    found = parse_runbook(
        "# R\n## Quick reference\n**Emergency contacts:**\n- On-call engineer: [Phone]\n- Shop team: #shop\n"
    )
    assert [contact.name for contact in found.contacts] == ["On-call engineer", "Shop team"]
    found = parse_runbook(
        "# R\n## Emergency contacts\n| Role | Contact | Escalation |\n|---|---|---|\n"
        "| Primary On-Call | @first | Immediate |\n| Manager | @second | +30 minutes |\n"
    )
    assert [contact.name for contact in found.contacts] == ["Primary On-Call", "Manager"]
    assert [(level.text, level.after and level.after.seconds) for level in found.escalation] == [
        ("Primary On-Call", timedelta(0)),
        ("Manager", 1800),
    ]


def test_a_form_that_somebody_fills_in_is_no_playbook_no_message_and_no_checklist() -> None:
    found = parse_runbook(
        "# Severities\n## Runbook template\n```\n# Incident: <Title>\n\nDate: YYYY-MM-DD\nStatus: "
        "Investigating\n```\n"
        "### 1. Detection\n- **How was it detected?** (alert)\n### 2. Mitigation\n- **Immediate actions:**\n"
        "### 3. Post-mortem\nWithin 48 hours.\n- **Timeline:**\n- **Root cause:**\n- Review: date\n"
    )
    assert (found.playbooks, found.windows, dict(found.templates)) == ((), (), {})


def test_immediately_in_a_sentence_is_no_response_time() -> None:
    found = parse_runbook(
        "# R\n## Severity\n| Severity | Response |\n|---|---|\n| SEV-1 | Roll back to the last good version "
        "immediately |\n"
        "| SEV-2 | Immediate |\n"
    )
    assert [severity.response for severity in found.severities] == [None, timedelta(minutes=5)]
