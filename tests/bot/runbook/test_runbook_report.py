"""What was understood, for programs and for people."""

import json
from pathlib import Path

from bot.runbook import Runbook, build_json, format_report, parse_runbook

SHIPPED = parse_runbook((Path(__file__).parents[3] / "templates" / "runbook.md").read_text())


def test_the_json_has_the_promised_fields() -> None:
    told = json.loads(json.dumps(build_json(SHIPPED)))
    promised = (
        "title update_every_seconds severities playbooks templates checklist contacts links call"
        " war_room escalation left_out problems"
    )
    assert " ".join(told) == promised
    assert told["update_every_seconds"] == 900
    assert told["severities"][0] == {
        "id": "P0",
        "name": "CRITICAL",
        "line": 9,
        "response_seconds": 300,
        "examples": ["API down", "database unreachable", "total system failure"],
        "action": "All hands on deck, page CTO",
        "page": ["CTO"],
        "page_everyone": True,
    }
    assert told["severities"][3]["response_seconds"] is None
    assert told["templates"][1] == {
        "id": "update",
        "line": 297,
        "placeholders": ["feature", "impact", "status", "started", "cadence"],
    }
    assert [(window["within_seconds"], len(window["items"])) for window in told["checklist"]] == [
        (3600, 4),
        (86400, 4),
        (604800, 4),
    ]
    assert told["contacts"][0] == {"name": "CTO", "line": 353, "handles": []}
    assert told["links"][0] == {"name": "Grafana", "url": "https://grafana.rodistaa.com", "line": 359}
    assert [problem["level"] for problem in told["problems"]] == ["warning"] * 4


def test_the_json_of_a_playbook_has_its_steps() -> None:
    playbook = build_json(SHIPPED)["playbooks"][2]
    assert {key: playbook[key] for key in ("id", "title", "severity", "line")} == {
        "id": "payment-gateway-failing",
        "title": "PAYMENT GATEWAY FAILING",
        "severity": "P1",
        "line": 135,
    }
    assert playbook["steps"][3] == {
        "line": 154,
        "section": "Immediate Actions",
        "title": "Check Razorpay dashboard",
        "command": None,
        "kind": "link",
        "runs": None,
        "needs": [],
        "why": "opened by a person: https://dashboard.razorpay.com",
    }
    active = build_json(SHIPPED)["playbooks"][1]["steps"][2]
    assert (active["kind"], active["runs"]) == ("diagnostic", "postgres.query")
    assert active["needs"] == ["$PGHOST", "$PGUSER", "$PGDATABASE"]


def test_the_text_names_every_part_with_its_line() -> None:
    text = format_report(SHIPPED, colour=False)
    for words in (
        "4 severities  updates every 15 minutes, war room #incident-response",
        "P1    HIGH       within 15 minutes; pages DevOps Lead, Senior engineers (?)  line 14",
        "6 playbooks  27 steps",
        "DATABASE UNAVAILABLE                 3 sections, 4 steps, 4 commands  line 93",
        "within 24 hours    4 items  line 336",
        "no contact method: [Rotation schedule]  line 355",
        "0 errors, 4 warnings",
        "line 353: CTO is paged for P0",
    ):
        assert words in text, words


def test_colours_are_only_used_when_wanted_and_only_for_style() -> None:
    plain, coloured = format_report(SHIPPED, colour=False), format_report(SHIPPED, colour=True)
    assert "\033" not in plain
    assert "\033[" in coloured


def test_control_signs_of_a_runbook_never_reach_the_terminal() -> None:
    runbook = parse_runbook(
        "# R \033[2J\n## P0 INCIDENT: \033]0;x\nfoo\n## Contacts\n- \033[1mCTO: \033[31m\n"
    )
    assert "\033" not in format_report(runbook, colour=False)


def test_a_runbook_without_problems_says_so() -> None:
    assert format_report(Runbook("R"), colour=False).endswith("\nNo problems.\n")
    assert "\n0 errors, " in format_report(parse_runbook("# R"), colour=False)
