"""The database's primary is lost and its streaming replica is promoted: the bot goes on, and does nothing twice."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from pydantic import SecretStr

from bot.adapters.embedded_postgres import PrivatePostgres, binaries
from tests.looking import Looking
from tests.scenarios.conftest import World
from tests.scratch import make_server_folder

REPLICATES = {"wal_level": "replica", "max_wal_senders": "5", "fsync": "off"}
CAUGHT_UP = (
    "select count(*) = 1 and bool_and(replay_lsn = pg_current_wal_lsn()) as is_caught_up"
    " from pg_stat_replication"
)


@dataclass
class Cluster:
    """A primary and its streaming replica, and a name that leads to one of them, as a cluster's endpoint does."""

    primary: PrivatePostgres
    standby: PrivatePostgres
    endpoint: Path

    def lead_to(self, server: PrivatePostgres) -> None:
        """Let the endpoint's name lead to this server."""
        self.endpoint.unlink(missing_ok=True)
        self.endpoint.symlink_to(server.sockets)

    def is_caught_up(self) -> bool:
        """Whether the replica has everything that the primary has."""
        return bool(Looking(self.primary.conninfo()).rows(CAUGHT_UP)[0]["is_caught_up"])

    async def fail_over(self) -> None:
        """The primary is lost; the replica becomes the primary, and the endpoint's name leads there."""
        await self.primary.stop()
        async with await psycopg.AsyncConnection.connect(
            self.standby.conninfo(), autocommit=True
        ) as connection:
            await connection.execute("select pg_promote()")
        self.lead_to(self.standby)


@pytest.fixture
async def cluster() -> AsyncIterator[Cluster]:
    """The real programs: PostgreSQL's server and pg_basebackup."""
    folder = make_server_folder("cluster-")
    primary = PrivatePostgres(folder / "a", settings=REPLICATES)
    standby = PrivatePostgres(folder / "b", settings=REPLICATES)
    await primary.start()
    try:
        copy = binaries.find_programs(None) / "pg_basebackup"
        (folder / "b").mkdir()
        account = await asyncio.to_thread(binaries.choose_account)
        words = ("-D", str(folder / "b" / "postgres"), "-d", primary.conninfo(), "-R", "--checkpoint=fast")
        await binaries.run_program(account, str(copy), *words)
        await standby.start()
        cluster = Cluster(primary, standby, folder / "endpoint")
        cluster.lead_to(primary)
        yield cluster
    finally:
        await standby.stop()
        await primary.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("way", ["both hosts are named", "one name leads to the primary"])
async def test_after_a_failover_the_bot_goes_on_at_the_promoted_replica(
    world: World, cluster: Cluster, way: str
) -> None:
    both = f"{cluster.primary.sockets},{cluster.standby.sockets}"
    named = {"host": both} if way.startswith("both") else {"host": str(cluster.endpoint)}
    address = make_conninfo(cluster.primary.conninfo(), target_session_attrs="read-write", **named)
    world.looking = Looking(cluster.primary.conninfo())
    async with world.bot(database_url=SecretStr(address)) as running:
        room = await world.declared("declare p3 Search is slow")
        await world.until(cluster.is_caught_up)
        said = len(world.posts(room))

        await cluster.fail_over()
        world.looking = Looking(cluster.standby.conninfo())
        await world.until(lambda: running.store.begun == 2)
        await world.incident("ana", "update it is back", channel=room)
        await world.declared("declare p3 Login fails")

        # PostgreSQL lets a promoted replica leave out up to 32 numbers of a sequence, never give one twice.
        told = world.looking.rows("select title from incident order by number")
        assert [row["title"] for row in told] == ["Search is slow", "Login fails"]
        texts = [world.text(post) for post in world.posts(room)[said:]]
        assert sum("it is back" in text for text in texts) == 1
        assert running.store.replica and not running.store.replaced
