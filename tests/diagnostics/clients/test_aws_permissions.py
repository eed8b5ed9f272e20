"""Who gives Tocsin a role reads in docs/OPERATING.md what it needs: exactly what the steps ask."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
OPERATION = re.compile(r"\"((?:Describe|List)[A-Z]\w+)\"")


def read_section(heading: str) -> str:
    """The text below a heading of the page for operators."""
    return (ROOT / "docs/OPERATING.md").read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("service", ["ecs", "rds"])
def test_every_action_that_a_step_needs_is_told_and_no_other(service: str) -> None:
    told = set(re.findall(rf"`{service}:(\w+)`", read_section("What Tocsin reads in AWS")))
    asked = {
        name
        for file in (ROOT / "diagnostics" / "systems" / service).glob("*.py")
        for name in OPERATION.findall(file.read_text())
    }
    assert told == asked
