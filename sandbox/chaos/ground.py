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
from psycopg.rows import dict_row

from sandbox.chaos.told import Shown
from sandbox.plain import message_lines
from sandbox.programs import Program, environment
from sandbox.slack import Slack

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
WAITING = "select id, key, error from outbox where state in ('pending', 'sending') order by id limit 20"


class Database(Protocol):
    """A PostgreSQL of our own, whose folder is known and which can be started again."""

    folder: Path

    def conninfo(self, dbname: str = "postgres") -> str: ...
    async def ensure_running(self) -> None: ...


@dataclass(slots=True)
class Ground:
    """The stand-in, the database and the replicas."""

    slack: Slack
    database: Database
    address: str
    replicas: list[Program]

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

    async def still_waiting(self, within: float) -> list[str]:
        """Wait until nothing is to be delivered; what still is after so many seconds, each with its last error."""
        ends = time.monotonic() + within
        while (rows := await asyncio.to_thread(self.rows, WAITING)) and time.monotonic() < ends:
            await asyncio.sleep(0.1)
        return [f"{row['key']}: {row['error']}" for row in rows]

    def shown(self) -> Shown:
        """What stands in Slack now."""
        rooms = [each for each in self.slack.channels(of_bot=True) if each.name.startswith("inc-")]
        return Shown(
            rooms={each.name: self._texts(self.slack.messages(each, of_bot=True)) for each in rooms},
            pinned={each.name: self._texts([each.messages[pin.ts] for pin in each.pins]) for each in rooms},
            announced=self._texts(self.slack.messages(INCIDENTS, of_bot=True)),
            direct={who: self._texts(self.slack.direct_messages(who)) for who in CALLED},
        )

    def _texts(self, messages: Sequence[Any]) -> list[str]:
        return [
            "\n".join(message_lines(self.slack.workspace, each)) for each in messages if each.subtype is None
        ]


@asynccontextmanager
async def ground(
    database: Database, folder: Path, scopes: Sequence[str], events: Sequence[str]
) -> AsyncIterator[Ground]:
    """Two replicas, up and greeted, on a fresh database."""
    name = f"chaos_{secrets.token_hex(6)}"
    with psycopg.connect(database.conninfo(), autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
    slack = await Slack.start(scopes=scopes, events=events)
    contacts = folder / "contacts.toml"
    contacts.write_text(CONTACTS)
    told = environment(
        slack, folder, TOCSIN_DATABASE_URL=database.conninfo(name), TOCSIN_CONTACTS=str(contacts)
    )
    replicas = [Program(told, folder / f"bot-{number}.log") for number in (1, 2)]
    place = Ground(slack, database, database.conninfo(name), replicas)
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
