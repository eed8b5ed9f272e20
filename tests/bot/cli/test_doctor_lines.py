"""What a line of the doctor says of findings, versions and facts."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.database import DatabaseFacts
from bot.cli.doctor.database_checks import describe_clock, describe_facts
from bot.cli.doctor.lines import CheckLine, Level, format_json, format_lines, split_mend, summarise
from bot.cli.doctor.system_checks import summarise_findings, summarise_skipped
from bot.cli.start_check import load_settings
from bot.domain.diagnostic_run import UNKNOWN, StepResult
from bot.domain.finding import Finding, UnknownCause, Verdict, build_unknown_finding
from bot.errors import SettingsProblem
from bot.ports.diagnostics import PlannedCheck
from bot.settings import find_data_folder

NOW = datetime(2026, 11, 3, 3, 12, tzinfo=UTC)
FACTS = DatabaseFacts("18.1", 180_001, "tocsin", False, True, 9_000_000, 97, 3)


def step(runs: str, **more: Any) -> StepResult:
    return StepResult(0, "p", 1, "", "Look", "diagnostic", runs, **more)


def test_a_refused_right_is_red_with_what_to_allow_and_an_answer_is_green() -> None:
    refused = build_unknown_finding(
        UnknownCause.FORBIDDEN, "AWS denies ecs:ListTasks.", NOW, "Allow ecs:ListTasks."
    )
    silent = build_unknown_finding(UnknownCause.TIMEOUT, "sentry.io has not answered.", NOW)
    empty = build_unknown_finding(UnknownCause.NO_DATA, "No points.", NOW)
    lines = summarise_findings(
        [
            (step("ecs.describe_services"), Finding(Verdict.WARN, "5 of 6 tasks run.", NOW)),
            (step("ecs.describe_services"), refused),
            (step("ecs.describe_services"), refused),
            (step("sentry.issues"), silent),
            (step("cloudwatch.get_metric_data"), empty),
        ]
    )
    assert [(line.level, line.text) for line in lines] == [
        (Level.GREEN, "ecs answers (1 check)"),
        (Level.GREEN, "cloudwatch answers (1 check)"),
        (Level.RED, "ecs: AWS denies ecs:ListTasks."),
        (Level.YELLOW, "sentry: sentry.io has not answered."),
    ]
    assert lines[2].mend == "Allow ecs:ListTasks."
    assert all(line.mend for line in lines if line.level is not Level.GREEN)


@pytest.mark.parametrize(
    ("finding", "mend"),
    [
        (Finding(Verdict.BAD, "Redis at 127.0.0.1 refuses connections.", NOW), "See whether it is so now"),
        (
            build_unknown_finding(UnknownCause.NOT_FOUND, "No such cluster.", NOW),
            "Compare the runbook's command",
        ),
        (
            build_unknown_finding(
                UnknownCause.NOT_UNDERSTOOD, "AWS takes no such question.", NOW, "Correct it."
            ),
            "Correct it.",
        ),
        (
            build_unknown_finding(UnknownCause.NOT_CONFIGURED, "No credentials.", NOW, "Set AWS_PROFILE."),
            "Set AWS_PROFILE.",
        ),
    ],
    ids=["nothing listens", "not there", "never asked", "no key"],
)
def test_what_took_no_question_does_not_answer(finding: Finding, mend: str) -> None:
    (line,) = summarise_findings([(step("redis.info"), finding)])
    assert (line.level, line.text) == (Level.YELLOW, f"redis: {finding.headline}")
    assert line.mend.startswith(mend)


def test_what_is_not_set_is_said_once_with_the_count_of_steps_and_without_the_command_by_hand() -> None:
    said = "Load balancer skipped: TOCSIN_LOAD_BALANCER is not set. Its name: aws cloudwatch list-metrics"
    skipped = step("load_balancer.traffic", verdict=UNKNOWN, cause="not_configured", headline=said)
    lines = summarise_skipped([PlannedCheck(skipped), PlannedCheck(skipped)])
    assert [line.text for line in lines] == [
        "Load balancer skipped: TOCSIN_LOAD_BALANCER is not set. (2 steps)"
    ]


@pytest.mark.parametrize(
    ("facts", "yellow"),
    [
        (FACTS, []),
        (DatabaseFacts("19.0", 190_000, "tocsin", False, True, 1, 97, 3), ["PostgreSQL 19.0, 0 MB"]),
        (
            DatabaseFacts("18.1", 180_001, "tocsin_bot", False, False, 1, 97, 3),
            ["the role tocsin_bot is no superuser, and works in the schema"],
        ),
        (DatabaseFacts("18.1", 180_001, "t", False, True, 1, 97, 96), ["1 of 97 connections are free"]),
        (
            DatabaseFacts("18.1", 180_001, "postgres", True, True, 1, 97, 3),
            ["the role postgres is a superuser, and may bring the schema up to date"],
        ),
    ],
    ids=["right", "newer", "another one's schema", "crowded", "more than it needs"],
)
def test_the_facts_of_a_database_are_judged(facts: DatabaseFacts, yellow: list[str]) -> None:
    lines = describe_facts(facts)
    assert [line.text for line in lines if line.level is Level.YELLOW] == yellow
    assert all(line.mend for line in lines if line.level is Level.YELLOW)


def test_a_private_database_belongs_to_its_superuser() -> None:
    facts = DatabaseFacts("18.1", 180_001, "postgres", True, True, 1, 97, 3)
    assert {line.level for line in describe_facts(facts, private=True)} == {Level.GREEN}


def test_what_was_not_tried_stands_apart_and_last() -> None:
    lines = [
        CheckLine("Slack", Level.UNTRIED, "whether events arrive", "Start it."),
        CheckLine("Disk", Level.RED, "full", "Make room there."),
        CheckLine("Clock", Level.GREEN, "right"),
    ]
    assert format_lines(lines).splitlines()[:3] == [
        "✘ Disk   full → Make room there.",
        "✔ Clock  right",
        "– Slack  whether events arrive → Start it.",
    ]
    assert summarise(lines) == "1 right, 1 in the way of an incident (Disk), 1 not tried (Slack)."
    told = json.loads(format_json(lines))
    assert [line["level"] for line in told["lines"]] == ["red", "green"]
    assert told["not_tried"] == [{"section": "Slack", "text": "whether events arrive", "mend": "Start it."}]


@pytest.mark.parametrize(
    ("state", "folder"),
    [
        ("/var/lib/x", "/var/lib/x/tocsin"),
        ("relative", "{home}/.local/state/tocsin"),
        ("", "{home}/.local/state/tocsin"),
    ],
)
def test_an_installed_package_keeps_its_state_where_the_user_does(
    monkeypatch: pytest.MonkeyPatch, state: str, folder: str
) -> None:
    assert find_data_folder().name == ".tocsin", "a clone keeps it beside itself"
    monkeypatch.setattr("bot.settings.IS_CLONE", False)
    monkeypatch.setenv("XDG_STATE_HOME", state)
    assert find_data_folder() == Path(folder.format(home=Path.home()))


def test_in_kubernetes_a_database_has_to_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("TOCSIN_DATABASE_URL", "TOCSIN_DATABASE_DIRECT_URL", "TOCSIN_CONTACTS", "TOCSIN_RUNBOOK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TOCSIN_SECRETS_DIR", str(tmp_path))
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "0123456789abcdef0123456789abcdef")
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    with pytest.raises(SettingsProblem, match="in Kubernetes no private PostgreSQL is started"):
        load_settings()
    (tmp_path / "TOCSIN_DATABASE_URL").write_text("postgresql://tocsin@db/tocsin\n")
    assert load_settings().database_url is not None


LONG = CheckLine(
    "Settings",
    Level.RED,
    "TOCSIN_DATABASE_URL is an address of another kind of database (mysql://): Tocsin keeps everything in PostgreSQL",
    "Write postgresql://USER:PASSWORD@HOST:5432/NAME.",
)


def test_on_a_terminal_no_line_is_wider_than_it_and_the_mend_begins_a_line() -> None:
    lines = [
        LONG,
        CheckLine("Disk", Level.GREEN, "right"),
        CheckLine("Slack", Level.UNTRIED, "x " * 50, "Go."),
    ]
    told = format_lines(lines, 80)
    assert max(map(len, told.splitlines())) <= 80
    assert told.split() == format_lines(lines).split(), "no word is lost or broken"
    assert told.splitlines()[:3] == [
        "✘ Settings  TOCSIN_DATABASE_URL is an address of another kind of database",
        "            (mysql://): Tocsin keeps everything in PostgreSQL",
        "            → Write postgresql://USER:PASSWORD@HOST:5432/NAME.",
    ]
    assert "✔ Disk      right" in told.splitlines()
    assert len(format_lines(lines).splitlines()) == len(lines) + 2, "one line each where programs read"


@pytest.mark.parametrize(
    ("sentences", "text", "mend"),
    [
        ("X is not set. Copy it from Y.", "X is not set", "Copy it from Y."),
        ("It is newer. Start that one, or restore. Nothing was changed.", "It is newer", "Start that one, or restore."),
        ("It is 13, and 15 is needed: upgrade it. Nothing was changed.", "It is 13, and 15 is needed", "Upgrade it."),
        ("It is read-only. Nothing was changed.", "It is read-only. Nothing was changed.", ""),
        ("X must be a number, such as 1.5.", "X must be a number, such as 1.5.", ""),
    ],
)  # fmt: skip
def test_the_sentence_that_mends_stands_apart(sentences: str, text: str, mend: str) -> None:
    line = split_mend("Settings", sentences)
    assert (line.text, line.mend, line.level) == (text, mend, Level.RED)


@pytest.mark.parametrize(
    ("ahead", "level"), [(0.4, Level.GREEN), (-59.0, Level.GREEN), (61.0, Level.RED), (-400.0, Level.RED)]
)
def test_the_databases_clock_is_judged(ahead: float, level: Level) -> None:
    line = describe_clock(ahead)
    assert (line.section, line.level) == ("Clock", level)
    assert f"{abs(ahead):.0f} s apart from the database's" in line.text
