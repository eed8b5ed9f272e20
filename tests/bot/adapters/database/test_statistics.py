"""Statistics of incidents. The right numbers were counted by hand from the rows below."""

from collections.abc import AsyncIterator
from datetime import timedelta

import psycopg
import pytest

from bot.domain.incident_statistics import DurationSpread, SeverityStatistics
from bot.services import ServiceContext
from tests.desks import opened_desk

ROWS = """
insert into edition (sha, source, text) values ('sha', 'x', '# x') on conflict do nothing;
insert into incident (title, severity, commander, declared_by, edition, status, drill, private, declared_at, cadence)
values ('one', 'P0', 'U1', 'U1', 'sha', 'closed', false, false, now() - interval '10 days', '15 min'),
       ('two', 'P0', 'U1', 'U1', 'sha', 'resolved', false, false, now() - interval '9 days', '15 min'),
       ('three', 'P0', 'U1', 'U1', 'sha', 'investigating', false, false, now() - interval '1 hour', '15 min'),
       ('drill', 'P1', 'U1', 'U1', 'sha', 'closed', true, false, now() - interval '8 days', null),
       ('no alarm', 'P2', 'U1', 'U1', 'sha', 'cancelled', false, false, now() - interval '7 days', null),
       ('merged', 'P2', 'U1', 'U1', 'sha', 'closed', false, false, now() - interval '6 days', null),
       ('private', 'P2', 'U1', 'U1', 'sha', 'closed', false, true, now() - interval '5 days', null),
       ('old', 'P2', 'U1', 'U1', 'sha', 'closed', false, false, now() - interval '100 days', null);
insert into merged (incident, into_incident, person) values (6, 1, 'U1');
insert into timeline_entry (incident, actor, kind, at) select number, 'U1', 'declared', declared_at from incident;
insert into timeline_entry (incident, actor, kind, detail, at)
select number, 'U1', kind, detail::jsonb, declared_at + after::interval
from incident join (values (1, 'acknowledged', '{}', '60 s'), (1, 'acknowledged', '{}', '90 s'),
                           (1, 'resolved', '{}', '30 min'),
                           (2, 'acknowledged', '{}', '180 s'),
                           (2, 'status_changed', '{"to": "monitoring"}', '20 min'), (2, 'resolved', '{}', '40 min'),
                           (3, 'severity_changed', '{}', '5 min'), (4, 'resolved', '{}', '5 min'))
     as e (number, kind, detail, after) using (number);
insert into status_update (incident, author, status, text, at, next_update_at)
select number, 'U1', u.status, 'x', declared_at + after::interval, declared_at + due::interval
from incident join (values (1, 'investigating', '10 min', '25 min'), (1, 'monitoring', '24 min', '39 min'),
                           (3, 'investigating', '10 min', '25 min')) as u (number, status, after, due) using (number);
insert into action_item (incident, number, text, purpose, added_by, state, due_on, ended_at)
values (1, 1, 'in time', 'prevent', 'U1', 'done', current_date + 9, now()),
       (1, 2, 'late', 'prevent', 'U1', 'done', current_date - 9, now()),
       (1, 3, 'open', 'prevent', 'U1', 'open', current_date - 9, null),
       (4, 1, 'of a drill', 'prevent', 'U1', 'done', null, now());
insert into review_answer (incident, question, person, text)
values (1, 'finding', 'U1', 'none'), (1, 'finding', 'U2', 'CPU at 97%'), (2, 'finding', 'U1', 'none'),
       (2, 'cause', 'U1', 'x'), (3, 'cause', 'U1', 'x'), (4, 'finding', 'U1', 'CPU at 97%'), (6, 'finding', 'U1', 'x'),
       (7, 'finding', 'U1', 'x'), (8, 'finding', 'U1', 'x')
"""


def spread(count: int, median_s: float, p90_s: float) -> DurationSpread:
    return DurationSpread(count, timedelta(seconds=median_s), timedelta(seconds=p90_s))


@pytest.fixture
async def desk(database: str) -> AsyncIterator[ServiceContext]:
    async with opened_desk(database) as desk:
        yield desk


def fill(database: str, *parts: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("set search_path to tocsin")
        for part in parts:
            connection.execute(part.encode())


async def test_medians_counts_and_promises_are_those_counted_by_hand(
    database: str, desk: ServiceContext
) -> None:
    fill(database, *ROWS.split(";\n"))
    found = await desk.store.measure_incidents("U9", timedelta(days=90), ("P0", "P1", "P2"))
    assert found.rows == (
        SeverityStatistics(
            "P0",
            False,
            3,
            1,
            spread(2, 120, 180),
            spread(2, 22 * 60, 24 * 60),
            spread(2, 35 * 60, 40 * 60),
            3,
            5,
        ),
        SeverityStatistics("P1", True, 1, 0, DurationSpread(), spread(1, 300, 300), spread(1, 300, 300)),
    )
    assert (found.actions_done, found.actions_in_time, found.actions_left) == (2, 1, 1)
    assert (found.causes_said, found.causes_pointed) == (2, 1), "the last answer; nothing said is no answer"


async def test_times_run_from_the_last_corrected_beginning(database: str, desk: ServiceContext) -> None:
    later = """
insert into timeline_entry (incident, actor, kind, detail, at, newer)
select number, 'U1', 'note_added', '{}', now(),
       jsonb_build_object('kind', 'times_corrected', 'detail', jsonb_build_object('began', before, 'reason', 'x'))
from (select number, extract(epoch from declared_at)::bigint - minutes * 60 as before
      from incident cross join unnest(array[90, 20]) minutes where number = 1) b order by before"""
    fill(database, *ROWS.split(";\n"), later)
    found = await desk.store.measure_incidents("U9", timedelta(days=90), ("P0", "P1", "P2"))
    row = found.rows[0]
    assert (row.corrected, row.kept, row.promised) == (1, 3, 5)
    assert row.resolve.count == 2 and row.resolve.median is not None
    assert abs(row.resolve.median - timedelta(minutes=45)) < timedelta(seconds=2)


async def test_a_promise_that_a_change_of_severity_overtook_is_not_counted(
    database: str, desk: ServiceContext
) -> None:
    change = """
insert into timeline_entry (incident, actor, kind, at)
select number, 'U1', 'severity_changed', declared_at + interval '12 min' from incident where number = 1"""
    fill(database, *ROWS.split(";\n"), change)
    row = (await desk.store.measure_incidents("U9", timedelta(days=90), ("P0", "P1", "P2"))).rows[0]
    assert (row.kept, row.promised) == (1, 3), "neither that of the declaration nor that of the first update"


async def test_members_count_their_private_incidents(database: str, desk: ServiceContext) -> None:
    fill(database, *ROWS.split(";\n"), "insert into incident_member (incident, person) values (7, 'U9')")
    found = await desk.store.measure_incidents("U9", timedelta(days=90), ("P0", "P1", "P2"))
    assert [(row.severity, row.count) for row in found.rows] == [("P0", 3), ("P2", 1), ("P1", 1)]


async def test_an_action_item_is_in_time_by_the_day_of_the_team(database: str, desk: ServiceContext) -> None:
    late = "update action_item set due_on = '2026-11-27', ended_at = '2026-11-28 03:00Z' where number = 2"
    fill(database, *ROWS.split(";\n"), late)
    severities = ("P0", "P1", "P2")
    for zone, in_time in (("UTC", 1), ("America/Los_Angeles", 2), ("Asia/Kolkata", 1)):
        found = await desk.store.measure_incidents("U9", timedelta(days=90), severities, zone=zone)
        assert found.actions_in_time == in_time, zone


async def test_nothing_was_declared(desk: ServiceContext) -> None:
    found = await desk.store.measure_incidents("U9", timedelta(days=1), ("P0",))
    assert (found.rows, found.actions_done) == ((), 0)
