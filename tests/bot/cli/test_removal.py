"""`tocsin prune` and `remove-person`: what is taken out, what stays, and what still proves it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.operators import add_entry, add_incident, connect, operate

CROWD = """
insert into page (incident, person, contact) values (1, 'U0BRUNO', 'CTO'), (2, 'U0CHIDI', 'On-Call');
update page set joined = 1 where incident = 2;
insert into way (incident, contact, place, handle) values (1, 'CTO', 0, 'phone:+4912345');
insert into held_way (way, joined, held_until) select id, 2, now() from way;
insert into status_update (incident, author, status, text) values (1, 'U0BRUNO', 'identified', 'by bruno silva');
insert into checklist_item (incident, position, within, text, line, due_at, done_by) values
    (1, 0, '1 day', 'x', 1, now(), 'U0BRUNO');
insert into item_owner (incident, position, owner, set_by) values (1, 0, 'U0BRUNO', 'U0ANA');
insert into checklist_window (incident, within, due_at) values (1, '1 day', now());
insert into look (incident, number, request, scope, what, asked_by) values (1, 1, 'r', 'playbook', 'api', 'U0BRUNO');
insert into result (look, place, playbook, line, file, title, kind, runs, verdict, headline, digest, detail)
    select id, 0, 'api', 7, '', 'Check', 'diagnostic', 'git.commits', 'bad', 'the last is by Bruno Silva', 'd',
           '{"author": "U0BRUNO"}' from look;
insert into outbox (key, lane, urgency, coalesces, kind, payload, incident, state, settled_at, channel, ts) values
    ('page:1:U0BRUNO', 'x', 1, false, 'PageResponder', '{"incident": 1, "person": "U0BRUNO", "contact": "CTO"}', 1,
     'sent', now(), 'D1', '1.1');
insert into merged (incident, into_incident, person) values (1, 2, 'U0BRUNO');
insert into follower (incident, person) values (1, 'U0BRUNO');
insert into remediation (incident, number, request, kind, state, asked_by)
    values (1, 1, 'q', 'ecs.rollback', 'done', 'U0BRUNO');
insert into incident_member (incident, person) values (1, 'U0BRUNO');
insert into person (id, name, guest, bot, stranger) values ('U0BRUNO', 'Bruno Silva', false, false, false)
"""


@pytest.fixture
def owner(database: str) -> Iterator[psycopg.Connection[Any]]:
    """INC-1 was closed 13 months ago and has rows everywhere, INC-2 is new, INC-3 was closed 2 months ago."""
    with connect(database) as connection:
        add_incident(connection, status="closed", months=13)
        add_incident(connection, "Search is slow", status="resolved")
        add_incident(connection, "Login fails", status="closed", months=2)
        for statement in CROWD.split(";"):
            connection.execute(statement.encode())
        yield connection


def whole_text(owner: psycopg.Connection[Any]) -> dict[str, str]:
    """Everything in every table, as text."""
    tables = owner.execute(
        "select table_name from information_schema.tables where table_schema = 'tocsin'"
    ).fetchall()
    return {
        name: str(
            owner.execute(f"select coalesce(json_agg(t), '[]')::text from {name} t".encode()).fetchone()
        )
        for (name,) in tables
    }


def test_what_was_closed_long_ago_is_exported_and_gone_everywhere(
    database: str, owner: psycopg.Connection[Any], tmp_path: Path
) -> None:
    kept = {name: text for name, text in whole_text(owner).items() if name in ("edition", "installation")}
    told = operate(database, "prune", str(tmp_path / "archive"), TOCSIN_KEEP_MONTHS="12")
    assert (told.exit_code, told.output) == (0, "Exported and removed: INC-1.\n")
    archived = json.loads((tmp_path / "archive" / "INC-1.json").read_text())
    assert len(archived["timeline"]) == 3 and archived["updates"][0]["text"] == "by bruno silva"
    assert (tmp_path / "archive" / "INC-1.md").read_text().startswith("# INC-1: API is down")
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "archive").iterdir())
    left = whole_text(owner)
    for table, column in owner.execute(
        "select table_name, column_name from information_schema.columns where table_schema = 'tocsin'"
        " and column_name in ('incident', 'into_incident', 'joined')"
    ).fetchall():
        assert owner.execute(f"select count(*) from {table} where {column} = 1".encode()).fetchone() == (
            0,
        ), table
    assert [row[0] for row in owner.execute("select number from incident order by 1").fetchall()] == [2, 3]
    assert "U0CHIDI" in left["page"] and {name: left[name] for name in kept} == kept
    assert operate(database, "prune", str(tmp_path / "archive"), TOCSIN_KEEP_MONTHS="12").output.endswith(
        "removed: no incident.\n"
    )


def test_what_was_removed_is_told_from_what_is_missing(
    database: str, owner: psycopg.Connection[Any], tmp_path: Path
) -> None:
    page = operate(database, "export", "INC-1").output
    operate(database, "prune", str(tmp_path), TOCSIN_KEEP_MONTHS="12")
    told = operate(database, "verify", "--heads", "-", given=page)
    assert told.exit_code == 0, told.output
    assert f"INC-1 was exported to {tmp_path}/INC-1.json (sha256 " in told.output
    wrong = page.replace(page[page.index("INC-1/3:") + 8 :][:4], "0000")
    assert operate(database, "verify", "--heads", "-", given=wrong).exit_code == 1


def test_without_the_setting_nothing_is_removed_and_a_dry_run_only_says_it(
    database: str, owner: psycopg.Connection[Any], tmp_path: Path
) -> None:
    before = whole_text(owner)
    told = operate(database, "prune", str(tmp_path))
    assert (told.exit_code, "TOCSIN_KEEP_MONTHS is not set" in told.output) == (2, True)
    told = operate(database, "prune", str(tmp_path), "--dry-run", TOCSIN_KEEP_MONTHS="1")
    assert told.output == "To be removed: INC-1, INC-3.\n"
    assert operate(database, "prune", str(tmp_path), TOCSIN_KEEP_MONTHS="0").exit_code == 2
    assert (whole_text(owner), list(tmp_path.iterdir())) == (before, [])


def test_where_the_export_cannot_be_written_nothing_is_removed(
    database: str, owner: psycopg.Connection[Any], tmp_path: Path
) -> None:
    (tmp_path / "INC-1.md").mkdir()
    before = whole_text(owner)
    told = operate(database, "prune", str(tmp_path), TOCSIN_KEEP_MONTHS="12")
    assert (told.exit_code, "cannot be written" in told.output) == (2, True)
    assert whole_text(owner) == before


def test_a_person_is_nowhere_any_more_and_the_timelines_are_still_proven(
    database: str, owner: psycopg.Connection[Any]
) -> None:
    page = operate(database, "export", "INC-1").output
    told = operate(database, "remove-person", "U0BRUNO", "--name", "Bruno Silva", "--name", "+4912345")
    assert told.exit_code == 0, told.output
    left = whole_text(owner)
    spoken = {name for name, text in left.items() if "U0BRUNO" in text or "bruno silva" in text.lower()}
    assert spoken == set()
    assert "4912345" not in left["way"]
    assert left["timeline_entry"].count("UREMOVED") >= 3 and "the pool is full" in left["timeline_entry"]
    proven = operate(database, "verify", "--heads", "-", given=page)
    assert proven.exit_code == 0, proven.output
    assert "INC-1: as written. 3 entries; 2 entries removed on request." in proven.output
    add_entry(owner, 1, "U0ANA", "note_added", text="later")
    assert operate(database, "verify").exit_code == 0
    assert operate(database, "export", "INC-1").exit_code == 0


def test_who_has_a_longer_id_is_somebody_else(database: str, owner: psycopg.Connection[Any]) -> None:
    add_entry(owner, 1, "U0BRUNO2", "note_added", text="XU0BRUNO and Bruno Silvano")
    operate(database, "remove-person", "U0BRUNO", "--name", "Bruno Silva")
    (row,) = owner.execute(
        "select actor, detail ->> 'text' from timeline_entry where position = 4"
    ).fetchall()
    assert row == ("U0BRUNO2", "XU0BRUNO and Bruno Silvano")


def test_a_dry_run_changes_nothing_and_says_in_how_much(
    database: str, owner: psycopg.Connection[Any]
) -> None:
    before = whole_text(owner)
    told = operate(database, "remove-person", "U0BRUNO", "--dry-run")
    assert told.exit_code == 0
    assert "Would be changed: " in told.output and "timeline_entry 6" in told.output
    assert whole_text(owner) == before


def test_who_is_needed_in_an_open_incident_is_not_removed(
    database: str, owner: psycopg.Connection[Any]
) -> None:
    add_incident(owner, "Down again")
    owner.execute("insert into page (incident, person, contact) values (4, 'U0BRUNO', 'CTO')")
    told = operate(database, "remove-person", "U0BRUNO")
    assert told.exit_code == 2
    assert "was called in INC-4: resolve it first. Nothing was changed." in told.output


@pytest.mark.parametrize("person", ["bruno", "", "U0", "U0BRUNO; drop", "@bruno"])
def test_what_is_no_users_id_is_refused(database: str, person: str) -> None:
    told = operate(database, "remove-person", person)
    assert (told.exit_code, "is no id of a Slack user" in told.output) == (2, True)
