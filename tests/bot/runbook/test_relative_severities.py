"""Severities are understood however a runbook spells them."""

from datetime import timedelta

import pytest

from bot.runbook import parse_runbook
from tests.bot.runbook.relatives import INHERITED, SCENARIOS, TABLES, WORDS


def test_severities_are_read_from_a_table() -> None:
    levels = parse_runbook(TABLES).severities
    assert [(level.id, level.summary, level.response, level.line) for level in levels] == [
        ("SEV1", "Nobody can pay", timedelta(minutes=5), 13),
        ("SEV2", "Some cards fail", timedelta(minutes=30), 14),
        ("SEV3", "Cosmetic", None, 15),
    ]
    assert levels[0].action == "Page primary on-call and VP of Engineering"


def test_severities_are_read_from_headings_with_nested_lists() -> None:
    levels = parse_runbook(SCENARIOS).severities
    assert [(level.id, level.name, level.response, level.rank) for level in levels] == [
        ("P1", "Critical", timedelta(minutes=15), 0),
        ("P2", "High", timedelta(hours=4), 1),
        ("P4", "Low", None, 2),
    ]
    assert levels[0].examples == ("Site down", "Data loss")


def test_an_overview_of_levels_is_completed_by_their_headings() -> None:
    [level] = parse_runbook(
        "# R\n## Severity\n| Level | Meaning |\n|-|-|\n| SEV1 | All down |\n### SEV-1: Critical\n"
        "- Response time: 5m\n- Examples: a, b (c, d)\n- Page: CTO\n"
    ).severities
    assert (level.line, level.summary, level.response) == (5, "All down", timedelta(minutes=5))
    assert (level.name, level.examples, level.action) == ("Critical", ("a", "b (c, d)"), "CTO")


def test_severities_are_read_from_a_plain_list() -> None:
    levels = parse_runbook(INHERITED).severities
    assert [(level.id, level.name, level.response, level.action) for level in levels] == [
        ("SEV1", "Critical", timedelta(minutes=15), ""),
        ("SEV2", "Major", timedelta(hours=1), "database on-call"),
    ]


def test_severities_may_be_words_under_bold_labels() -> None:
    runbook = parse_runbook(WORDS)
    assert [(level.id, level.summary, level.action) for level in runbook.severities] == [
        ("Critical", "all users", "Page on-call"),
        ("Low", "", "Open a ticket"),
    ]
    assert runbook.severities[0].response == timedelta(minutes=5)
    told = [problem.message for problem in runbook.problems if problem.line in {5, 9}]
    assert any("5 minutes are assumed" in message for message in told)
    assert any("whenever we feel like it" in message for message in told)


@pytest.mark.parametrize(
    ("said", "response"),
    [
        ("Immediate (< 5 minutes)", timedelta(minutes=5)),
        ("30 min", timedelta(minutes=30)),
        ("4 hours (business hours)", timedelta(hours=4)),
        ("4 business hours", timedelta(hours=4)),
        ("Business hours", None),
        ("When possible", None),
        ("Next business day", None),
        ("Within 2 business days", None),
        ("Best effort", None),
    ],
)
def test_response_times_are_understood_without_a_warning(said: str, response: timedelta | None) -> None:
    runbook = parse_runbook(
        f"# R\n## Severity\n### P0 - A\n- **Response Time**: {said}\n- **Action**: tell nobody\n"
    )
    assert [(level.response, level.response_text) for level in runbook.severities] == [(response, said)]
    assert [problem for problem in runbook.problems if problem.line > 1] == []


def test_a_severity_without_response_time_is_a_warning() -> None:
    runbook = parse_runbook("# R\n## Severity\n### P0 - A\n- **Action**: tell nobody\n")
    assert runbook.severities[0].response is None
    assert [problem.line for problem in runbook.problems if "no response time" in problem.message] == [3]


def test_a_level_is_understood_in_any_spelling() -> None:
    runbook = parse_runbook(TABLES)
    for words in ("sev1", "SEV-1", "sev 1", "Severity 1", "p1"):
        level = runbook.severity(words)
        assert level is not None, words
        assert level.id == "SEV1", words
    assert runbook.severity("p9") is None
    critical = parse_runbook(SCENARIOS).severity("critical")
    assert critical is not None
    assert critical.id == "P1"


@pytest.mark.parametrize("said", ["ad hoc", "9 am", "when we can", "10 M users"])
def test_a_response_time_that_cannot_be_read_is_a_problem_and_never_a_guess(said: str) -> None:
    runbook = parse_runbook(
        f"# R\n## Severity Levels\n### P1 - HIGH\n- Response Time: {said}\n- Action: CTO\n"
    )
    assert runbook.severities[0].response is None
    (problem,) = [each for each in runbook.problems if "response time" in each.message]
    assert (problem.line, problem.level) == (3, "warning")
    assert f"“{said}”, is not understood. Write it as “15 minutes”" in problem.message


def test_as_soon_as_possible_is_at_once_and_its_guess_is_told() -> None:
    runbook = parse_runbook("# R\n## Severity Levels\n### P1 - HIGH\n- Response Time: As soon as possible\n")
    assert runbook.severities[0].response == timedelta(minutes=5)
    assert any("5 minutes are assumed" in problem.message for problem in runbook.problems)


@pytest.mark.parametrize(
    ("written", "ids"),
    [
        ("SEV-3/4", ["SEV3", "SEV4"]),
        ("P2/P3", ["P2", "P3"]),
        ("P3 - P5", ["P3", "P4", "P5"]),
        ("P3\N{EN DASH}P4", ["P3", "P4"]),
        ("SEV2 & SEV3", ["SEV2", "SEV3"]),
        ("P2 and P3", ["P2", "P3"]),
        ("Severity 2 / Severity 3", ["SEV2", "SEV3"]),
    ],
)
@pytest.mark.parametrize(
    "form",
    [
        "| Level | Meaning | Response |\n| --- | --- | --- |\n| {} | Small | 2 days |\n",
        "### {}\n- **Description**: Small\n- **Response time**: 2 days\n",
        "- **{}**: Small\n  - Response time: 2 days\n",
    ],
)
def test_what_stands_for_several_levels_tells_of_each(form: str, written: str, ids: list[str]) -> None:
    text = "# Incident response\n## Severity levels\n" + form.format(written)
    levels = parse_runbook(text).severities
    assert [(level.id, level.summary, level.response) for level in levels] == [
        (id, "Small", timedelta(days=2)) for id in ids
    ]
    assert all(level.name == level.id for level in levels)


@pytest.mark.parametrize(
    "written", ["P1/SEV1", "P1 - 5 minutes", "P1/4h", "P1/4 hours", "P1/0", "P1, 3 people", "P1-2 weeks"]
)
def test_a_level_beside_another_number_is_one_level(written: str) -> None:
    text = f"# Incident response\n## Severity levels\n| Level | Meaning |\n| --- | --- |\n| {written} | Small |\n"
    assert [level.id for level in parse_runbook(text).severities] == ["P1"]
