"""Earlier incidents that are like one that runs now. What is like it was decided by hand from the rows below."""

from bot.services import ServiceContext
from tests.bot.adapters.database.test_statistics import desk, fill

__all__ = ["desk"]

ROWS = """
insert into edition (sha, source, text) values ('sha', 'x', '# x') on conflict do nothing;
insert into incident (title, severity, commander, declared_by, edition, status, drill, private, declared_at, playbook)
values ('Checkout fails 17', 'P0', 'U1', 'U1', 'sha', 'closed', false, false, now() - interval '40 days', 'checkout'),
       ('API is down', 'P0', 'U1', 'U1', 'sha', 'resolved', false, false, now() - interval '21 days', 'api-down'),
       ('Secret', 'P0', 'U1', 'U1', 'sha', 'closed', false, true, now() - interval '9 days', 'api-down'),
       ('Drill', 'P0', 'U1', 'U1', 'sha', 'closed', true, false, now() - interval '8 days', 'api-down'),
       ('No alarm', 'P0', 'U1', 'U1', 'sha', 'cancelled', false, false, now() - interval '7 days', 'api-down'),
       ('Slow', 'P0', 'U1', 'U1', 'sha', 'closed', false, false, now() - interval '500 days', 'api-down'),
       ('Other words', 'P0', 'U1', 'U1', 'sha', 'closed', false, false, now() - interval '6 days', 'api-down'),
       ('Still running', 'P0', 'U1', 'U1', 'sha', 'investigating', false, false, now() - interval '1 hour', 'api-down'),
       ('checkout fails 42', 'P0', 'U1', 'U1', 'sha', 'investigating', false, false, now(), 'api-down');
insert into look (incident, number, request, scope, what)
select number, 1, 'r' || number, 'playbook', 'api-down' from incident;
insert into result (look, place, playbook, line, file, title, kind, runs, verdict, headline)
select l.id, 1, 'api-down', 1, '', 'Locks', 'diagnostic', 'postgres', f.verdict, f.headline
from look l join (values (2, 'bad', '14 queries wait for 9.5 s'), (3, 'bad', '3 queries wait for 1 s'),
                         (4, 'bad', '3 queries wait for 1 s'), (7, 'ok', '2 queries wait for 2 s'),
                         (9, 'bad', '7 queries wait for 120 s'))
     as f (number, verdict, headline) on f.number = l.incident;
insert into action_item (incident, number, text, purpose, added_by, owner, state)
values (2, 1, 'done', 'prevent', 'U1', 'U2', 'done'), (2, 2, 'add an index', 'prevent', 'U1', 'U2', 'open')
"""


async def test_what_is_alike_is_found_with_why_and_what_is_not_done(
    database: str, desk: ServiceContext
) -> None:
    fill(database, *ROWS.split(";\n"))
    found = await desk.store.list_earlier_incidents(9, 3)
    assert [each.number for each in found] == [2, 1]
    same, named = found
    assert list(same.findings) == ["14 queries wait for 9.5 s"] and same.has_same_playbook
    assert [(item.reference, item.text, item.owner) for item in same.actions] == [
        ("A2", "add an index", "U2")
    ]
    assert named.has_same_title and not named.findings and not named.has_same_playbook
    assert named.actions == []


async def test_nothing_is_like_the_first_one(database: str, desk: ServiceContext) -> None:
    fill(database, *ROWS.split(";\n"))
    assert await desk.store.list_earlier_incidents(1, 3) == []
