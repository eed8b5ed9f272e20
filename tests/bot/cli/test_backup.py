"""`tocsin backup` and `restore`: whole or not at all."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.desks import opened_desk
from tests.operators import add_entry, add_incident, connect, operate

WAITING = (
    "insert into outbox (key, lane, urgency, coalesces, kind, payload, incident, created_at) values"
    " ('page:1:U0BRUNO', 'page:1', 1, false, 'PageResponder',"
    """ '{"incident": 1, "person": "U0BRUNO", "contact": "CTO"}', 1, now() - interval '2 hours'),"""
    " ('topic:1', 'room:1', 5, false, 'SetTopic', '{\"incident\": 1}', 1, now())"
)


@pytest.fixture
def owner(database: str) -> Iterator[psycopg.Connection[Any]]:
    with connect(database) as connection:
        add_incident(connection)
        connection.execute("insert into page (incident, person, contact) values (1, 'U0BRUNO', 'CTO')")
        connection.execute(WAITING.encode())
        yield connection


@pytest.fixture
def file(database: str, owner: psycopg.Connection[Any], tmp_path: Path) -> Path:
    """A backup of one incident, after which a second one was declared."""
    made = tmp_path / "tocsin.backup"
    told = operate(database, "backup", str(made))
    assert told.exit_code == 0, told.output
    add_incident(owner, "Search is slow")
    return made


def titles(owner: psycopg.Connection[Any]) -> list[str]:
    return [title for (title,) in owner.execute("select title from incident order by number").fetchall()]


def test_a_backup_is_for_its_owner_alone_and_never_takes_another_files_place(
    database: str, file: Path
) -> None:
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    before = file.read_bytes()
    told = operate(database, "backup", str(file))
    assert (told.exit_code, file.read_bytes() == before) == (2, True)
    assert "is there already: nothing was written" in told.output


def test_a_restore_brings_back_what_was_and_its_proof(
    database: str, owner: psycopg.Connection[Any], file: Path
) -> None:
    told = operate(database, "restore", str(file), "--replace")
    assert told.exit_code == 0, told.output
    assert "Restored: 1 incidents, the newest is INC-1." in told.output
    assert titles(owner) == ["API is down"]
    add_entry(owner, 1, "U0ANA", "note_added", text="after it")
    assert "INC-1: as written. 4 entries" in operate(database, "verify").output
    with pytest.raises(psycopg.Error, match="cannot be changed or removed"):
        owner.execute("delete from timeline_entry")


def test_what_waited_is_looked_for_before_it_is_sent_and_old_pages_are_held(
    database: str, owner: psycopg.Connection[Any], file: Path
) -> None:
    operate(database, "restore", str(file), "--replace")
    rows = owner.execute(
        "select key, state, uncertain_since is not null from outbox where key <> 'x'"
    ).fetchall()
    found = {key: (state, is_uncertain) for key, state, is_uncertain in rows}
    assert found["page:1:U0BRUNO"][0] == "dead"
    assert found["topic:1"] == ("pending", True)
    assert any("restored" in key for key in found), found
    (noticed,) = owner.execute("select number from restored").fetchall()
    assert noticed == (1,)


def test_a_restore_into_an_empty_database(database: str, file: Path, owner: psycopg.Connection[Any]) -> None:
    owner.execute("drop schema tocsin cascade")
    told = operate(database, "restore", str(file))
    assert told.exit_code == 0, told.output
    assert titles(owner) == ["API is down"]


def test_incidents_are_replaced_on_purpose_only(
    database: str, owner: psycopg.Connection[Any], file: Path
) -> None:
    told = operate(database, "restore", str(file))
    assert told.exit_code == 2
    assert "holds 2 incidents, the newest is INC-2. With --replace" in told.output
    assert titles(owner) == ["API is down", "Search is slow"]


def test_a_database_in_use_is_left_alone(database: str, owner: psycopg.Connection[Any], file: Path) -> None:
    async def beside_a_replica() -> str:
        async with opened_desk(database):
            told = await asyncio.to_thread(operate, database, "restore", str(file), "--replace")
            assert told.exit_code == 2
            return told.output

    assert "in use by 1 replica of Tocsin: stop them first" in asyncio.run(beside_a_replica())
    assert titles(owner) == ["API is down", "Search is slow"]


@pytest.mark.parametrize("part", [0, 3, 200, 0.5, 0.9, -1])
def test_a_backup_cut_short_changes_nothing(
    database: str, owner: psycopg.Connection[Any], file: Path, part: float
) -> None:
    whole = file.read_bytes()
    cut = file.with_name("cut.backup")
    cut.write_bytes(whole[: int(part) if part in (0, 3, 200, -1) else int(len(whole) * part)])
    told = operate(database, "restore", str(cut), "--replace")
    assert told.exit_code == 2, told.output
    assert told.output.rstrip().endswith("Nothing was changed.")
    assert titles(owner) == ["API is down", "Search is slow"]


def test_a_damaged_row_changes_nothing(database: str, owner: psycopg.Connection[Any], file: Path) -> None:
    whole = bytearray(file.read_bytes())
    middle = len(whole) // 2
    whole[middle : middle + 64] = bytes(64)
    file.write_bytes(whole)
    told = operate(database, "restore", str(file), "--replace")
    assert told.exit_code == 2
    assert titles(owner) == ["API is down", "Search is slow"]


@pytest.mark.parametrize("content", [b"", b"-- PostgreSQL database dump\n", b"PGDMP nonsense", b"\0" * 5000])
def test_another_file_is_refused(
    database: str, owner: psycopg.Connection[Any], tmp_path: Path, content: bytes
) -> None:
    other = tmp_path / "other"
    other.write_bytes(content)
    told = operate(database, "restore", str(other), "--replace")
    assert (told.exit_code, titles(owner)) == (2, ["API is down"])
    assert "Nothing was changed." in told.output


def test_a_file_that_is_not_there_is_said(database: str, tmp_path: Path) -> None:
    told = operate(database, "restore", str(tmp_path / "none"))
    assert (told.exit_code, "cannot be read (No such file or directory)" in told.output) == (2, True)
    told = operate(database, "backup", str(tmp_path / "none" / "file"))
    assert (told.exit_code, "cannot be written (No such file or directory)" in told.output) == (2, True)


def test_a_newer_versions_backup_is_refused(
    database: str, owner: psycopg.Connection[Any], tmp_path: Path
) -> None:
    newer = tmp_path / "newer.backup"
    owner.execute("insert into schema_step (number, name, checksum, runs_from) values (999, 'x', 'x', 999)")
    assert operate(database, "backup", str(newer)).exit_code == 0
    owner.execute("delete from schema_step where number = 999")
    told = operate(database, "restore", str(newer), "--replace")
    assert told.exit_code == 2
    assert "was made by a newer Tocsin (its schema has step 999, this one knows" in told.output
    assert titles(owner) == ["API is down"]


def test_an_older_versions_backup_is_brought_up_to_date(
    database: str, owner: psycopg.Connection[Any], tmp_path: Path
) -> None:
    left = (Path(__file__).parents[2] / "dumps" / "open_incidents.sql").read_bytes()
    owner.execute("drop schema tocsin cascade")
    with psycopg.connect(database) as connection:
        connection.execute(left)
    older = tmp_path / "older.backup"
    assert operate(database, "backup", str(older)).exit_code == 0
    told = operate(database, "restore", str(older), "--replace")
    assert told.exit_code == 0, told.output
    assert owner.execute("select max(number) from schema_step").fetchone() != (None,)
    assert operate(database, "verify").exit_code == 0


def test_what_the_owner_granted_in_its_schema_stays(
    database: str, owner: psycopg.Connection[Any], file: Path
) -> None:
    owner.execute("create role guest_of_restore")
    try:
        owner.execute("grant usage on schema tocsin to guest_of_restore")
        owner.execute(
            "alter default privileges in schema tocsin grant select, update on tables to guest_of_restore"
        )
        owner.execute("grant select, update on all tables in schema tocsin to guest_of_restore")
        owner.execute("revoke update on timeline_entry from guest_of_restore")
        saved = file.with_name("granted.backup")
        assert operate(database, "backup", str(saved)).exit_code == 0
        told = operate(database, "restore", str(saved), "--replace")
        assert told.exit_code == 0, told.output
        owner.execute("set role guest_of_restore")
        assert titles(owner) == ["API is down", "Search is slow"]
        assert owner.execute("update incident set title = title").rowcount == 2
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            owner.execute("update timeline_entry set salt = null")
    finally:
        owner.execute("reset role")
        owner.execute("drop owned by guest_of_restore")
        owner.execute("drop role guest_of_restore")
