"""How often a step was out of bounds over incidents. The right numbers were counted by hand from the rows below."""

from bot.services import ServiceContext
from tests.bot.adapters.database.test_statistics import desk, fill

__all__ = ["desk"]

ROWS = """
insert into edition (sha, source, text) values ('sha', 'x', '# x') on conflict do nothing;
insert into incident (title, severity, commander, declared_by, edition, status, drill, private, declared_at, playbook)
values ('one', 'P0', 'U1', 'U1', 'sha', 'closed', false, false, now(), 'api'),
       ('two', 'P0', 'U1', 'U1', 'sha', 'closed', false, false, now(), 'api'),
       ('drill', 'P0', 'U1', 'U1', 'sha', 'closed', true, false, now(), 'api'),
       ('private', 'P0', 'U1', 'U1', 'sha', 'closed', false, true, now(), 'api');
insert into look (incident, number, request, scope, what)
select i.number, run, 'r' || i.number || '-' || run, 'playbook', 'api' from incident i, generate_series(1, 2) run;
insert into result (look, place, playbook, line, file, title, kind, runs, verdict, headline)
select l.id, length(f.title), 'api', 1, '', f.title, 'diagnostic', 'postgres', f.verdict, 'x'
from look l join (values (1, 1, 'Locks', 'ok'), (1, 2, 'Locks', 'bad'), (2, 1, 'Locks', 'ok'), (2, 2, 'Locks', 'ok'),
                         (3, 1, 'Locks', 'bad'), (4, 1, 'Locks', 'bad'), (1, 1, 'CPU', 'unknown'), (2, 1, 'CPU', 'ok'))
     as f (incident, run, title, verdict) on f.incident = l.incident and f.run = l.number
"""


async def test_each_incident_counts_once_and_any_of_its_runs_may_be_out_of_bounds(
    database: str, desk: ServiceContext
) -> None:
    fill(database, *ROWS.split(";\n"))
    async with desk.store.transaction() as tx:
        found = await tx.list_step_records("api")
    counted = {record.title: (record.out_of_bounds, record.count) for record in found}
    assert counted == {"Locks": (1, 2), "CPU": (0, 1)}
