"""The commands of docs/BENCHMARKS.md: what changes something never runs by itself, what reads nearly always does."""

from pathlib import Path

import pytest

from bot.cli.command_comparison import (
    GUARDS,
    OWN,
    Answer,
    classify_command,
    format_comparison,
    report_comparison,
)
from bot.cli.published_commands import CHANGING, READING
from bot.domain.playbook import StepKind

NOT_RUN = {"aws sts get-caller-identity", "git diff HEAD~1"}
"""Reading commands that wait for a person all the same: not on the reviewed list, and somebody's own clone."""


@pytest.mark.parametrize("command", CHANGING)
def test_what_changes_something_never_runs_by_itself(command: str) -> None:
    assert classify_command(command) in (StepKind.REMEDIATION, StepKind.MANUAL)


def test_what_reads_runs_by_itself_but_for_two() -> None:
    assert {command for command in READING if classify_command(command) is not StepKind.DIAGNOSTIC} == NOT_RUN


def test_the_page_counts_them_right() -> None:
    assert (len(CHANGING), len(READING)) == (30, 20)


def test_where_the_other_tools_cannot_be_had_tocsin_is_asked_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("no folder can be made below it")
    said: list[str] = []
    assert report_comparison(tmp_path / "a file" / "guards", said.append) == 0
    assert any(line.startswith("The other tools cannot be asked: ") for line in said)
    assert said[-1] == "| Tocsin | 0 | 18 |"


def test_the_page_has_what_the_command_prints_of_tocsin() -> None:
    page = (Path(__file__).parents[3] / "docs" / "BENCHMARKS.md").read_text()
    section = page.partition("What each says of each.")[2]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    said = [row.removesuffix(" |").split(" | ") for row in rows]
    names = [OWN, *(guard.name for guard in GUARDS)]
    answers = {
        name: [
            Answer(each[at - len(names)], each[at - len(names)] in ("runs", "allow", "level 1"))
            for each in said
        ]
        for at, name in enumerate(names)
    }
    printed = format_comparison(answers)
    assert [line for line in printed if line.startswith("| `")] == rows
    assert [classify_command(command) is StepKind.DIAGNOSTIC for command in (*CHANGING, *READING)] == [
        answer.lets_run for answer in answers[OWN]
    ]
    assert all(line.rpartition(" |")[0] in page for line in printed[-3:]), printed[-3:]
