"""What each migration says of the versions that may run on it, and what the version before cannot bear."""

import psycopg
import pytest

from bot.adapters.database.sql_loader import FIRST, load_migrations, parse_migration

READ_WHOLE = {
    "incident": "number title severity status commander declared_by declared_at edition playbook impact affected_users "
    "fields cadence next_update_at notice_at notice_stage snoozed channel acknowledged_at acknowledged_by resolved_at "
    "resolved_by root_cause resolution postmortem_at closed_at closed_by close_reason resolutions offered_to private "
    "lost_channel ladder rung look_at drill",
    "way": "id incident contact place handle requested_at accepted_at delivered_at acknowledged_at ended_at failed "
    "due_at past quieted_at by_hand refused",
}
"""The tables of which the version before reads every column, and those that it knows: one more and it fails."""


@pytest.mark.parametrize("table", READ_WHOLE)
def test_the_version_before_knows_every_column_of_what_it_reads_whole(database: str, table: str) -> None:
    with psycopg.connect(database) as connection:
        found = connection.execute(
            "select column_name from information_schema.columns where table_schema = 'tocsin' and table_name = %s",
            (table,),
        ).fetchall()
    assert {name for (name,) in found} == set(READ_WHOLE[table].split()), "see docs/decisions/0010"


def test_migrations_are_numbered_once_each() -> None:
    numbers = [step.number for step in load_migrations()]
    assert numbers == sorted(set(numbers))


def test_a_migration_runs_from_a_step_before_it_or_from_itself() -> None:
    numbers = {step.number for step in load_migrations()}
    for step in load_migrations():
        assert step.runs_from in numbers and step.runs_from <= step.number, step.name


@pytest.mark.parametrize(
    ("text", "runs_from"),
    [
        ("-- runs from: 012\ncreate table x ();", 12),
        ("-- runs from: 013\n-- Why.\nalter table x drop column y;", 13),
    ],
)
def test_the_first_line_says_from_which_step_on_a_version_may_run(text: str, runs_from: int) -> None:
    assert parse_migration("013_x.sql", text).runs_from == runs_from


@pytest.mark.parametrize(
    "text",
    [
        "create table x ();",
        "-- Why.\n-- runs from: 012\ncreate table x ();",
        "-- runs from: twelve\ncreate table x ();",
        "-- runs from: 012 or so\ncreate table x ();",
        "",
    ],
)
def test_a_migration_that_does_not_say_it_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"013_x\.sql must begin with `-- runs from: 012`"):
        parse_migration("013_x.sql", text)


def test_the_steps_before_the_headers_stay_as_they_are() -> None:
    assert all(not step.text.startswith("-- runs from") for step in load_migrations() if step.number <= FIRST)
