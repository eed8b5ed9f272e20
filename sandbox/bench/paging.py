"""Paging: how soon a provider is asked whatever Slack does, very many people at once, very many open ladders."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

from sandbox.bench.figures import Figure, Round, percentile
from sandbox.bench.resting import worked
from sandbox.bench.stage import House, Stage
from sandbox.faults import always, hanging, no_faults
from sandbox.limits import RateLimits
from sandbox.model import Usergroup
from sandbox.pagerduty import PagerDuty

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
async def account() -> AsyncIterator[tuple[PagerDuty, dict[str, str]]]:
    """A PagerDuty account and the settings that lead to it."""
    duty = PagerDuty()
    await duty.start()
    try:
        yield duty, {"PAGERDUTY_EVENTS_URL": duty.url, "BENCH_KEY": next(iter(duty.services))}
    finally:
        await duty.stop()


async def paging(house: House, size: Round) -> Sequence[Figure]:
    """Declare one after the other while Slack is well, slow or silent: from the commit to PagerDuty's being asked.

    Counted from the transaction's beginning, which the database keeps: a little more than from its end.
    """
    figures = []
    async with account() as (duty, settings), house.stage(contacts=SERVICE, more=settings) as stage:
        await stage.slack.people.command("ana", "general", "/incident", "declare p2 Part 0 is slow")
        await stage.until(lambda: duty.incidents)
        await stage.quiet()
        for name, latency in (("well", 0.0), ("at 300 ms", 0.3), ("at 10 s", 10.0), ("silent", None)):
            stage.slack.api.latency = partial(_always, latency or 0.0)
            stage.slack.api.faults = always(hanging()) if latency is None else no_faults
            took = []
            for number in range(max(3, size.requests // 5)):
                duty.calls.clear()
                title = f"declare p2 Part {number} is {name}"
                await stage.slack.people.command("ana", "general", "/incident", title)
                await stage.until(lambda: duty.calls)
                (row,) = stage.rows(NEWEST)
                took.append((duty.calls[0].at - float(row["at"])) * 1000)
            figures.append(
                Figure(f"commit to the page's request, Slack {name}, p95", percentile(took, 0.95), 60, "ms")
            )
        stage.slack.api.latency, stage.slack.api.faults = partial(_always, 0.0), no_faults
    return figures


def _always(seconds: float, number: int, method: str) -> float:
    return seconds


async def many_people(house: House, size: Round) -> Sequence[Figure]:
    """A user group called by one incident under Slack's limits, and PagerDuty's limit by as many incidents."""
    return [await _direct_messages(house, size), *await _limited_pages(house, size)]


async def _direct_messages(house: House, size: Round) -> Figure:
    async with house.stage(contacts=CROWD) as stage:
        people = [stage.slack.add_person(f"crowd{n}", f"Crowd {n}") for n in range(size.people)]
        ids = {each.id for each in people}
        group = Usergroup(GROUP, "crowd", "Crowd", tuple(ids))
        stage.slack.workspace.usergroups[group.id] = group
        stage.slack.api.limits = RateLimits({"chat.postMessage": POSTS_A_MINUTE})
        stage.slack.calls.clear()
        await stage.slack.people.command("ana", "general", "/incident", "declare p0 API is down")

        def sent() -> list[float]:
            return [
                call.finished
                for call in stage.slack.calls.of("chat.postMessage")
                if call.args.get("channel") in ids and call.finished and (call.answer or {}).get("ok")
            ]

        await stage.until(lambda: len(sent()) >= size.people, 300)
        posts = [call for call in stage.slack.calls.of("chat.postMessage") if (call.answer or {}).get("ok")]
        began, ended = min(call.started for call in posts), max(sent())
        before = sum(1 for call in posts if call.finished is not None and call.finished <= ended)
        ideal = max(0.0, (before - POSTS_A_MINUTE) / POSTS_A_MINUTE * 60)
    share = (ended - began) / ideal * 100 if ideal else 100.0
    return Figure(
        f"{size.people} direct messages by one P0, time of the limit's arithmetic ({ideal:.0f} s)",
        share,
        110,
        "%",
    )


async def _limited_pages(house: House, size: Round) -> Sequence[Figure]:
    async with account() as (duty, settings), house.stage(contacts=SERVICE, more=settings) as stage:
        duty.limited = True
        for number in range(size.pages):
            await stage.slack.people.command(
                "ana", "general", "/incident", f"declare p2 Part {number} is slow"
            )
        accepted = "select count(*) as count from way where accepted_at is not null"
        async with asyncio.timeout(180):
            while (await asyncio.to_thread(stage.rows, accepted))[0]["count"] < size.pages:
                await asyncio.sleep(0.5)
        pages = [each for each in duty.calls if each.name == "enqueue"]
        most = max(sum(1 for each in pages if 0 <= each.at - first.at < 60) for first in pages)
        lost = size.pages - len({each.key for each in duty.incidents})
        twice = len(duty.incidents) - len({each.key for each in duty.incidents})
    return [
        Figure(f"{size.pages} pages by one integration key: lost or doubled", lost + twice, 0, "pages"),
        Figure("of them asked for within a minute, at most", most, 120, "requests", "PagerDuty's limit 120"),
    ]


OPEN = """
insert into incident (title, severity, commander, declared_by, edition, channel, ladder, look_at, declared_at)
select 'Part ' || n || ' is slow', 'P2', 'U0ANA00001', 'U0ANA00001', (select sha from edition limit 1), room,
       'climbing', now() + make_interval(secs => 2 + n * %s::float / %s), now()
from unnest(%s::text[]) with ordinality as rooms (room, n)
"""


async def ladders(house: House, size: Round) -> Sequence[Figure]:
    """Open ladders whose next steps are spread over an hour, each calling the next by PagerDuty, no limits at all."""
    async with account() as (_, settings), house.stage(contacts=SERVICE, more=settings) as stage:
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
        Figure(
            f"{size.ladders:,} open ladders: lateness of a step, p99", percentile(late or [0.0], 0.99), 1, "s"
        ),
        Figure("bot and database beside them, of one core", share, 15, "%"),
    ]


def _work(stage: Stage) -> float:
    """Seconds of CPU that the bot and its database have used."""
    backends = stage.rows("select pid from pg_stat_activity where pid <> pg_backend_pid()")
    return sum(worked(pid) for pid in (stage.program.pid, *(row["pid"] for row in backends)))
