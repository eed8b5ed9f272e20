"""A folder's runbooks used for real: with which the bot starts, and what of a stranger's incident it posts."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli.dev import bench
from bot.cli.runbook_rehearsal import Rehearsal, count_rehearsals, rehearse_runbooks

RUNBOOK = """# Till down
## Symptoms
- no till answers
## Actions
1. Look
## Templates
### Initial alert
```
INCIDENT P1 - Tills of Lisbon are dead
Started: 2031-02-03 14:30 UTC
Lead: @engineer-name
Backup: somebody in Lisbon
```
"""


def test_a_bot_that_does_not_start_and_facts_that_are_posted_are_counted(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.expected.json").write_text(json.dumps({"facts": ["Lisbon", "14:30"]}))
    told = [
        Rehearsal(tmp_path / "a.md", has_started=True, posted=["Tills of Lisbon", "All is well"]),
        Rehearsal(tmp_path / "b.md", has_started=True, posted=["Nothing works"]),
        Rehearsal(tmp_path / "c.md", has_started=False),
    ]
    assert [(each.name, each.found, each.there, each.false) for each in count_rehearsals(told)] == [
        ("bot starts", 2, 3, 0),
        ("facts posted", 3, 4, 1),
    ]


@pytest.mark.whole
async def test_the_bot_is_started_with_each_and_what_it_posts_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(RUNBOOK)
    (tmp_path / "a.expected.json").write_text(json.dumps({"facts": ["dead", "@engineer-name", "Lisbon"]}))
    (tmp_path / "b.md").write_bytes(b"\x00\x01\x02" * 99)  # no words, and no reason not to start
    first, second = [each async for each in rehearse_runbooks(tmp_path)]
    assert (first.has_started, second.has_started) == (True, True)
    assert any("INCIDENT (its severity) - Nothing works" in text for text in first.posted), first.posted
    assert first.list_facts()[1] == ["Lisbon"]
    assert any("Started: (a moment)" in text for text in first.posted), "its own moment is no stranger's"


def test_an_installed_package_says_that_nothing_was_declared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.cli.dev.IS_CLONE", False)
    (tmp_path / "till.md").write_text(RUNBOOK)
    told = CliRunner().invoke(bench, ["runbooks", str(tmp_path)])
    assert "Declaring with each in the stand-in belongs to a clone of the repository." in told.output
    assert "bot starts" not in told.output
