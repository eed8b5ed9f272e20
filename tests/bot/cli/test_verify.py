"""`tocsin verify`: what was changed is found, and what vouches for what is said."""

import json
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from bot.domain.timeline_proof import TimelineHead, parse_heads
from bot.workers.scheduler import Scheduler
from tests.desks import opened_desk
from tests.operators import add_entry, add_incident, connect, forge, operate


@pytest.fixture
def owner(database: str) -> Iterator[psycopg.Connection[Any]]:
    with connect(database) as connection:
        yield connection


def heads(database: str) -> list[TimelineHead]:
    """The heads as an export says them now."""
    return parse_heads(operate(database, "export", "INC-1").output)


def test_a_timeline_is_as_it_was_written_and_nothing_outside_vouches_for_it(
    database: str, owner: psycopg.Connection[Any]
) -> None:
    add_incident(owner)
    told = operate(database, "verify")
    assert told.exit_code == 0
    assert "INC-1: as written. 3 entries; nothing outside the database vouches for it." in told.output
    assert "1 incidents, 3 entries: all as they were written." in told.output
    assert "No head from outside was given" in told.output


def test_what_came_after_a_head_that_left_the_database_has_no_voucher(
    database: str, owner: psycopg.Connection[Any]
) -> None:
    add_incident(owner)
    (head,) = set(heads(database))
    add_entry(owner, 1, "U0ANA", "note_added", text="later")
    told = operate(database, "verify", "inc 1", "--heads", "-", given=f"log line: {head.short_text}.\n")
    assert (told.exit_code, "No head from outside" in told.output) == (0, False)
    assert "INC-1: as written. 4 entries; nothing outside the database vouches after entry 3." in told.output


REWRITES = {
    "an entry says something else": (
        'update timeline_entry set detail = \'{"seconds": "1"}\' where position = 2',
        "Entry 2 (acknowledged, ",
    ),
    "somebody else did it": (
        "update timeline_entry set actor = 'U0EVA' where position = 2",
        "does not say what was",
    ),
    "it was at another time": (
        "update timeline_entry set at = at - interval '1 microsecond' where position = 2",
        "does not follow from the entry before it",
    ),
    "it was of another kind": (
        "update timeline_entry set kind = 'joined' where position = 2",
        "does not follow",
    ),
    "an entry is gone": ("delete from timeline_entry where position = 2", "Entry 2 is missing."),
    "the last one is gone": (
        "delete from timeline_entry where position = 3",
        "ends at entry 2, and 3 entries were",
    ),
    "all are gone": ("delete from timeline_entry", "has no entry, and 3 entries were"),
    "one is said to be from before": (
        "update timeline_entry set position = null, chain = null where position = 2",
        "was put in past the chain",
    ),
    "what it said was emptied without a request": (
        "update timeline_entry set detail = '{}', salt = null where position = 2",
        "has no salt, and nobody's request says why",
    ),
    "two changed places": (
        "update timeline_entry set position = 5 - position where position in (2, 3)",
        "does not follow from the entry before it",
    ),
}


@pytest.mark.parametrize("rewrite", REWRITES)
def test_a_change_past_the_triggers_is_found(
    database: str, owner: psycopg.Connection[Any], rewrite: str
) -> None:
    statement, words = REWRITES[rewrite]
    add_incident(owner)
    forge(owner, statement)
    told = operate(database, "verify", "--json")
    (proof,) = json.loads(told.output)["incidents"]
    assert told.exit_code == 1
    assert words in "\n".join(proof["faults"]), proof


FORGED = """
do $$
declare
    e timeline_entry; before bytea := ''; d bytea;
begin
    for e in select * from timeline_entry where incident = 1 order by position loop
        d := sha256(e.salt || convert_to(jsonb_build_array(e.actor, e.detail, e.newer)::text, 'UTF8'));
        before := sha256(before || convert_to(concat_ws('/', e.incident, e.position,
            (extract(epoch from e.at) * 1000000)::bigint, e.kind, ''), 'UTF8') || d);
        update timeline_entry set digest = d, chain = before where id = e.id;
    end loop;
    update timeline_head set chain = before where incident = 1;
end $$
"""
"""Who owns the database makes the whole chain anew, as if nothing had happened."""


def test_a_chain_that_was_made_anew_is_found_by_a_head_that_left_the_database_only(
    database: str, owner: psycopg.Connection[Any]
) -> None:
    add_incident(owner)
    head = heads(database)[0].text
    forge(owner, "update timeline_entry set actor = 'U0EVA' where position = 2")
    forge(owner, FORGED)
    assert operate(database, "verify").exit_code == 0
    told = operate(database, "verify", "--heads", "-", given=head)
    assert told.exit_code == 1
    assert (
        "entry 3 is not the one that it names. Something was changed from the first entry on." in told.output
    )


def test_an_incident_that_is_gone_is_missed_where_a_head_of_it_left(
    database: str, owner: psycopg.Connection[Any]
) -> None:
    add_incident(owner)
    head = heads(database)[0].text
    forge(owner, "delete from timeline_entry; delete from timeline_head; delete from incident")
    told = operate(database, "verify", "--heads", "-", given=head)
    assert told.exit_code == 1
    assert "INC-1 is not there, and a head of it left the database" in told.output


def test_entries_from_before_the_chain_are_unproven_and_no_fault(
    database: str, owner: psycopg.Connection[Any]
) -> None:
    add_incident(owner)
    none = "position = null, salt = null, digest = null, chain = null"
    forge(owner, f"update timeline_entry set {none}; delete from timeline_head")
    add_entry(owner, 1, "U0ANA", "note_added", text="the first of the chain")
    told = operate(database, "verify")
    assert told.exit_code == 0
    assert "INC-1: as written. 1 entry; 3 entries from before the chain, unproven" in told.output


def test_who_writes_at_the_same_time_writes_one_chain(database: str, owner: psycopg.Connection[Any]) -> None:
    add_incident(owner)
    add_incident(owner, "Search is slow")

    def write(writer: int) -> None:
        with connect(database) as own:
            for turn in range(20):
                add_entry(own, 1 + (writer + turn) % 2, f"U{writer}", "note_added", text=str(turn))

    with ThreadPoolExecutor(4) as writers:
        list(writers.map(write, range(4)))
    told = operate(database, "verify")
    assert told.exit_code == 0, told.output
    assert told.output.count("as written. 43 entries") == 2


def test_the_chain_waits_for_nobody_who_holds_the_incident(
    database: str, owner: psycopg.Connection[Any]
) -> None:
    """Who marks a page holds its row, then writes an entry; who acknowledges holds the incident and then the page."""
    add_incident(owner)
    owner.execute("insert into page (incident, person, contact) values (1, 'U0BRUNO', 'CTO')")
    with connect(database) as marks, connect(database) as acknowledges, ThreadPoolExecutor(1) as beside:
        for each in (marks, acknowledges):
            each.execute("set lock_timeout = '5s'")
            each.execute("begin")
        marks.execute("update page set accepted_at = now()")
        acknowledges.execute("select 1 from incident where number = 1 for no key update")
        waiting = beside.submit(acknowledges.execute, "update page set acknowledged_at = now()")
        add_entry(marks, 1, "", "paged", person="U0BRUNO", contact="CTO")
        marks.execute("commit")
        waiting.result()
        add_entry(acknowledges, 1, "U0BRUNO", "acknowledged", seconds="10")
        acknowledges.execute("commit")
    told = operate(database, "verify")
    assert (told.exit_code, "as written. 5 entries" in told.output) == (0, True), told.output


def test_an_unknown_incident_is_said_and_nothing_else(database: str) -> None:
    told = operate(database, "verify", "INC-7")
    assert (told.exit_code, told.output) == (2, "tocsin: There is no INC-7 in this database.\n")


async def test_once_a_day_the_heads_go_into_the_log(
    database: str, owner: psycopg.Connection[Any], caplog: pytest.LogCaptureFixture
) -> None:
    add_incident(owner)
    caplog.set_level(logging.INFO)
    async with opened_desk(database) as desk:
        scheduler = Scheduler(desk)
        await scheduler.tidy()
        await scheduler.tidy()
        (head,) = await desk.store.list_timeline_heads(timedelta(hours=1))
    assert [head.text for head in parse_heads(caplog.text)] == [head.text]
