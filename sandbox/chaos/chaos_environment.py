"""Where it happens: the stand-in, one database, two replicas of the real bot."""

import asyncio
import random
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row

from sandbox.chaos.clock_steps import WallClock, has_compiler, set_database_clock
from sandbox.chaos.promises import SlackState
from sandbox.demo.bot_process import BotProcess, build_environment
from sandbox.slack.plain_text import render_message_lines
from sandbox.slack.seed_users import expect_team
from sandbox.slack.slack import Slack

CONTACTS = """
[contacts]
"CTO" = "slack:U0BRUNO001"
"DevOps Lead" = "slack:U0DEVIKA01"
"On-Call Engineer" = "slack:U0CHIDI001"
"""
CALLED = ("bruno", "devika", "chidi")
INCIDENTS = "incident-response"
ORPHANS = """
select id from outbox o where state = 'sending' and not exists (
    select 1 from pg_locks l where l.locktype = 'advisory' and l.granted and l.objid::bigint = o.lease_owner)
"""
ENDED = "select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"
WAITING = """select id, key, error from outbox o
             where settled_at is null and not_before < now() + interval '1 hour'
             and not (kind = 'PageResponder' and exists (
                 select 1 from page p where p.incident = o.incident and p.person = o.payload ->> 'person'
                 and p.held_until > now()))
             order by id limit 20"""
"""Everything but pages on hold: one that is released and does not ring is not delivered."""
NOTICED = """select 1 as id where (select count(*) from restored) > {noticed} and not exists (
                 select 1 from outbox where kind = 'OpenChannel' and settled_at is null
                 and created_at <= (select max(at) from restored))"""


class ChaosDatabase(Protocol):
    """A PostgreSQL of our own, whose folder is known and which can be started again."""

    folder: Path

    def conninfo(self, dbname: str = "postgres") -> str: ...
    async def ensure_running(self) -> None: ...


@dataclass(slots=True)
class ChaosEnvironment:
    """The stand-in, the database and the replicas."""

    slack: Slack
    database: ChaosDatabase
    address: str
    replicas: list[BotProcess]
    clock: WallClock | None = None
    before: Sequence[BotProcess] = ()
    """Those of the replicas that run another version's code."""
    era: int = 0
    """Raised when a restore begins and when it ends: what was asked before is not sure after."""

    def back_up(self) -> None:
        """Keep the database as it stands; connections to it are ended for a moment.

        Copied by files: a sequence that is copied through the log goes back when the server is killed soon after.
        """
        self._administer(
            f"alter database {self.name} with allow_connections false",
            ENDED.format(name=self.name),
            f"drop database if exists {self.name}_saved",
            f"create database {self.name}_saved template {self.name} strategy = file_copy",
            f"alter database {self.name} with allow_connections true",
        )

    def restore(self) -> None:
        """Put back what was kept; connections are ended."""
        self._administer(
            f"drop database {self.name} with (force)",
            f"create database {self.name} template {self.name}_saved strategy = file_copy",
        )

    def set_clocks(self, bots: float, database: float) -> None:
        """From now on the replicas' wall clocks, where they can be set, and the database's are ahead by so much."""
        if self.clock is not None:
            self.clock.set(bots)
        set_database_clock(self.address, database)

    @property
    def name(self) -> str:
        return str(conninfo_to_dict(self.address)["dbname"])

    def _administer(self, *statements: str) -> None:
        with psycopg.connect(self.database.conninfo(), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def person(self, handle: str) -> None:
        """Let somebody exist who is in #general."""
        if self.slack.workspace.find_user(handle) is None:
            self.slack.add_person(handle, handle.capitalize())
            self.slack.people.join(handle, "general")

    def aim(self, chance: random.Random) -> None:
        """Slack's next request goes to one of the replicas."""
        self.slack.request_url = chance.choice(self.replicas).request_url

    def rows(self, query: str) -> list[dict[str, Any]]:
        """What a statement gives, on the bot's schema; nothing while the database does not answer."""
        try:
            with psycopg.connect(
                self.address, autocommit=True, row_factory=dict_row, connect_timeout=2
            ) as connection:
                connection.execute("set search_path to tocsin")
                return connection.execute(query.encode()).fetchall()
        except psycopg.OperationalError:
            return [{"id": 0, "key": "the database", "error": "does not answer"}]

    def orphans(self) -> list[int]:
        """The effects that are being delivered by a replica that is dead."""
        return [row["id"] for row in self.rows(ORPHANS)]

    async def wait_for_deliveries(self, within: float) -> list[str]:
        """Wait until nothing is to be delivered; what still is after so many seconds, each with its last error."""
        ends = time.monotonic() + within
        while (rows := await asyncio.to_thread(self.rows, WAITING)) and time.monotonic() < ends:
            await asyncio.sleep(0.1)
        return [f"{row['key']}: {row['error']}" for row in rows]

    def noticed(self) -> int:
        """How many restores were noticed, as the database knows it."""
        return int(self.rows("select count(*) as id from restored")[0]["id"])

    async def notices_restore(self, noticed: int, within: float) -> None:
        """Wait until one more than so many restores are noticed, and the channels that waited then are there; for so
        many seconds at most."""
        query = NOTICED.format(noticed=noticed)
        ends = time.monotonic() + within
        while time.monotonic() < ends:
            if any(row["id"] for row in await asyncio.to_thread(self.rows, query)):
                return
            await asyncio.sleep(0.1)

    def read_slack_state(self) -> SlackState:
        """What stands in Slack now."""
        rooms = [channel for channel in self.slack.channels(of_bot=True) if channel.name.startswith("inc-")]
        return SlackState(
            rooms={room.name: self._texts(self.slack.messages(room, of_bot=True)) for room in rooms},
            pinned={room.name: self._texts([room.messages[pin.ts] for pin in room.pins]) for room in rooms},
            announced=self._texts(self.slack.messages(INCIDENTS, of_bot=True)),
            direct={who: self._texts(self.slack.direct_messages(who)) for who in CALLED},
        )

    def _texts(self, messages: Sequence[Any]) -> list[str]:
        return [
            "\n".join(render_message_lines(self.slack.workspace, message))
            for message in messages
            if message.subtype is None
        ]


@asynccontextmanager
async def open_chaos_environment(
    database: ChaosDatabase,
    folder: Path,
    scopes: Sequence[str],
    events: Sequence[str],
    builds: tuple[Path | None, Path | None] = (None, None),
) -> AsyncIterator[ChaosEnvironment]:
    """Two replicas, up and greeted, on a fresh database. `builds` are the folders of their code; None for our own."""
    name = f"chaos_{secrets.token_hex(6)}"
    with psycopg.connect(database.conninfo(), autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
    slack = await Slack.start(scopes=scopes, events=events)
    expect_team(slack.workspace)
    contacts = folder / "contacts.toml"
    contacts.write_text(CONTACTS)
    clock = WallClock(folder) if has_compiler() else None
    told = {
        **build_environment(
            slack, folder, TOCSIN_DATABASE_URL=database.conninfo(name), TOCSIN_CONTACTS=str(contacts)
        ),
        **(clock.environment if clock else {}),
    }
    replicas = [
        BotProcess(told, folder / f"bot-{number}.log", build) for number, build in enumerate(builds, 1)
    ]
    before = [replica for replica, build in zip(replicas, builds, strict=True) if build is not None]
    place = ChaosEnvironment(slack, database, database.conninfo(name), replicas, clock, before)
    try:
        for replica in replicas:
            await replica.start()
            slack.request_url = replica.request_url
        await slack.wait_for(lambda: slack.workspace.find_channel(INCIDENTS), 30)
        yield place
    finally:
        for replica in replicas:
            replica.kill()
        await slack.stop()
