"""Paging: how soon a provider is asked whatever Slack does, very many people at once, very many open ladders."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

from sandbox.bench.environment import BenchEnvironment, BenchStage
from sandbox.bench.figures import BenchFigure, BenchRound, compute_percentile
from sandbox.bench.idle import read_cpu_seconds
from sandbox.pagerduty.api_server import PagerDutyStandIn
from sandbox.slack.call_log import CallRecord
from sandbox.slack.faults import make_hang, plan_always, plan_no_faults
from sandbox.slack.tier_limits import RateLimits
from sandbox.slack.workspace_model import Usergroup

SERVICE = """
[contacts]
"On-Call Engineer" = "pagerduty:service/BENCH_KEY"
"CTO" = "slack:U0BRUNO001"
"DevOps Lead" = "slack:U0DEVIKA01"
"""
CROWD = """
[contacts]
"On-Call Engineer" = "slack:S0CROWD001"
"""
GROUP = "S0CROWD001"
POSTS_A_MINUTE = 100
"""Slack's limit while the crowd is called: low enough that most of them must wait for it."""

HOUR = 3600
"""Seconds over which the next steps of the open ladders are spread: what a P2 has to be answered in."""


NEWEST = """
select extract(epoch from created_at) as at from outbox where kind = 'PageContact' order by id desc limit 1
"""


@asynccontextmanager
async def open_account() -> AsyncIterator[tuple[PagerDutyStandIn, dict[str, str]]]:
    """A PagerDuty account and the settings that lead to it."""
    duty = PagerDutyStandIn()
    await duty.start()
    try:
        yield duty, {"PAGERDUTY_EVENTS_URL": duty.url, "BENCH_KEY": next(iter(duty.services))}
    finally:
        await duty.stop()


async def measure_paging(house: BenchEnvironment, size: BenchRound) -> Sequence[BenchFigure]:
    """Declare one after the other while Slack is well, slow or silent: from the commit to PagerDuty's being asked.

    Counted from the transaction's beginning, which the database keeps: a little more than from its end.
    """
    figures = []
    async with open_account() as (duty, settings), house.open_stage(contacts=SERVICE, more=settings) as stage:
        await stage.slack.people.command("ana", "general", "/incident", "declare p2 Part 0 is slow")
        await stage.wait_until(lambda: duty.incidents)
        await stage.wait_until_delivered()
        for name, latency in (("well", 0.0), ("at 300 ms", 0.3), ("at 10 s", 10.0), ("silent", None)):
            stage.slack.api.latency = partial(_always, latency or 0.0)
            stage.slack.api.faults = plan_always(make_hang()) if latency is None else plan_no_faults
            took = []
            for number in range(max(3, size.requests // 5)):
                stage.age_pages()
                duty.calls.clear()
                title = f"declare p2 Part {number} is {name}"
                await stage.slack.people.command("ana", "general", "/incident", title)
                await stage.wait_until(lambda: duty.calls)
                (row,) = stage.rows(NEWEST)
                took.append((duty.calls[0].at - float(row["at"])) * 1000)
            figures.append(
                BenchFigure(
                    f"commit to the page's request, Slack {name}, p95",
                    compute_percentile(took, 0.95),
                    60,
                    "ms",
                )
            )
        stage.slack.api.latency, stage.slack.api.faults = partial(_always, 0.0), plan_no_faults
    return figures


def _always(seconds: float, number: int, method: str) -> float:
    return seconds


async def measure_group_paging(house: BenchEnvironment, size: BenchRound) -> Sequence[BenchFigure]:
    """A user group called by one incident under Slack's limits, and PagerDuty's limit by as many incidents."""
    return [await _direct_messages(house, size), *await _measure_page_limit(house, size)]


async def _direct_messages(house: BenchEnvironment, size: BenchRound) -> BenchFigure:
    async with house.open_stage(contacts=CROWD) as stage:
        people = [stage.slack.add_person(f"crowd{n}", f"Crowd {n}") for n in range(size.people)]
        ids = {person.id for person in people}
        group = Usergroup(GROUP, "crowd", "Crowd", tuple(ids))
        stage.slack.workspace.usergroups[group.id] = group
        stage.slack.api.limits = RateLimits({"chat.postMessage": POSTS_A_MINUTE})
        stage.slack.calls.clear()
        await stage.slack.people.command("ana", "general", "/incident", "declare p0 API is down")

        def sent() -> list[float]:
            return [at for channel, at in _list_posts(stage) if channel in ids]

        await stage.wait_until(lambda: len(sent()) >= size.people, 300)
        began = min(call.started for call in stage.slack.calls.of("chat.postMessage") if _is_posted(call))
        ended = max(sent())
        before = sum(at <= ended for _, at in _list_posts(stage))
        ideal = max(0.0, (before - POSTS_A_MINUTE) / POSTS_A_MINUTE * 60)
    share = (ended - began) / ideal * 100 if ideal else 100.0
    return BenchFigure(
        f"{size.people} direct messages by one P0, time of the limit's arithmetic ({ideal:.0f} s)",
        share,
        110,
        "%",
    )


def _list_posts(stage: BenchStage) -> list[tuple[str, float]]:
    """Channel and end of each message that was posted."""
    return [
        (str(call.args.get("channel")), call.finished)
        for call in stage.slack.calls.of("chat.postMessage")
        if call.finished and _is_posted(call)
    ]


def _is_posted(call: CallRecord) -> bool:
    return bool((call.answer or {}).get("ok"))


async def _measure_page_limit(house: BenchEnvironment, size: BenchRound) -> Sequence[BenchFigure]:
    async with open_account() as (duty, settings), house.open_stage(contacts=SERVICE, more=settings) as stage:
        duty.limited = True
        for number in range(size.pages):
            stage.age_pages()
            await stage.slack.people.command(
                "ana", "general", "/incident", f"declare p2 Part {number} is slow"
            )
        accepted = "select count(*) as count from way where accepted_at is not null"
        async with asyncio.timeout(180):
            while (await asyncio.to_thread(stage.rows, accepted))[0]["count"] < size.pages:
                await asyncio.sleep(0.5)
        pages = [call for call in duty.calls if call.name == "enqueue"]
        most = max(sum(1 for page in pages if 0 <= page.at - first.at < 60) for first in pages)
        lost = size.pages - len({incident.key for incident in duty.incidents})
        twice = len(duty.incidents) - len({incident.key for incident in duty.incidents})
    return [
        BenchFigure(f"{size.pages} pages by one integration key: lost or doubled", lost + twice, 0, "pages"),
        BenchFigure(
            "of them asked for within a minute, at most", most, 120, "requests", "PagerDuty's limit 120"
        ),
    ]


OPEN = """
insert into incident (title, severity, commander, declared_by, edition, channel, ladder, look_at, declared_at)
select 'Part ' || n || ' is slow', 'P2', 'U0ANA00001', 'U0ANA00001', (select sha from edition limit 1), room,
       'climbing', now() + make_interval(secs => 2 + n * %s::float / %s), now()
from unnest(%s::text[]) with ordinality as rooms (room, n)
"""


async def measure_escalations(house: BenchEnvironment, size: BenchRound) -> Sequence[BenchFigure]:
    """Open ladders whose next steps are spread over an hour, each calling the next by PagerDuty, no limits at all."""
    async with open_account() as (_, settings), house.open_stage(contacts=SERVICE, more=settings) as stage:
        rooms = [stage.slack.add_channel(f"inc-{n}", with_bot=True).id for n in range(size.ladders)]
        stage.rows(OPEN, HOUR, size.ladders, rooms)
        stage.rows("analyze incident")
        await asyncio.sleep(2)
        before = _work(stage)
        began = time.monotonic()
        await asyncio.sleep(size.climbing)
        share = (_work(stage) - before) / (time.monotonic() - began) * 100
        late = [
            float(row["late"])
            for row in stage.rows(
                """select extract(epoch from e.at - i.declared_at) - (2 + i.number * %s::float / %s) as late
                   from timeline_entry e join incident i on i.number = e.incident where e.kind = 'escalated'""",
                HOUR,
                size.ladders,
            )
        ]
    return [
        BenchFigure(
            f"{size.ladders:,} open ladders: lateness of a step, p99",
            compute_percentile(late or [0.0], 0.99),
            1,
            "s",
        ),
        BenchFigure("bot and database beside them, of one core", share, 15, "%"),
    ]


def _work(stage: BenchStage) -> float:
    """Seconds of CPU that the bot and its database have used."""
    backends = stage.rows("select pid from pg_stat_activity where pid <> pg_backend_pid()")
    return sum(read_cpu_seconds(pid) for pid in (stage.program.pid, *(row["pid"] for row in backends)))
