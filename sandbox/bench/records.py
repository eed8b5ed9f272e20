"""Years of incidents and action items: do the statistics and the list of what is open still come at once?"""

from collections.abc import Sequence

from sandbox.bench.environment import BenchEnvironment, BenchStage
from sandbox.bench.figures import BenchFigure, BenchRound, compute_median, compute_percentile
from sandbox.bench.load import time_until_shown

TIMES = 50
INCIDENTS = """
insert into incident (title, severity, commander, declared_by, edition, status, cadence, declared_at)
select 'Part ' || n || ' is slow', 'P' || n %% 4, 'U0ANA00001', 'U0ANA00001', (select sha from edition limit 1),
       'closed', interval '15 minutes', now() - interval '80 days' * random()
from generate_series(1, %s) n
"""
ENTRIES = """
insert into timeline_entry (incident, actor, kind, at)
select number, 'U0ANA00001', kind, declared_at + after * interval '1 minute'
from incident, unnest(array['declared', 'acknowledged', 'joined', 'note_added', 'looked', 'resolved'],
                      array[0, 3, 5, 10, 11, 40]) as e (kind, after)
"""
UPDATES = """
insert into status_update (incident, author, status, text, at, next_update_at)
select number, 'U0ANA00001', 'investigating', 'Still looking.', declared_at + n * interval '12 minutes',
       declared_at + (n * 12 + 15) * interval '1 minute'
from incident, generate_series(1, 3) n
"""
ACTIONS = """
insert into action_item (incident, number, text, purpose, owner, due_on, added_by)
select i.number, n, 'Add an index', 'prevent', 'U0ANA00001', current_date + n, 'U0ANA00001'
from (select number from incident order by number limit %s) i, generate_series(1, 20) n
"""


async def measure_records(house: BenchEnvironment, size: BenchRound) -> Sequence[BenchFigure]:
    """`stats` over half as many incidents as the crowd; `actions` and the home of who owns them while as many action
    items as the crowd are open."""
    incidents, actions = size.crowd // 2, size.crowd
    async with house.open_stage() as stage:
        stage.rows(INCIDENTS, incidents)
        for statement in (ENTRIES, UPDATES):
            stage.rows(statement)
        stage.rows(ACTIONS, -(-actions // 20))
        stage.rows("analyze")
        times = min(TIMES, size.requests)
        statistics = await _time(stage, "stats 90d", times)
        lists = await _time(stage, "actions", times)
        homes = [
            await time_until_shown(stage, "views.publish", lambda: stage.slack.people.open_home("ana"))
            for _ in range(times)
        ]
    return [
        BenchFigure(f"stats over {incidents:,} incidents, median", compute_median(statistics), 300, "ms"),
        BenchFigure(
            f"actions with {actions:,} open action items, p99", compute_percentile(lists, 0.99), 50, "ms"
        ),
        BenchFigure(f"home with {actions:,} of one's own, p99", compute_percentile(homes, 0.99), 50, "ms"),
    ]


async def _time(stage: BenchStage, words: str, times: int) -> list[float]:
    return await stage.time_commands(stage.build_commands([words] * times))
