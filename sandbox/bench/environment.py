"""Where a figure is measured: a Slack stand-in, a database and the real bot as a program of its own."""

import asyncio
import multiprocessing
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
from psycopg.rows import dict_row

from sandbox.bench.probe import send_at_once, time_acknowledgements
from sandbox.demo.bot_process import ROOT, BotProcess, Launch, build_environment, launch_program
from sandbox.slack.payloads import build_command_payload
from sandbox.slack.seed_users import expect_team
from sandbox.slack.slack import Beside, Slack

CONTACTS = """
[contacts]
"CTO" = "slack:U0BRUNO001"
"DevOps Lead" = "slack:U0DEVIKA01"
"On-Call Engineer" = "slack:U0CHIDI001"
"""


@dataclass(slots=True)
class BenchEnvironment:
    """What all stages share: the server's addresses by database name, a folder, the app's scopes and events, a process
    that asks and one that sends much at once, and what starts a bot.
    """

    address: Callable[[str], str]
    folder: Path
    scopes: Sequence[str]
    events: Sequence[str]
    asking: ProcessPoolExecutor
    sending: ProcessPoolExecutor
    launch: Launch = launch_program

    def new_database(self) -> str:
        """The address of a fresh, empty database."""
        name = f"bench_{secrets.token_hex(6)}"
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(f"create database {name}".encode())
        return self.address(name)

    @asynccontextmanager
    async def open_stage(
        self,
        database: str | None = None,
        contacts: str = CONTACTS,
        more: Mapping[str, str] | None = None,
        also: Beside | None = None,
    ) -> AsyncIterator["BenchStage"]:
        """A stand-in and a bot, up and settled, on a fresh database or on this one, where that happened before.
        `contacts` is the contacts file's text, `more` further settings, `also` routes beside the stand-in's."""
        address = database or self.new_database()
        slack = await Slack.start(scopes=self.scopes, events=self.events, also=also)
        expect_team(slack.workspace)
        book = self.folder / "contacts.toml"
        book.write_text(contacts)
        told = build_environment(
            slack,
            self.folder,
            TOCSIN_DATABASE_URL=address,
            TOCSIN_CONTACTS=str(book),
            TOCSIN_RUNBOOK_URL="https://git.example/runbook.md",
            **(more or {}),
        )
        program = BotProcess(told, self.folder / "bot.log", launch=self.launch)
        stage = BenchStage(self, slack, program, address)
        try:
            await program.start()
            slack.request_url = program.request_url
            if database is None:
                await stage.wait_until(lambda: slack.channels(of_bot=True))
            await stage.wait_until_delivered()
            yield stage
        finally:
            await program.stop()
            await slack.stop()


@asynccontextmanager
async def open_bench_environment(
    address: Callable[[str], str],
    folder: Path,
    scopes: Sequence[str],
    events: Sequence[str],
    launch: Launch = launch_program,
) -> AsyncIterator[BenchEnvironment]:
    """The house, with its processes."""
    spawning = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, spawning) as asking, ProcessPoolExecutor(1, spawning) as sending:
        yield BenchEnvironment(address, folder, scopes, events, asking, sending, launch)


def find_socket(address: str) -> str:
    """The path of the socket of the server at this address."""
    where = psycopg.conninfo.conninfo_to_dict(address)
    return f"{where['host']}/.s.PGSQL.{where['port']}"


def find_database(address: str) -> str:
    """The name of the database at this address."""
    return str(psycopg.conninfo.conninfo_to_dict(address)["dbname"])


Session = psycopg.Connection[Any]


def open_session(address: str, application: str, user: str | None = None) -> Session:
    """A session that did something once, and is idle; of this user, where the address is to mean another one."""
    session = psycopg.connect(address, autocommit=True, application_name=application, user=user)
    session.execute("select 1")
    return session


APPLICATION = "create role bench_app login"
"""Nobody may end a superuser's session."""

LOCK = "select pg_advisory_xact_lock(17)"
END = "select pg_terminate_backend(pid, 5000) from unnest(%s::int[]) pid"


def hold_lock(sessions: ExitStack, address: str) -> Session:
    """A session that holds a lock for which another one waits; both end with `sessions`."""
    watch = open_session(address, "tocsin")
    # The second is what PostgreSQL says where two make it at the same moment.
    with suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
        watch.execute(APPLICATION)
    holder, waiter = (open_session(address, name, user="bench_app") for name in ("bench-a", "bench-b"))
    for session in (watch, holder, waiter):
        sessions.callback(session.close)
    # Whoever waits is ended first: a connection is not closed while another thread waits on it.
    sessions.callback(watch.execute, END, [[holder.info.backend_pid, waiter.info.backend_pid]])
    holder.execute("begin")
    holder.execute(LOCK)
    waiting = threading.Thread(target=_wait_for_lock, args=(waiter,), daemon=True)
    waiting.start()
    while not watch.execute("select 1 from pg_locks where not granted").fetchone():
        time.sleep(0.01)
    return holder


def _wait_for_lock(session: Session) -> None:
    with suppress(psycopg.Error):  # it was ended
        session.execute(LOCK)


def is_ended(session: Session) -> bool:
    """Whether somebody has ended this session."""
    try:
        session.execute("select 1")
    except psycopg.OperationalError:
        return True
    return False


@dataclass(slots=True)
class BenchStage:
    """One stand-in and one bot."""

    house: BenchEnvironment
    slack: Slack
    program: BotProcess
    database: str

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """What a statement gives, on the bot's schema."""
        with psycopg.connect(self.database, autocommit=True, row_factory=dict_row) as connection:
            connection.execute("set search_path to tocsin")
            cursor = connection.execute(query.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def age_pages(self) -> None:
        """Let who was rung have been rung a while ago: nobody waits for an answer then."""
        self.rows("update page set requested_at = requested_at - interval '3 minutes'")
        self.rows("update way set requested_at = requested_at - interval '3 minutes'")

    async def wait_until(self, true: Callable[[], object], within: float = 60.0) -> None:
        """Wait until something is so at the stand-in."""
        await self.slack.wait_for(true, within)

    async def wait_until_delivered(self, within: float = 60.0) -> None:
        """Wait until nothing is due to be delivered."""
        waiting = "select 1 from outbox where settled_at is null and not_before <= now() limit 1"
        async with asyncio.timeout(within):
            while await asyncio.to_thread(self.rows, waiting):
                await asyncio.sleep(0.05)

    def build_commands(self, texts: Iterable[str], who: str = "ana", where: str = "general") -> list[bytes]:
        """The bodies of these slash commands, each with a trigger of its own."""
        person, channel = self.slack.person(who), self.slack.channel(where)
        bodies = []
        for text in texts:
            fields = build_command_payload(self.slack.workspace, person, channel, "/incident", text)
            trigger = self.slack.workspace.new_trigger(person.id).id
            bodies.append(
                urlencode(
                    {**fields, "trigger_id": trigger, "response_url": f"{self.slack.url}/response/none"}
                ).encode()
            )
        return bodies

    async def time_commands(self, bodies: Sequence[bytes], gap: float = 0.0, url: str = "") -> list[float]:
        """Milliseconds until each command was acknowledged, sent from the asking process."""
        return await asyncio.get_running_loop().run_in_executor(
            self.house.asking,
            time_acknowledgements,
            url or self.program.request_url,
            self.slack.signing_secret,
            bodies,
            gap,
        )

    async def send_commands(self, bodies: Sequence[bytes]) -> None:
        """Send these commands at once, from the sending process, and wait until each is acknowledged."""
        await asyncio.get_running_loop().run_in_executor(
            self.house.sending, send_at_once, self.program.request_url, self.slack.signing_secret, bodies
        )

    @asynccontextmanager
    async def open_bare_app(self) -> AsyncIterator[str]:
        """The address of the bare Bolt app, a program of its own too."""
        process = _bare_app(self.slack.signing_secret)
        assert process.stdout is not None
        try:
            yield (await asyncio.to_thread(process.stdout.readline)).decode().strip()
        finally:
            process.terminate()
            process.wait()
            process.stdout.close()


def _bare_app(secret: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "sandbox.bench.bare_bolt_app"],
        cwd=ROOT,
        env={"PATH": os.environ.get("PATH", os.defpath), "SLACK_SIGNING_SECRET": secret},
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
