"""What is due is asked for in one message: each kind is found when it is due, and no other."""

import psycopg
import pytest

from bot.ports.due_work import DueWork
from bot.services import find_due_work
from tests.desks import opened_desk

QUIET = """
insert into edition (sha, source, text) values ('sha', 'x', '# x') on conflict do nothing;
insert into incident (title, severity, commander, declared_by, edition, cadence, next_update_at, notice_at, look_at)
select title, 'P0', 'U1', 'U1', 'sha', '15 min', now() + interval '1 h', now() + interval '1 h', now() + interval '1 h'
from (values ('one'), ('two')) as t (title);
insert into incident (title, severity, commander, declared_by, edition, status) values
       ('three', 'P0', 'U1', 'U1', 'sha', 'resolved');
insert into review_proposal (incident, look_at) values (3, now() + interval '1 h');
insert into shift_look (incident, commander, due_at) values (1, 'U1', now() + interval '1 h'),
       (2, 'U1', now() + interval '1 h');
insert into checklist_window (incident, within, due_at) values (1, '1 h', now() + interval '1 h');
insert into action_item (incident, number, text, purpose, added_by, remind_at)
values (1, 1, 'x', 'prevent', 'U1', now() + interval '1 h');
insert into public_incident (incident, notice_at) values (1, now() + interval '1 h');
insert into way (incident, contact, place, handle, due_at) values (1, 'CTO', 0, 'h', now() + interval '1 h');
insert into page (incident, person, contact) values (1, 'U2', 'CTO');
insert into page (incident, person, contact, joined, held_until) values (2, 'U2', 'CTO', 1, now() + interval '1 min');
"""

DUE = {
    DueWork.HELD_PAGE: "update page set held_until = now() where incident = 2",
    DueWork.REMINDER: "update incident set notice_at = now() where number = 1",
    DueWork.PAGE_ATTEMPT: "update way set due_at = now()",
    DueWork.ESCALATION: "update incident set look_at = now() where number = 1",
    DueWork.SHIFT: "update shift_look set due_at = now() where incident = 1",
    DueWork.ACTION: "update action_item set remind_at = now()",
    DueWork.PUBLIC_PROMISE: "update public_incident set notice_at = now()",
    DueWork.REVIEW_PROPOSAL: "update review_proposal set look_at = now()",
    DueWork.CHECKLIST_WINDOW: "update checklist_window set due_at = now()",
}


@pytest.mark.parametrize("work", [None, *DueWork])
async def test_each_kind_of_work_is_found_when_it_is_due_and_no_other(
    database: str, work: DueWork | None
) -> None:
    async with opened_desk(database) as desk:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("set search_path to tocsin")
            connection.execute(QUIET.encode())
            if work is not None:
                connection.execute(DUE[work].encode())
        assert await find_due_work(desk) == ({work} if work else set())
