"""The runbook that is shipped is understood completely."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.playbook import Step
from bot.domain.section_parts import Bullet, BulletList, Label
from bot.runbook import ChecklistTask, Contact, NamedLink, Runbook, decode_text, parse_runbook

SHIPPED = Path(__file__).parents[3] / "templates" / "runbook.md"


@pytest.fixture(scope="module")
def runbook() -> Runbook:
    text, problems = decode_text(SHIPPED.read_bytes())
    return parse_runbook(text, problems)


def test_severities_have_response_examples_and_action(runbook: Runbook) -> None:
    assert runbook.title == "🚨 Incident Response Runbook"
    assert [
        (s.id, s.name, s.summary, s.line, s.response, s.response_text, s.rank) for s in runbook.severities
    ] == [
        ("P0", "CRITICAL", "Complete Outage", 9, timedelta(minutes=5), "Immediate (< 5 minutes)", 0),
        ("P1", "HIGH", "Major Feature Down", 14, timedelta(minutes=15), "< 15 minutes", 1),
        ("P2", "MEDIUM", "Degraded Performance", 19, timedelta(hours=1), "< 1 hour", 2),
        ("P3", "LOW", "Minor Issue", 24, None, "Next business day", 3),
    ]
    assert runbook.severities[0].examples == ("API down", "database unreachable", "total system failure")
    assert [s.action for s in runbook.severities] == [
        "All hands on deck, page CTO",
        "Senior engineers + DevOps",
        "On-call engineer",
        "Regular development process",
    ]


def test_playbooks_have_severity_symptoms_and_every_section(runbook: Runbook) -> None:
    told = [(p.id, p.title, p.severity, p.line, [s.title for s in p.sections]) for p in runbook.playbooks]
    investigated = ["Symptoms", "Investigation", "Resolution"]
    assert told == [
        (
            "api-completely-down",
            "API COMPLETELY DOWN",
            "P0",
            31,
            [
                "Symptoms",
                "Immediate Actions (First 5 Minutes)",
                "Root Cause Investigation",
                "Resolution Steps",
            ],
        ),
        (
            "database-unavailable",
            "DATABASE UNAVAILABLE",
            "P0",
            93,
            ["Symptoms", "Immediate Actions", "Escalation"],
        ),
        (
            "payment-gateway-failing",
            "PAYMENT GATEWAY FAILING",
            "P1",
            135,
            ["Symptoms", "Immediate Actions", "Common Fixes"],
        ),
        ("high-error-rate-5", "HIGH ERROR RATE (> 5%)", "P1", 166, investigated),
        ("mobile-app-crashes", "MOBILE APP CRASHES", "P1", 198, investigated),
        (
            "slow-api-responses",
            "SLOW API RESPONSES",
            "P2",
            232,
            ["Symptoms", "Investigation", "Common Fixes"],
        ),
    ]
    assert runbook.playbooks[1].symptoms == (
        '"Connection refused" errors',
        '"Too many connections" errors',
        "API timeouts",
    )


def test_a_section_keeps_its_labels_steps_and_numbers_in_order(runbook: Runbook) -> None:
    _, _, investigation, resolution = runbook.playbooks[0].sections
    assert [part if isinstance(part, Label) else part.line for part in investigation.parts] == [
        Label(62, "Database Issue?"),
        64,
        67,
        Label(71, "Memory/CPU Issue?"),
        73,
    ]
    assert investigation.parts[1] == Step(
        64,
        "Root Cause Investigation",
        "Check connections",
        "SELECT count(*), state FROM pg_stat_activity GROUP BY state;",
        "sql",
    )
    [steps] = resolution.parts
    assert isinstance(steps, BulletList)
    assert steps.items[0] == Bullet(85, "Rollback deployment if recent", 0, 1)
    assert len(steps.items) == 5


def test_there_are_21_commands_and_6_steps_for_a_person(runbook: Runbook) -> None:
    steps = [step for playbook in runbook.playbooks for step in playbook.steps()]
    assert [step.title for step in steps if step.command is None] == [
        "Check Razorpay dashboard",
        "Check Sentry for stack traces",
        "Check Firebase Crashlytics",
        "Check Sentry for mobile errors",
        "Identify crash pattern",
        "Check resource utilization",
    ]
    assert len(steps) == 27


def test_commands_keep_continuations_quotes_and_here_documents(runbook: Runbook) -> None:
    by_line = {step.line: step for playbook in runbook.playbooks for step in playbook.steps()}
    assert by_line[41].command == (
        "aws ecs describe-services \\\n  --cluster rodistaa-production \\\n  --services "
        "rodistaa-backend-prod \\\n"
        "  --query 'services[0].[serviceName,runningCount,desiredCount,status]'"
    )
    killing = by_line[122]
    assert killing.title == "If too many connections - kill idle ones"
    assert killing.command is not None
    assert killing.command.endswith("NOW() - INTERVAL '5 minutes';\"")
    here = by_line[249].command
    assert here is not None
    assert here.startswith("psql -h $PGHOST")
    assert here.endswith("LIMIT 10;\nEOF")
    assert by_line[219].command == 'cd packages/mobile/shipper\ngit log --since="1 week ago" --oneline'
    assert (
        by_line[214].note == "- Which app version?\n- Which devices/OS versions?\n- Which screens/features?"
    )


def test_every_line_of_a_playbook_is_kept(runbook: Runbook) -> None:
    """Marks of headings, lists, fences and comments have fields of their own and are not compared."""
    kept = "".join(repr(playbook.sections) for playbook in runbook.playbooks)
    kept = kept.replace("\\\\", "\\").replace("\\n", "\n").replace("\\'", "'")
    lines = SHIPPED.read_text().split("\n")[30:272]
    for number, line in enumerate(lines, 31):
        if line.startswith(("```", "## ", "---")):
            continue
        words = re.sub(r"^[#*-]*\s*(\d+\. )?", "", line.rstrip(" \\"))
        assert words.replace("*", "") in kept.replace("*", ""), f"line {number}: {line}"


def test_messages_are_found_by_their_headings(runbook: Runbook) -> None:
    assert [(t.id, t.heading, t.line, len(t.lines)) for t in runbook.templates.values()] == [
        ("alert", "Initial Incident Notification (Slack)", 278, 14),
        ("update", "Status Page Update", 297, 9),
        ("resolution", "Resolution Notification", 310, 14),
    ]


def test_the_checklist_has_three_windows_with_twelve_items(runbook: Runbook) -> None:
    assert [(w.within, w.label, w.line, len(w.items)) for w in runbook.windows] == [
        (timedelta(hours=1), "Within 1 hour", 330, 4),
        (timedelta(hours=24), "Within 24 hours", 336, 4),
        (timedelta(weeks=1), "Within 1 week", 342, 4),
    ]
    assert runbook.windows[0].items[1] == ChecklistTask('Update status page to "Resolved"', 332)


def test_samples_of_phone_numbers_are_no_handles(runbook: Runbook) -> None:
    assert runbook.contacts == (
        Contact("CTO", 353, "[Phone]", ()),
        Contact("DevOps Lead", 354, "[Phone]", ()),
        Contact("On-Call Engineer", 355, "[Rotation schedule]", ()),
        Contact("AWS Support", 356, "1-800-XXX-XXXX (Premium)", ()),
    )


def test_addresses_and_other_runbooks_are_listed(runbook: Runbook) -> None:
    assert len(runbook.links) == 5
    assert runbook.links[1] == NamedLink("Sentry", "https://sentry.io/organizations/rodistaa", 360)
    assert [(link.name, link.url, link.line) for link in runbook.related] == [
        ("Database Issues", "./DATABASE_INCIDENTS.md", 366),
        ("Network Issues", "./NETWORK_INCIDENTS.md", 367),
        ("Security Incidents", "./SECURITY_INCIDENTS.md", 368),
    ]


def test_updates_come_every_15_minutes_and_the_war_room_is_named(runbook: Runbook) -> None:
    assert runbook.update_every == timedelta(minutes=15)
    assert runbook.war_room == "incident-response"


def test_the_only_problems_are_people_who_cannot_be_reached(runbook: Runbook) -> None:
    assert list(runbook.errors()) == []
    assert [(problem.line, problem.message.split(",")[0]) for problem in runbook.problems] == [
        (14, "P1 pages “Senior engineers”"),
        (353, "CTO is paged for P0"),
        (354, "DevOps Lead is paged for P1"),
        (355, "On-Call Engineer is paged for P2"),
    ]


def test_playbooks_of_a_severity_come_first(runbook: Runbook) -> None:
    assert [p.severity for p in runbook.playbooks_for("P1")] == ["P1", "P1", "P1", "P0", "P0", "P2"]
    assert runbook.playbooks_for(None) == runbook.playbooks
    assert runbook.playbook("slow-api-responses") is runbook.playbooks[5]
    assert runbook.playbook("slow") is None
