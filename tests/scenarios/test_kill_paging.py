"""The bot is killed at each page's request and answer; started again, nobody is forgotten and PagerDuty pages once."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from aiohttp import web

from sandbox.pagerduty.api_server import PagerDutyStandIn
from tests.scenarios.beside import Databases, run_beside
from tests.scenarios.killing import Theatre, theatre

CONTACTS = """
[contacts]
"CTO" = ["slack:U0BRUNO001", "pagerduty:user/PCTO001"]
"DevOps Lead" = ["pagerduty:service/OPS_KEY"]
"On-Call Engineer" = ["apprise:ONCALL_SMS"]
"""


@dataclass
class Gateway:
    """An SMS gateway as Apprise's `json://` speaks to it; `told` of each message before and after it is kept."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    told: Callable[[str], None] = lambda moment: None
    url: str = ""

    async def take(self, request: web.Request) -> web.Response:
        self.told("request")
        self.messages.append(await request.json())
        self.told("answer")
        return web.Response()


@asynccontextmanager
async def gateway() -> AsyncIterator[Gateway]:
    here = Gateway()
    app = web.Application()
    app.router.add_post("/", here.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    here.url = f"json://{host}:{port}/"
    try:
        yield here
    finally:
        await runner.cleanup()


@asynccontextmanager
async def scene(
    postgres: str, folder: Path, contacts: str = CONTACTS
) -> AsyncIterator[tuple[Theatre, PagerDutyStandIn, Gateway]]:
    async with AsyncExitStack() as stack:
        duty = PagerDutyStandIn()
        await duty.start()
        stack.push_async_callback(duty.stop)
        sms = await stack.enter_async_context(gateway())
        settings = {
            "PAGERDUTY_API_KEY": duty.api_key,
            "PAGERDUTY_FROM": "tocsin@team.example",
            "PAGERDUTY_SERVICE": "PSRV001",
            "PAGERDUTY_API_URL": duty.url,
            "PAGERDUTY_EVENTS_URL": duty.url,
            "OPS_KEY": next(iter(duty.services)),
            "ONCALL_SMS": sms.url,
        }
        async with theatre(postgres, folder, contacts=contacts, more=settings) as stage:
            yield stage, duty, sms


def strike(stage: Theatre, duty: PagerDutyStandIn, sms: Gateway, request: str, moment: str) -> asyncio.Event:
    """Kill the bot at the first such request: on its way, so that nothing is done, or done and before the answer.

    The event: it was struck.
    """
    struck = asyncio.Event()

    def blow(name: str) -> None:
        if name == request and not struck.is_set():
            struck.set()
            stage.program.kill()
            if moment == "request":
                raise web.HTTPBadGateway

    duty.on_request = duty.on_answer = lambda name: None
    sms.told = lambda when: blow("sms") if when == moment else None
    if moment == "request":
        duty.on_request = blow
    else:
        duty.on_answer = blow
    return struck


async def restarted(stage: Theatre, struck: asyncio.Event, what: str) -> None:
    await stage.until(struck.is_set, what=what)
    stage.program.kill()
    await stage.start()
    await stage.until(stage.quiet, what=what)


MOMENTS = ("answer", "request")
"""The first is the sample."""


def moments(whole: bool) -> tuple[str, ...]:
    return MOMENTS if whole else MOMENTS[:1]


@pytest.mark.timeout(300)
async def test_killed_at_any_page_nobody_is_forgotten_and_pagerduty_pages_once(
    databases: Databases, tmp_path: Path, whole: bool
) -> None:
    async def kill(case: tuple[str, str], database: str, folder: Path) -> None:
        request, moment = case
        async with scene(database, folder) as (stage, duty, sms):
            struck = strike(stage, duty, sms, request, moment)
            await stage.deliver(stage.command())
            await restarted(stage, struck, str(case))
            (title,) = stage.titles
            assert all(title in incident.title for incident in duty.incidents)
            assert sorted(page.assignee for page in duty.incidents) == ["", "PCTO001"]
            texts = [str(message) for message in sms.messages]
            repeats = ["Again: " in each for each in texts]
            if case == ("sms", "answer"):
                assert repeats == [False, True]
            else:  # it may have been on its way when the bot was killed at another page
                assert repeats in ([False], [True], [False, True])
            assert all(title in each for each in texts)
            kinds = stage.looking.kinds(1)
            assert (kinds.count("page_accepted"), kinds.count("paged")) == (3, 1)
            told = [stage.text(message) for message in stage.slack.direct_messages("bruno")]
            assert sum(title in each for each in told) == 1

    requests = ("create", "enqueue", "sms")
    await run_beside(itertools.product(requests, moments(whole)), databases, tmp_path, kill)


@pytest.mark.timeout(180)
async def test_killed_while_an_answer_or_the_end_goes_to_pagerduty_it_is_told_all_the_same(
    databases: Databases, tmp_path: Path, whole: bool
) -> None:
    async def kill(moment: str, database: str, folder: Path) -> None:
        async with scene(database, folder) as (stage, duty, sms):
            title = await stage.declared()
            number = stage.looking.rows("select number from incident where title = %s", title)[0]["number"]
            bruno = stage.slack.person("bruno")
            for words, request, status in (
                (f"ack INC-{number}", "update", "acknowledged"),
                (f"cancel INC-{number} false alarm", "enqueue", "resolved"),
            ):
                if words.startswith("cancel"):
                    await stage.slack.people.command(bruno, "general", "/incident", words)
                    struck = strike(stage, duty, sms, request, moment)
                    question = stage.slack.ephemerals(bruno)[-1]
                    assert (await stage.slack.people.click(bruno, question, "cancel")).ok
                else:
                    struck = strike(stage, duty, sms, request, moment)
                    assert await stage.deliver(stage.typed(bruno, words))
                await restarted(stage, struck, f"{words} {moment}")
                assert [incident.status for incident in duty.incidents] == [status, status], words
            assert len(duty.incidents) == 2

    await run_beside(moments(whole), databases, tmp_path, kill)


SHIFT = """
[contacts]
"On-Call Engineer" = ["tel:+49 30 123456"]
"CTO" = ["pagerduty:user/PNONE01", "tel:+91 98765 43210"]
[on_call]
"On-Call Engineer" = "pagerduty:schedule/PSCH001"
"""


@pytest.mark.timeout(180)
async def test_killed_while_the_schedule_is_asked_who_is_on_call_is_paged_once(
    databases: Databases, tmp_path: Path, whole: bool
) -> None:
    async def kill(moment: str, database: str, folder: Path) -> None:
        async with scene(database, folder, SHIFT) as (stage, duty, sms):
            struck = strike(stage, duty, sms, "oncalls", moment)
            await stage.deliver(stage.command())
            await restarted(stage, struck, f"oncalls {moment}")
            assert [incident.assignee for incident in duty.incidents] == ["PDEV001"]
            assert stage.looking.kinds(1).count("on_call_found") == 1
            assert len(stage.slack.direct_messages("devika")) == 1

    await run_beside(moments(whole), databases, tmp_path, kill)


@pytest.mark.timeout(180)
async def test_killed_while_the_number_is_named_it_stands_in_the_room_once(
    databases: Databases, tmp_path: Path, whole: bool
) -> None:
    async def kill(moment: str, database: str, folder: Path) -> None:
        async with scene(database, folder, SHIFT) as (stage, _, _):
            struck = asyncio.Event()

            async def hook(number: int, method: str) -> None:
                naming = "select 1 from outbox where kind = 'NamePhone' and state = 'sending'"
                if method == "chat.postMessage" and not struck.is_set() and stage.looking.rows(naming):
                    struck.set()
                    stage.program.kill()

            if moment == "request":
                stage.slack.api.before_answer = hook
            else:
                stage.slack.api.after_answer = hook
            await stage.deliver(stage.command())
            await restarted(stage, struck, f"the number, {moment}")
            (row,) = stage.looking.rows("select channel from incident")
            said = [stage.text(message) for message in stage.slack.messages(row["channel"], of_bot=True)]
            assert sum("Call CTO: +919876543210" in each for each in said) == 1
            assert stage.looking.kinds(1).count("phone_named") == 1

    await run_beside(moments(whole), databases, tmp_path, kill)


LADDER = """
[contacts]
"On-Call Engineer" = ["slack:U0CHIDI001"]
"DevOps Lead" = ["pagerduty:user/PDEV001"]
"""


@pytest.mark.timeout(180)
async def test_killed_in_a_step_of_the_ladder_the_step_is_made_once(
    databases: Databases, tmp_path: Path, whole: bool
) -> None:
    async def kill(moment: str, database: str, folder: Path) -> None:
        async with scene(database, folder, LADDER) as (stage, duty, sms):
            ana = stage.slack.person("ana")
            await stage.deliver(stage.typed(ana, "declare p2 Search is slow"))
            await stage.until(lambda: stage.looking.kinds(1) and stage.quiet(), what="declared")
            now = "update incident set look_at = now()"
            if moment == "while it is recorded":
                with psycopg.connect(database) as other:
                    other.execute("lock table tocsin.outbox in share mode")
                    stage.looking.rows(now)
                    writing = (
                        "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
                        " and query ilike '%%jsonb_to_recordset%%'"
                    )
                    await stage.until(lambda: stage.looking.rows(writing), what="the step is being written")
                    stage.program.kill()
                await stage.start()
            else:
                struck = strike(stage, duty, sms, "create", moment)
                stage.looking.rows(now)
                await restarted(stage, struck, f"a step, {moment}")
            await stage.until(lambda: len(duty.incidents) == 1 and stage.quiet(), what="climbed")
            assert [incident.assignee for incident in duty.incidents] == ["PDEV001"]
            assert stage.looking.kinds(1).count("escalated") == 1
            assert stage.looking.rows("select rung from incident") == [{"rung": 1}]
            (row,) = stage.looking.rows("select channel from incident")
            said = [stage.text(message) for message in stage.slack.messages(row["channel"], of_bot=True)]
            assert sum("paged: DevOps Lead" in each for each in said) == 1

    await run_beside(("while it is recorded", *moments(whole)), databases, tmp_path, kill)
