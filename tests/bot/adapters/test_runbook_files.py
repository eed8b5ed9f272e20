"""The runbook and the runbooks that it links to: read once each, within its folder, within bounds."""

import json
import os
from pathlib import Path

import pytest

from bot.adapters.runbook_files import MAX_BYTES, MAX_FILES, load_runbook_files
from bot.runbook import Problem, Runbook, build_json, format_report, parse_runbook
from tests.bot_template import TEMPLATE
from tests.machine_speed import bound_processor_time

MAIN = """# Ops
## Severity Levels
### P0 - CRITICAL
- Response Time: < 5 minutes
- Action: page CTO
## P0 INCIDENT: API DOWN
### Symptoms
- 503 everywhere
```bash
git log --oneline
```
## Contacts
- **CTO**: <@U0CHIDI001>
## Runbooks
- [Database](./DATABASE.md#top)
- [Network](net/NETWORK.md)
"""
DATABASE = """---
title: Database
---
# Database incidents
## P0 INCIDENT: Replica lag
### Symptoms
- Old rows
```sql
-- How far behind
SELECT now() - pg_last_xact_replay_timestamp();
```
## P3 INCIDENT: API down
### Symptoms
- None of it
## Contacts
- **DBA**: dba@example.com
See [the main one](RUNBOOK.md), [the network](net/NETWORK.md) and [nothing](gone.md).
"""
NETWORK = """# Packets are lost
## Diagnosis
```bash
ping -c 3 gateway
```
## Mitigation
Reroute.

Back to [the database](../DATABASE.md).
"""


@pytest.fixture
def main(tmp_path: Path) -> Path:
    folder = tmp_path / "ops"
    (folder / "net").mkdir(parents=True)
    (folder / "RUNBOOK.md").write_text(MAIN)
    (folder / "DATABASE.md").write_text(DATABASE)
    (folder / "net" / "NETWORK.md").write_text(NETWORK)
    return folder / "RUNBOOK.md"


def whole(path: Path) -> Runbook:
    """The runbook with everything that it links to."""
    shelf = load_runbook_files(path)
    return parse_runbook(shelf.text, shelf.problems)


def about(problems: tuple[Problem, ...], words: str) -> list[tuple[str, int]]:
    return [(problem.file, problem.line) for problem in problems if words in problem.message]


def test_playbooks_of_linked_runbooks_are_there_with_file_and_line(main: Path) -> None:
    runbook = whole(main)
    assert [
        (playbook.title, playbook.file, playbook.line, playbook.severity) for playbook in runbook.playbooks
    ] == [
        ("API DOWN", "", 6, "P0"),
        ("Replica lag", "DATABASE.md", 5, "P0"),
        ("API down", "DATABASE.md", 12, None),
        ("Packets are lost", "net/NETWORK.md", 1, None),
    ]
    assert [step.line for step in runbook.playbooks[1].steps()] == [9]
    assert [contact.name for contact in runbook.contacts] == ["CTO"]
    told = build_json(runbook)
    assert [each.get("file") for each in told["playbooks"]] == [
        *(None, "DATABASE.md", "DATABASE.md", "net/NETWORK.md"),
    ]
    assert "How far behind                       postgres.query  DATABASE.md:9" in format_report(
        runbook, colour=False
    )


def test_problems_of_linked_runbooks_say_where(main: Path) -> None:
    problems = whole(main).problems
    assert about(problems, "which is no severity") == [("DATABASE.md", 12)]
    assert about(problems, "Another playbook, at line 6, is named “API down” too") == [("DATABASE.md", 12)]


def test_what_the_main_runbook_lacks_is_taken_from_the_first_linked_one_that_has_it(tmp_path: Path) -> None:
    index = tmp_path / "INDEX.md"
    index.write_text("# Index\n- [a](a.md)\n- [b](b.md)\n")
    (tmp_path / "a.md").write_text(MAIN.partition("## Contacts")[0])
    (tmp_path / "b.md").write_text(
        "# B\n## Severity\n### P1 - HIGH\n- Response Time: 1 h\n## Contacts\n- **CTO**: <@U0CHIDI001>\n"
        "## Post-Incident Checklist\nWithin 24 hours:\n- [ ] Review\n"
    )
    runbook = whole(index)
    assert [(severity.id, severity.file) for severity in runbook.severities] == [("P0", "a.md")]
    assert [(contact.name, contact.file) for contact in runbook.contacts] == [("CTO", "b.md")]
    assert [(window.line, window.file) for window in runbook.windows] == [(8, "b.md")]


def test_links_in_a_circle_are_followed_once(main: Path) -> None:
    (main.parent / "COPY.md").symlink_to("DATABASE.md")
    main.write_text(MAIN + "- [Again](COPY.md)\n- [Itself](RUNBOOK.md)\n")
    (main.parent / "loop.md").symlink_to("loop.md")
    main.write_text(MAIN + "- [Again](COPY.md)\n- [Itself](RUNBOOK.md)\n- [Loop](loop.md)\n")
    assert len(whole(main).playbooks) == 4


@pytest.mark.parametrize("way", ["..", "absolute", "file", "folder"])
def test_a_link_out_of_the_folder_is_never_followed(main: Path, tmp_path: Path, way: str) -> None:
    outside = tmp_path / "out" / "SECRET.md"
    outside.parent.mkdir()
    outside.write_text("# S\n## P0 INCIDENT: Secret\n### Symptoms\n- a\n")
    (main.parent / "LINK.md").symlink_to(outside)
    (main.parent / "away").symlink_to(outside.parent)
    url = {
        "..": "net/../../out/SECRET.md",
        "absolute": str(outside),
        "file": "LINK.md",
        "folder": "away/SECRET.md",
    }
    main.write_text(MAIN + f"- [Out]({url[way]})\n")
    assert "Secret" not in load_runbook_files(main).text
    told = TEMPLATE.run(["check", str(main)], os.environ)
    assert f"is a broken link: {url[way]} is outside of the runbook's folder." in told.stdout


def test_dead_links_of_linked_runbooks_are_told_with_their_place(main: Path) -> None:
    told = TEMPLATE.run(["check", str(main), "--json"], os.environ)
    problems = json.loads(told.stdout)["problems"]
    (dead,) = [problem for problem in problems if "is a broken link" in problem["message"]]
    assert (dead["file"], dead["line"], told.returncode) == ("DATABASE.md", 17, 0)


def test_a_linked_runbook_that_cannot_be_read_is_a_problem_at_its_link(main: Path) -> None:
    (main.parent / "DATABASE.md").write_bytes(b"\xff\xfea\0b")
    os.mkfifo(main.parent / "pipe.md")
    main.write_text(MAIN + "- [Pipe](pipe.md)\n- [Dir](net.md)\n")
    (main.parent / "net.md").mkdir()
    runbook = whole(main)
    assert about(runbook.problems, "DATABASE.md cannot be read: The runbook is broken UTF-16") == [("", 15)]
    assert [playbook.title for playbook in runbook.playbooks] == ["API DOWN", "Packets are lost"]


def test_number_and_size_of_linked_runbooks_are_bounded_and_told(main: Path) -> None:
    links = "".join(f"- [{n}](many/{n}.md)\n" for n in range(MAX_FILES * 20))
    (main.parent / "many").mkdir()
    for n in range(MAX_FILES * 20):
        (main.parent / "many" / f"{n}.md").write_text(f"# {n}\n" + "text\n" * 100)
    main.write_text(MAIN + "- [Big](big.md)\n" + links)
    (main.parent / "big.md").write_bytes(b"a" * (MAX_BYTES + 1))
    shelf = bound_processor_time(1, lambda: load_runbook_files(main))
    assert shelf.text.count("\n\x1c") == MAX_FILES
    assert about(shelf.problems, "big.md is not read")
    assert about(shelf.problems, "many/17.md is not read") == []
    assert about(shelf.problems, "many/19.md is not read")


def test_the_sign_between_files_is_no_way_to_invent_one(main: Path) -> None:
    main.write_text(MAIN + "\n\x1cEVIL.md\n# Evil\n## P0 INCIDENT: Evil\n### Symptoms\n- a\n")
    assert {playbook.file for playbook in whole(main).playbooks} == {"", "DATABASE.md", "net/NETWORK.md"}
