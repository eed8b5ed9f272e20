"""A pooler before the bot's own database: it works, or the start refuses and says which address to set."""

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pydantic import SecretStr

from bot.adapters.database import PostgresStore
from bot.adapters.database.errors import PoolerProblem
from tests.poolers import PROGRAM, open_pooler
from tests.scenarios.conftest import World
from tests.scenarios.test_start import run

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="PgBouncer is not installed")

OLD_ADVICE = {"ignore_startup_parameters": "options,extra_float_digits"}
"""What operators set so that programs which say `options` can start: it is dropped without a word."""


def direct_address(world: World) -> str:
    """Where the world's database is without a pooler."""
    assert world.settings.database_url is not None
    return world.settings.database_url.get_secret_value()


async def work_an_incident(world: World) -> None:
    """Declare and update, with everything delivered."""
    room = await world.declared("declare p0 API is down")
    await world.incident("ana", "update it is back", channel=room)
    await world.quiet()
    number = world.looking.rows("select number from incident order by number desc limit 1")[0]["number"]
    assert {"declared", "channel_opened", "update_posted"} <= set(world.looking.kinds(number))
    assert world.looking.rows("select count(*)::int as dead from outbox where state = 'dead'")[0]["dead"] == 0


@pytest.mark.parametrize("advice", [{}, OLD_ADVICE], ids=["as it comes", "options ignored"])
async def test_behind_a_pooler_in_session_mode_it_works(world: World, advice: dict[str, str]) -> None:
    async with (
        open_pooler(direct_address(world), pool_mode="session", **advice) as pooled,
        world.bot(database_url=SecretStr(pooled)) as running,
    ):
        await work_an_incident(world)
        assert running.store.replica


@pytest.mark.parametrize("advice", [{}, OLD_ADVICE], ids=["as it comes", "options ignored"])
async def test_behind_a_pooler_in_transaction_mode_it_works_with_a_direct_address_beside_it(
    world: World, advice: dict[str, str]
) -> None:
    direct = direct_address(world)
    async with open_pooler(direct, pool_mode="transaction", **advice) as pooled:
        settings = {"database_url": SecretStr(pooled), "database_direct_url": SecretStr(direct)}
        async with world.bot(**settings) as running:
            await work_an_incident(world)
            assert running.store.replica
        # Nothing that was said for Tocsin's transactions is left in the pooler's sessions.
        with psycopg.connect(pooled) as other:
            assert other.execute("show statement_timeout").fetchone() == ("0",)


@pytest.mark.parametrize(
    "settings",
    [{}, {"server_round_robin": "1"}, {"default_pool_size": "1"}],
    ids=["the last used first", "in turn", "one session for all"],
)
async def test_a_pooler_in_transaction_mode_alone_ends_the_start_with_the_setting_to_add(
    world: World, settings: dict[str, str]
) -> None:
    direct = direct_address(world)
    async with open_pooler(direct, pool_mode="transaction", **settings) as pooled:
        code, said = await run(world, TOCSIN_DATABASE_URL=pooled)
    assert code == 2
    assert said == [
        "tocsin: TOCSIN_DATABASE_URL leads through a pooler that gives each transaction another session (PgBouncer's"
        " `pool_mode = transaction`), and a replica needs one session to itself: set TOCSIN_DATABASE_DIRECT_URL to the"
        " address of PostgreSQL itself, or of a pool with `pool_mode = session`."
    ]


async def test_a_direct_address_that_leads_through_the_pooler_too_is_named(world: World) -> None:
    async with open_pooler(direct_address(world), pool_mode="transaction") as pooled:
        code, said = await run(world, TOCSIN_DATABASE_URL=pooled, TOCSIN_DATABASE_DIRECT_URL=pooled)
    assert (code, len(said)) == (2, 1)
    assert said[0].startswith("tocsin: TOCSIN_DATABASE_DIRECT_URL leads through a pooler")


async def test_a_pooler_in_statement_mode_ends_the_start_with_the_address_to_name(world: World) -> None:
    async with open_pooler(direct_address(world), pool_mode="statement") as pooled:
        code, said = await run(world, TOCSIN_DATABASE_URL=pooled)
    assert (code, len(said)) == (2, 1)
    assert "a pooler that takes no transactions (PgBouncer's `pool_mode = statement`)" in said[0]


@pytest.mark.parametrize("has_tables", [True, False], ids=["another Tocsin's", "an empty one"])
async def test_a_direct_address_of_another_database_ends_the_start(
    world: World, template: str, has_tables: bool
) -> None:
    direct = direct_address(world)
    other = template if has_tables else "postgres"
    elsewhere = make_conninfo(direct, dbname=other)
    assert conninfo_to_dict(direct)["dbname"] != other
    code, said = await run(world, TOCSIN_DATABASE_URL=direct, TOCSIN_DATABASE_DIRECT_URL=elsewhere)
    assert code == 2
    assert said == [
        "tocsin: TOCSIN_DATABASE_DIRECT_URL leads to another database than TOCSIN_DATABASE_URL: both must end at the"
        " same server and database, one of them without a pooler."
    ]


async def test_a_session_that_a_pooler_gives_away_later_is_not_relied_on(database: str) -> None:
    async with open_pooler(database, pool_mode="transaction") as pooled:
        with pytest.raises(PoolerProblem):
            async with PostgresStore(pooled):
                pass
        async with PostgresStore(pooled, direct=database) as store:
            assert store.replica
