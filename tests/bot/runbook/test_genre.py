"""Runbooks of the genre, each with what `check --json` has to say about it beside it."""

import json
import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.runbook_files import find_broken_link, load_runbook_files
from bot.contacts import ContactBook
from bot.runbook import add_contact_book, add_problems, build_json, parse_runbook
from bot.runbook.markdown.inline import strip_markdown

GENRE = Path(__file__).parent / "genre"
NAMES = sorted(path.stem for path in GENRE.glob("*.md"))
SET = frozenset({"PGHOST", "REDIS_HOST"})


def told(path: Path) -> dict[str, Any]:
    """What `check --json` prints, without a contacts file and with two variables set."""
    shelf = load_runbook_files(path)
    known = add_contact_book(parse_runbook(shelf.text, shelf.problems), ContactBook(), SET.__contains__)
    found: dict[str, Any] = json.loads(
        json.dumps(build_json(add_problems(known, SET.__contains__, partial(find_broken_link, path.parent))))
    )
    return found


def test_there_are_a_dozen_and_each_has_what_is_expected_of_it() -> None:
    assert len(NAMES) >= 12
    assert sorted(path.stem for path in GENRE.glob("*.json")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_runbook_of_the_genre_is_understood_as_its_writers_meant_it(name: str) -> None:
    expected = json.loads((GENRE / f"{name}.json").read_text())
    found = told(GENRE / f"{name}.md")
    assert list(found) == list(expected)
    for part, value in expected.items():
        assert found[part] == value, part


@pytest.mark.parametrize("name", NAMES)
def test_every_line_that_is_told_has_the_words_that_are_meant(name: str) -> None:
    expected = json.loads((GENRE / f"{name}.json").read_text())

    def at(found: dict[str, Any], of: dict[str, Any]) -> str:
        text = (GENRE / of.get("file", f"{name}.md")).read_text().split("\n")
        line = text[found["line"] - 1].casefold()
        return f"{strip_markdown(line)} {line}"

    for playbook in expected["playbooks"]:
        assert playbook["title"].casefold() in at(playbook, playbook)
        for step in playbook["steps"]:
            line = at(step, playbook)
            first = (step["command"] or step["title"]).split("\n")[0].removesuffix("\\")
            assert step["title"].casefold() in line or strip_markdown(first).casefold() in line
    assumed = any("next business day are assumed" in told["message"] for told in expected["problems"])
    for severity in () if assumed else expected["severities"]:
        assert severity["name"].casefold() in at(severity, severity) or severity["id"][-1] in at(
            severity, severity
        )
    for window in expected["checklist"]:
        for item in window["items"]:
            assert re.split("[:·]", strip_markdown(item["text"]))[0].strip().casefold() in at(item, window)
    for named in (*expected["contacts"], *expected["links"]):
        assert named["name"].casefold() in at(named, named)
