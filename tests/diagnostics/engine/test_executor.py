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

from bot.adapters.embedded_postgres import PrivatePostgres
from bot.domain.check_request import CheckRequest
from bot.domain.diagnostic_run import WHOLE, DiagnosticRunRequest
from bot.domain.finding import Finding
from bot.ports.diagnostics import DiagnosticExecutor, PlannedCheck, WorkerHung, WorkerUnavailable
from bot.runbook import classify_steps, parse_runbook
from bot.settings import Settings
from bot.settings.setting_lookup import MONITORED_POSTGRES, find_monitored_value
from diagnostics.engine import worker_client
from diagnostics.engine.configuration_check import build_missing_check
from diagnostics.engine.executor import InProcessExecutor
from diagnostics.engine.registry import build_registry
from diagnostics.engine.router import LazyDiagnostics
from diagnostics.engine.runner import Runner
from diagnostics.engine.worker import NICE_INCREMENT
from diagnostics.engine.worker_client import DiagnosticsWorkerClient

SITE = "https://steps.example"
RUNBOOK = classify_steps(
    parse_runbook(
        "# Runbook\n\n### P0 - CRITICAL\n- **Response Time**: < 5 minutes\n- **Action**: page CTO\n\n"
        f"## P0 INCIDENT: DOWN\n\n```bash\n# 1. Quick\ncurl {SITE}/quick\n\n# 2. Slow\ncurl {SITE}/slow\n\n"
        "# 3. Connections\npsql -h $PGHOST -c 'SELECT count(*) FROM pg_stat_activity'\n```\n"
    )
)
NOW = datetime(2026, 11, 28, 3, 0, tzinfo=UTC)
LOOK = DiagnosticRunRequest(1, 1, WHOLE, RUNBOOK.playbooks[0].id, "")


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


def here(site: Site) -> InProcessExecutor:
    told = settings(site)
    return InProcessExecutor(
        Runner(lambda: datetime.now(UTC)),
        LazyDiagnostics(build_missing_check(told), lambda: build_registry(told)),
        find_monitored_value,
    )


def of_its_own(site: Site) -> DiagnosticsWorkerClient:
    told = settings(site)
    return DiagnosticsWorkerClient(told, build_missing_check(told))


@asynccontextmanager
async def closed(asking: DiagnosticsWorkerClient) -> AsyncIterator[DiagnosticsWorkerClient]:
    try:
        yield asking
    finally:
        await asking.aclose()


@pytest.fixture(params=[here, of_its_own])
async def asking(request: pytest.FixtureRequest, site: Site) -> AsyncIterator[DiagnosticExecutor]:
    made: DiagnosticExecutor = request.param(site)
    yield made
    await made.aclose()


async def questions(asking: DiagnosticExecutor) -> list[CheckRequest]:
    return [each.question for each in await planned(asking) if each.question]


async def planned(asking: DiagnosticExecutor) -> list[PlannedCheck]:
    return await asking.plan(LOOK, RUNBOOK, NOW, NOW)


Heard = asyncio.Queue[tuple[int, Finding]]


def into(heard: Heard) -> Callable[[int, Finding], Awaitable[None]]:
    return lambda place, finding: heard.put((place, finding))


async def process(asking: DiagnosticsWorkerClient) -> int:
    """The process id of the one that asks."""
    await planned(asking)
    (found,) = [pid for pid in children(os.getpid()) if b"diagnostics.engine" in command(pid)]
    return found


def children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def command(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


async def gone(pid: int) -> None:
    """Return when nothing runs by this id any more; what only waits to be buried by its parent does not run."""
    async with asyncio.timeout(60):
        while command(pid):
            await asyncio.sleep(0.01)


async def test_each_step_is_planned_and_what_is_not_set_is_said(asking: DiagnosticExecutor) -> None:
    steps = await planned(asking)
    assert [step.result.title for step in steps] == ["Quick", "Slow", "Connections"]
    assert steps[2].question is None and "PGHOST is not set" in steps[2].result.headline


async def test_a_finding_is_heard_while_another_is_waited_for(asking: DiagnosticExecutor, site: Site) -> None:
    heard: Heard = asyncio.Queue()
    run = asyncio.create_task(asking.ask(await questions(asking), into(heard)))
    place, finding = await asyncio.wait_for(heard.get(), 60)
    assert (place, "up" in repr(finding)) == (0, True) and not run.done()
    site.held.set()
    place, finding = await asyncio.wait_for(heard.get(), 60)
    assert (place, "slow" in repr(finding)) == (1, True)
    await run


async def test_who_leaves_takes_the_question_back(asking: DiagnosticExecutor, site: Site) -> None:
    run = asyncio.create_task(asking.ask(await questions(asking), into(asyncio.Queue())))
    await asyncio.wait_for(site.asked.wait(), 60)
    run.cancel()
    await asyncio.wait_for(site.gave_up.wait(), 10)


async def test_what_hears_may_fail_then_who_asked_is_told_and_nothing_more_is_asked(
    asking: DiagnosticExecutor, site: Site
) -> None:
    async def broken(place: int, finding: Finding) -> None:
        await site.asked.wait()
        raise LookupError

    with pytest.raises(ExceptionGroup) as failed:
        await asking.ask(await questions(asking), broken)
    assert failed.group_contains(LookupError)
    await asyncio.wait_for(site.gave_up.wait(), 10)


async def test_when_the_process_dies_who_asked_hears_it_at_once_and_the_next_look_has_a_new_one(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    async with closed(of_its_own(site)) as asking:
        pid, heard = await process(asking), asyncio.Queue[tuple[int, Finding]]()
        run = asyncio.create_task(asking.ask(await questions(asking), into(heard)))
        await asyncio.wait_for(heard.get(), 60)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(WorkerUnavailable):
            await asyncio.wait_for(run, 5)
        assert "diagnostics worker exited with code -9" in caplog.text
        site.held.set()
        await asyncio.wait_for(asking.ask(await questions(asking), into(heard)), 60)
        assert await process(asking) != pid


async def test_a_process_that_hangs_is_ended_and_nobody_waits_longer(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with closed(of_its_own(site)) as asking:
        pid, asked = await process(asking), await questions(asking)
        os.kill(pid, signal.SIGSTOP)
        with monkeypatch.context() as hurried, pytest.raises(WorkerHung):
            hurried.setattr(worker_client, "REPLY_TIMEOUT_S", 0.1)
            await asyncio.wait_for(asking.ask(asked, into(asyncio.Queue())), 60)
        assert len(await planned(asking)) == 3, "who asks now has a new one, also before the old one is gone"
        await gone(pid)
        assert "diagnostics worker timeout" in caplog.text


async def test_the_process_ends_with_who_asks_whatever_it_is_doing(site: Site) -> None:
    asking = of_its_own(site)
    pid = await process(asking)
    run = asyncio.create_task(asking.ask(await questions(asking), into(asyncio.Queue())))
    await asyncio.wait_for(site.asked.wait(), 60)
    await asking.aclose()
    await gone(pid)
    with pytest.raises(WorkerUnavailable):
        await run


async def test_the_process_has_the_monitored_databases_names_and_none_of_the_bots_own_keys(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = {
        "SLACK_BOT_TOKEN": "xoxb-1-canary", "slack_app_token": "canary", "PAGERDUTY_API_KEY": "canary",
        "TOCSIN_DATABASE_URL": "postgresql://canary@127.0.0.1/own", "DANA_SMS": "canary",
        "TOCSIN_DATABASE_DIRECT_URL": "postgresql://canary@127.0.0.1/own",
    }  # fmt: skip
    told = settings(site)
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    for name in ("DANA_SMS", "SHIFTS"):
        (tmp_path / name).write_text("canary")
    monkeypatch.setenv("TOCSIN_SECRETS_DIR", str(tmp_path))
    monkeypatch.setitem(MONITORED_POSTGRES, "PGHOST", "db.example")
    async with closed(
        DiagnosticsWorkerClient(told, build_missing_check(told), ("DANA_SMS", "SHIFTS"))
    ) as asking:
        has = Path(f"/proc/{await process(asking)}/environ").read_bytes()
        assert b"PGHOST=db.example" in has and b"canary" not in has
        assert {"slack_bot_token", "database_url"}.isdisjoint(
            worker_client._build_worker_settings(told).model_dump()
        )
        (connections,) = [each for each in await planned(asking) if each.result.title == "Connections"]
        assert connections.question is not None
        secrets = classify_steps(parse_runbook(SECRETS))
        look = DiagnosticRunRequest(1, 1, WHOLE, secrets.playbooks[0].id, "")
        steps = await asking.plan(look, secrets, NOW, NOW)
        assert [step.result.title for step in steps if "not set" in step.result.headline] == ["One", "Two"]
        assert not any(step.question for step in steps), "no command gets one of them, by file either"


SECRETS = (
    "# Runbook\n\n### P0 - CRITICAL\n- **Response Time**: < 5 minutes\n- **Action**: page CTO\n\n"
    "## P0 INCIDENT: DOWN\n\n<!-- tocsin: variables DANA_SMS, SHIFTS -->\n```bash\n"
    f"# 1. One\ncurl {SITE}/$DANA_SMS\n\n# 2. Two\ncurl {SITE}/$SHIFTS\n```\n"
)


async def test_the_process_leaves_the_processor_to_the_bot(site: Site) -> None:
    async with closed(of_its_own(site)) as asking:
        pid = await process(asking)
        assert os.getpriority(os.PRIO_PROCESS, pid) == min(
            19, os.getpriority(os.PRIO_PROCESS, 0) + NICE_INCREMENT
        )
        assert os.getpgid(pid) != os.getpgid(0), "Ctrl-C is the bot's"
        group = Path(f"/proc/{pid}/autogroup")
        assert not group.exists() or f"nice {NICE_INCREMENT}" in group.read_text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
async def test_a_signal_to_all_is_the_bots_to_answer(site: Site, number: signal.Signals) -> None:
    async with closed(of_its_own(site)) as asking:
        os.kill(await process(asking), number)
        site.held.set()
        heard: Heard = asyncio.Queue()
        await asyncio.wait_for(asking.ask(await questions(asking), into(heard)), 60)
        assert heard.qsize() == 2


async def test_a_process_that_cannot_start_is_told_at_once(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with closed(of_its_own(site)) as asking:
        for program, words in (
            ("/bin/false", "exited with code 1"),
            ("/nowhere/python", "cannot be started"),
        ):
            monkeypatch.setattr(sys, "executable", program)
            with pytest.raises(WorkerUnavailable):
                await asyncio.wait_for(planned(asking), 60)
            assert words in caplog.text


async def test_an_answer_that_is_none_ends_the_process_and_the_next_one_is_understood(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with closed(of_its_own(site)) as asking:
        pid = await process(asking)
        with monkeypatch.context() as broken:
            broken.setattr(worker_client, "read_frame", garbled)
            with pytest.raises(WorkerUnavailable):
                await asking._request_plan(LOOK, RUNBOOK, NOW, NOW)
                await asking._request_plan(LOOK, RUNBOOK, NOW, NOW)
        await gone(pid)
        assert "diagnostics worker sent an invalid message" in caplog.text
        assert len(await planned(asking)) == 3


async def garbled(reader: asyncio.StreamReader) -> object:
    await reader.readexactly(1)
    raise pickle.UnpicklingError("garbled")


async def test_nothing_is_started_where_nothing_was_configured_on_purpose(site: Site) -> None:
    async with closed(of_its_own(site)) as asking:
        assert await asking.warm(RUNBOOK) == ()
        assert not [pid for pid in children(os.getpid()) if b"diagnostics.engine" in command(pid)]


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
