"""Who gives Tocsin a role reads in docs/OPERATING.md what it needs: exactly what the steps ask."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
OPERATION = re.compile(r"\"((?:Describe|List)[A-Z]\w+)\"")


@pytest.mark.parametrize("service", ["ecs", "rds"])
def test_every_action_that_a_step_needs_is_told_and_no_other(service: str) -> None:
    told = set(re.findall(rf"`{service}:(\w+)`", (ROOT / "docs/OPERATING.md").read_text()))
    asked = {
        name
        for file in (ROOT / "diagnostics" / "systems" / service).glob("*.py")
        for name in OPERATION.findall(file.read_text())
    }
    assert told == asked
