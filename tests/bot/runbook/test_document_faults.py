"""What cannot be read of a document is said with its line, and the rest is read."""

import pytest

from bot.runbook import parse_runbook

REST = "# R\n\n## Severity\n\n| Level | Response time | Who |\n|---|---|---|\n| P1 | 15 min | CTO |\n"


def list_faults(text: str) -> list[tuple[int, str]]:
    words = ("YAML", "This row", "HTML")
    problems = parse_runbook(text).problems
    return [(each.line, each.message) for each in problems if any(word in each.message for word in words)]


@pytest.mark.parametrize(
    ("front", "line"),
    [
        ("title: [open\n", 2),
        ("title: x\nno yaml at all !\n", 3),
        ("title: x\n\tname: y\n", 3),
        ('title: "open\n', 2),
    ],
)
def test_front_matter_that_is_no_yaml_is_told(front: str, line: int) -> None:
    [(told, message)] = list_faults(f"---\n{front}---\n{REST}")
    assert told == line and message.startswith("This line is no YAML")
    assert [level.id for level in parse_runbook(f"---\n{front}---\n{REST}").severities] == ["P1"]


@pytest.mark.parametrize(
    "front", ["title: x\n", "title: x\ntags:\n  - a\n  - b\n# c\n", "Just a rule above.\n"]
)
def test_good_front_matter_and_a_rule_are_not(front: str) -> None:
    assert list_faults(f"---\n{front}---\n{REST}") == []


def test_ragged_rows_are_told_once_for_each_table() -> None:
    good = "| a | b |\n|---|---|\n| `x \\| y` | 2 |\n"
    text = f"{REST}| P2 |\n| P3 | 1 h | CTO | extra |\n\n{good}\n```\n| a | b |\n|---|---|\n| 1 |\n```\n"
    [(line, message)] = list_faults(text)
    assert line == 8
    assert message.startswith("This row has 1 cell, its table's header 3 (and 1 more of its rows)")
    assert [level.id for level in parse_runbook(text).severities] == ["P1", "P2", "P3"]


def test_html_is_told_at_its_first_line() -> None:
    [(line, message)] = list_faults(
        "\n<html><body><h1>Runbook</h1>\n<table><tr><td>P1</td></tr></table></body></html>\n"
    )
    assert line == 2 and "not read" in message


def test_details_and_comments_are_read_as_before() -> None:
    assert (
        list_faults(f"{REST}\n<details>\n<summary>More</summary>\n\ntext\n\n</details>\n<!-- <table> -->\n")
        == []
    )
