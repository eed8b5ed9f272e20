"""`tocsin export`: an incident on a page and for programs."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bot.domain.timeline_proof import parse_heads
from tests.operators import add_incident, connect, operate


@pytest.fixture
def owner(database: str) -> Iterator[psycopg.Connection[Any]]:
    with connect(database) as connection:
        add_incident(connection, "API <is> *down*")
        connection.execute(
            "insert into status_update (incident, author, status, text) values (1, 'U0ANA', 'identified', %s)",
            ("The pool is full.\n# not a heading",),
        )
        connection.execute("insert into page (incident, person, contact) values (1, 'U0BRUNO', 'CTO')")
        connection.execute(
            "insert into checklist_item (incident, position, within, text, line, due_at, done_by, done_at) values"
            " (1, 0, '1 day', 'Write the review', 3, now(), 'U0BRUNO', now()),"
            " (1, 1, '2 days', 'Tell the customers', 4, now(), null, null)"
        )
        connection.execute(
            "insert into look (incident, number, request, scope, what) values (1, 1, 'r', 'playbook', 'api')"
        )
        connection.execute(
            "insert into result (look, place, playbook, line, file, title, kind, runs, verdict, headline, digest)"
            " select id, 0, 'api', 7, '', 'Check tasks', 'diagnostic', 'ecs.list_tasks', 'bad', '2 of 6 run', 'abc'"
            " from look"
        )
        yield connection


def test_the_page_tells_the_whole_incident_and_nothing_that_people_wrote_is_markup(
    database: str, owner: psycopg.Connection[Any]
) -> None:
    told = operate(database, "export", "INC-1")
    assert told.exit_code == 0
    lines = told.output.splitlines()
    assert lines[0] == r"# INC-1: API \<is\> \*down\*"
    for heading in ("## Timeline", "## Updates", "## Evidence", "## Checklist", "## Proof"):
        assert heading in lines
    assert "- [x] Write the review, done by CTO (U0BRUNO)" in lines
    assert "- [ ] Tell the customers" in lines
    assert r"  \# not a heading" in lines
    assert "- failing: Check tasks: 2 of 6 run" in lines
    assert r"U0ANA noted: Bruno Silva says the pool is full: \*1\* @CTO (U0BRUNO)" in told.output
    assert [head.position for head in parse_heads(told.output)] == [3]


def test_people_stand_in_it_by_their_names_where_these_are_known(
    database: str, owner: psycopg.Connection[Any]
) -> None:
    owner.execute(
        "insert into person (id, name, bot, guest, stranger) values"
        " ('U0ANA', 'Ana Lima', false, false, false), ('U0BRUNO', 'Bruno Silva', false, false, false)"
    )
    told = operate(database, "export", "INC-1").output
    assert r"Ana Lima noted: Bruno Silva says the pool is full: \*1\* @Bruno Silva" in told
    assert "- [x] Write the review, done by Bruno Silva" in told
    assert "U0" not in told.replace("U0BRUNO)", "")
    review = operate(database, "export", "INC-1", "--review").output
    assert "U0ANA" not in review and "@Bruno Silva" in review


def test_for_programs_it_is_json_with_the_same(database: str, owner: psycopg.Connection[Any]) -> None:
    told = json.loads(operate(database, "export", "1", "--json").output)
    assert told["reference"] == "INC-1"
    assert [entry["kind"] for entry in told["timeline"]] == ["declared", "acknowledged", "note_added"]
    assert told["evidence"][0]["headline"] == "2 of 6 run"
    assert [item["done_by"] for item in told["checklist"]] == ["U0BRUNO", None]
    assert told["updates"][0]["text"].startswith("The pool is full.")
    assert told["proof"]["faults"] == [] and told["proof"]["head"].startswith("INC-1/3:")


def test_a_private_incident_is_exported_on_purpose_only_and_its_timeline_says_so(
    database: str, owner: psycopg.Connection[Any]
) -> None:
    number = add_incident(owner, "Payroll leaked", private=True)
    refused = operate(database, "export", f"INC-{number}")
    assert refused.exit_code == 2
    assert "Payroll" not in refused.output and "is private: only its members see it" in refused.output
    told = operate(database, "export", f"INC-{number}", "--private")
    assert told.exit_code == 0 and "Payroll leaked" in told.output
    assert "Tocsin noted: exported by the operator (" in told.output


@pytest.mark.parametrize("name", ["INC-9", "nine"])
def test_what_is_no_incident_is_said(database: str, name: str) -> None:
    told = operate(database, "export", name)
    assert told.exit_code == 2
    assert "There is no INC-9" in told.output or "names no incident" in told.output


@pytest.mark.parametrize("form", ["--review", "--markdown"])
def test_the_review_and_the_page_show_their_charts_from_a_folder(
    database: str, owner: psycopg.Connection[Any], tmp_path: Path, form: str
) -> None:
    owner.execute(
        "insert into result (look, place, playbook, line, file, title, kind, runs, verdict, headline, digest, detail,"
        " chart, seen_at) select id, 1, 'api', 9, '', 'CPU', 'diagnostic', 'r', 'bad', '97%', 'abcdefabcdefab',"
        """ '{"chart": "40 to 97"}', '\\x89504e47', now() from look"""
    )
    assert "Chart of CPU: 40 to 97" in operate(database, "export", "INC-1", form).output
    told = operate(database, "export", "INC-1", form, "--charts", str(tmp_path))
    (picture,) = tmp_path.iterdir()
    assert picture.read_bytes() == b"\x89PNG"
    assert f"![CPU: 40 to 97](<{picture}>)" in told.output


@pytest.mark.parametrize("form", ["--review", "--markdown"])
def test_times_stand_in_the_teams_zone_too_and_a_bad_contacts_file_is_told(
    database: str, owner: psycopg.Connection[Any], tmp_path: Path, form: str
) -> None:
    contacts = tmp_path / "contacts.toml"
    contacts.write_text('[team]\ntime_zone = "Asia/Kolkata"\n')
    told = operate(database, "export", "INC-1", form, TOCSIN_CONTACTS=str(contacts))
    assert told.exit_code == 0 and re.search(r"UTC \((?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d IST\)", told.output)
    contacts.write_text("[team\n")
    told = operate(database, "export", "INC-1", form, TOCSIN_CONTACTS=str(contacts))
    assert told.exit_code == 0 and "IST" not in told.output and "Times are in UTC alone." in told.stderr


def test_a_remediation_of_a_newer_version_is_told_and_fails_nothing(
    database: str, owner: psycopg.Connection[Any]
) -> None:
    owner.execute(
        "insert into remediation (incident, number, request, kind, state, asked_by)"
        " values (1, 1, 'r', 'gcp.rollback', 'done', 'U0ANA')"
    )
    told = operate(database, "export", "INC-1", "--review")
    assert told.exit_code == 0
    assert "- 1 more, of a kind that only a newer version of Tocsin knows: see the timeline" in told.output


def test_the_review_calls_people_by_their_names(database: str, owner: psycopg.Connection[Any]) -> None:
    """As its pull request does."""
    owner.execute(
        "insert into person (id, name, guest, bot, stranger) values ('U0ANA', 'ana', false, false, false)"
    )
    told = operate(database, "export", "INC-1", "--review")
    assert told.exit_code == 0
    assert "- Commander: ana\n" in told.output and "U0ANA" not in told.output
