"""Who asks the monitored systems: this process or one of its own, which must do the same and can die alone."""

import asyncio
import os
import pickle
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr

from bot.evidence import WHOLE, Asked
from bot.looking import apart
from bot.looking.__main__ import BEHIND
from bot.looking.apart import Apart
from bot.looking.asking import AskedInVain, Asking, Here
from bot.looking.lacking import lacking
from bot.looking.plan import Planned
from bot.looking.sources import monitored
from bot.postgres import PrivatePostgres
from bot.runbook import read, recognised
from bot.settings import MONITORED_POSTGRES, Settings, value_of
from diagnostics.finding import Finding
from diagnostics.question import Question
from diagnostics.runner import Runner
from diagnostics.systems import Later

SITE = "https://steps.example"
RUNBOOK = recognised(
    read(
        "# Runbook\n\n### P0 - CRITICAL\n- **Response Time**: < 5 minutes\n- **Action**: page CTO\n\n"
        f"## P0 INCIDENT: DOWN\n\n```bash\n# 1. Quick\ncurl {SITE}/quick\n\n# 2. Slow\ncurl {SITE}/slow\n\n"
        "# 3. Connections\npsql -h $PGHOST -c 'SELECT count(*) FROM pg_stat_activity'\n```\n"
    )
)
NOW = datetime(2026, 11, 28, 3, 0, tzinfo=UTC)
LOOK = Asked(1, 1, WHOLE, RUNBOOK.playbooks[0].id, "")


@dataclass
class Site:
    """Two pages: one answers at once, the other holds until it is let go. Who gives up is counted."""

    url: str = ""
    held: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    gave_up: asyncio.Event = field(default_factory=asyncio.Event)

    async def quick(self, request: web.Request) -> web.Response:
        return web.json_response({"state": "up"})

    async def slow(self, request: web.Request) -> web.Response:
        self.asked.set()
        try:
            await self.held.wait()
        except asyncio.CancelledError:
            self.gave_up.set()
            raise
        return web.json_response({"state": "slow"})


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    made = Site()
    app = web.Application()
    app.router.add_get("/quick", made.quick)
    app.router.add_get("/slow", made.slow)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    made.held.set()
    await runner.cleanup()


def settings(site: Site) -> Settings:
    values = {
        "SLACK_BOT_TOKEN": SecretStr("xoxb-1-canary"),
        "SLACK_SIGNING_SECRET": SecretStr("canary"),
        "TOCSIN_ADDRESSES": {SITE: site.url},
    }
    return Settings(**values)  # type: ignore[arg-type]


def here(site: Site) -> Here:
    told = settings(site)
    return Here(Runner(lambda: datetime.now(UTC)), Later(lacking(told), lambda: monitored(told)), value_of)


def of_its_own(site: Site) -> Apart:
    told = settings(site)
    return Apart(told, lacking(told))


@asynccontextmanager
async def closed(asking: Apart) -> AsyncIterator[Apart]:
    try:
        yield asking
    finally:
        await asking.aclose()


@pytest.fixture(params=[here, of_its_own])
async def asking(request: pytest.FixtureRequest, site: Site) -> AsyncIterator[Asking]:
    made: Asking = request.param(site)
    yield made
    await made.aclose()


async def questions(asking: Asking) -> list[Question]:
    return [each.question for each in await planned(asking) if each.question]


async def planned(asking: Asking) -> list[Planned]:
    return await asking.plan(LOOK, RUNBOOK, NOW, NOW)


Heard = asyncio.Queue[tuple[int, Finding]]


def into(heard: Heard) -> Callable[[int, Finding], Awaitable[None]]:
    return lambda place, finding: heard.put((place, finding))


async def process(asking: Apart) -> int:
    """The process id of the one that asks."""
    await planned(asking)
    (found,) = [pid for pid in children(os.getpid()) if b"bot.looking" in command(pid)]
    return found


def children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def command(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


async def gone(pid: int) -> None:
    """Return when nothing runs by this id any more; what only waits to be buried by its parent does not run."""
    async with asyncio.timeout(5):
        while command(pid):
            await asyncio.sleep(0.01)


async def test_each_step_is_planned_and_what_is_not_set_is_said(asking: Asking) -> None:
    steps = await planned(asking)
    assert [each.result.title for each in steps] == ["Quick", "Slow", "Connections"]
    assert steps[2].question is None and "PGHOST is not set" in steps[2].result.headline


async def test_a_finding_is_heard_while_another_is_waited_for(asking: Asking, site: Site) -> None:
    heard: Heard = asyncio.Queue()
    run = asyncio.create_task(asking.ask(await questions(asking), into(heard)))
    place, finding = await asyncio.wait_for(heard.get(), 5)
    assert (place, "up" in repr(finding)) == (0, True) and not run.done()
    site.held.set()
    place, finding = await asyncio.wait_for(heard.get(), 5)
    assert (place, "slow" in repr(finding)) == (1, True)
    await run


async def test_who_leaves_takes_the_question_back(asking: Asking, site: Site) -> None:
    run = asyncio.create_task(asking.ask(await questions(asking), into(asyncio.Queue())))
    await asyncio.wait_for(site.asked.wait(), 5)
    run.cancel()
    await asyncio.wait_for(site.gave_up.wait(), 5)


async def test_what_hears_may_fail_then_who_asked_is_told_and_nothing_more_is_asked(
    asking: Asking, site: Site
) -> None:
    async def broken(place: int, finding: Finding) -> None:
        await site.asked.wait()
        raise LookupError

    with pytest.raises(ExceptionGroup) as failed:
        await asking.ask(await questions(asking), broken)
    assert failed.group_contains(LookupError)
    await asyncio.wait_for(site.gave_up.wait(), 5)


async def test_when_the_process_dies_who_asked_hears_it_at_once_and_the_next_look_has_a_new_one(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    async with closed(of_its_own(site)) as asking:
        pid, heard = await process(asking), asyncio.Queue[tuple[int, Finding]]()
        run = asyncio.create_task(asking.ask(await questions(asking), into(heard)))
        await asyncio.wait_for(heard.get(), 5)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(AskedInVain):
            await asyncio.wait_for(run, 5)
        assert "ended with -9" in caplog.text
        site.held.set()
        await asyncio.wait_for(asking.ask(await questions(asking), into(heard)), 10)
        assert await process(asking) != pid


async def test_a_process_that_hangs_is_ended_and_nobody_waits_longer(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with closed(of_its_own(site)) as asking:
        pid, asked = await process(asking), await questions(asking)
        monkeypatch.setattr(apart, "SILENT", 0.1)
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(AskedInVain):
            await asyncio.wait_for(asking.ask(asked, into(asyncio.Queue())), 5)
        await gone(pid)
        assert "hangs" in caplog.text


async def test_the_process_ends_with_who_asks_whatever_it_is_doing(site: Site) -> None:
    asking = of_its_own(site)
    pid = await process(asking)
    run = asyncio.create_task(asking.ask(await questions(asking), into(asyncio.Queue())))
    await asyncio.wait_for(site.asked.wait(), 5)
    await asking.aclose()
    await gone(pid)
    with pytest.raises(AskedInVain):
        await run


async def test_the_process_has_the_monitored_databases_names_and_none_of_the_bots_own_keys(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = {
        "SLACK_BOT_TOKEN": "xoxb-1-canary", "slack_app_token": "canary", "PAGERDUTY_API_KEY": "canary",
        "TOCSIN_DATABASE_URL": "postgresql://canary@127.0.0.1/own", "DANA_SMS": "canary",
    }  # fmt: skip
    told = settings(site)
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    for name in ("DANA_SMS", "SHIFTS"):
        (tmp_path / name).write_text("canary")
    monkeypatch.setenv("TOCSIN_SECRETS_DIR", str(tmp_path))
    monkeypatch.setitem(MONITORED_POSTGRES, "PGHOST", "db.example")
    async with closed(Apart(told, lacking(told), ("DANA_SMS", "SHIFTS"))) as asking:
        has = Path(f"/proc/{await process(asking)}/environ").read_bytes()
        assert b"PGHOST=db.example" in has and b"canary" not in has
        assert {"slack_bot_token", "database_url"}.isdisjoint(apart._monitored(told).model_dump())
        (connections,) = [each for each in await planned(asking) if each.result.title == "Connections"]
        assert connections.question is not None
        secrets = recognised(read(SECRETS))
        look = Asked(1, 1, WHOLE, secrets.playbooks[0].id, "")
        steps = await asking.plan(look, secrets, NOW, NOW)
        assert [each.result.title for each in steps if "not set" in each.result.headline] == ["One", "Two"]
        assert not any(each.question for each in steps), "no command gets one of them, by file either"


SECRETS = (
    "# Runbook\n\n### P0 - CRITICAL\n- **Response Time**: < 5 minutes\n- **Action**: page CTO\n\n"
    "## P0 INCIDENT: DOWN\n\n<!-- tocsin: variables DANA_SMS, SHIFTS -->\n```bash\n"
    f"# 1. One\ncurl {SITE}/$DANA_SMS\n\n# 2. Two\ncurl {SITE}/$SHIFTS\n```\n"
)


async def test_the_process_leaves_the_processor_to_the_bot(site: Site) -> None:
    async with closed(of_its_own(site)) as asking:
        pid = await process(asking)
        assert os.getpriority(os.PRIO_PROCESS, pid) == min(19, os.getpriority(os.PRIO_PROCESS, 0) + BEHIND)
        assert os.getpgid(pid) != os.getpgid(0), "Ctrl-C is the bot's"
        group = Path(f"/proc/{pid}/autogroup")
        assert not group.exists() or f"nice {BEHIND}" in group.read_text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
async def test_a_signal_to_all_is_the_bots_to_answer(site: Site, number: signal.Signals) -> None:
    async with closed(of_its_own(site)) as asking:
        os.kill(await process(asking), number)
        site.held.set()
        heard: Heard = asyncio.Queue()
        await asyncio.wait_for(asking.ask(await questions(asking), into(heard)), 10)
        assert heard.qsize() == 2


async def test_a_process_that_cannot_start_is_told_at_once(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with closed(of_its_own(site)) as asking:
        for program, words in (("/bin/false", "ended with 1"), ("/nowhere/python", "cannot be started")):
            monkeypatch.setattr(sys, "executable", program)
            with pytest.raises(AskedInVain):
                await asyncio.wait_for(planned(asking), 10)
            assert words in caplog.text


async def test_an_answer_that_is_none_ends_the_process_and_the_next_one_is_understood(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with closed(of_its_own(site)) as asking:
        pid = await process(asking)
        with monkeypatch.context() as broken:
            broken.setattr(apart, "read", garbled)
            with pytest.raises(AskedInVain):
                await asking._planned(LOOK, RUNBOOK, NOW, NOW)
                await asking._planned(LOOK, RUNBOOK, NOW, NOW)
        await gone(pid)
        assert "was not understood" in caplog.text
        assert len(await planned(asking)) == 3


async def garbled(reader: asyncio.StreamReader) -> object:
    await reader.readexactly(1)
    raise pickle.UnpicklingError("garbled")


async def test_nothing_is_started_where_nothing_was_configured_on_purpose(site: Site) -> None:
    async with closed(of_its_own(site)) as asking:
        assert await asking.warm(RUNBOOK) == ()
        assert not [pid for pid in children(os.getpid()) if b"bot.looking" in command(pid)]


async def test_what_the_keys_may_do_too_much_of_is_told_from_there(
    site: Site, monkeypatch: pytest.MonkeyPatch, postgres: PrivatePostgres
) -> None:
    for name, value in conninfo_to_dict(postgres.conninfo("postgres")).items():
        if (known := LIBPQ.get(name)) is not None:
            monkeypatch.setitem(MONITORED_POSTGRES, known, str(value))
    async with closed(of_its_own(site)) as asking:
        (warning,) = await asking.warm(RUNBOOK)
        assert "is a superuser" in warning


LIBPQ = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "dbname": "PGDATABASE",
    "password": "PGPASSWORD",
}
