"""The broken world's database, judged as the runbook asks: well, slow, and with every connection taken."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from bot.postgres import PrivatePostgres
from bot.step import Action, SqlCall
from diagnostics.finding import CannotTell, Cause, Finding
from diagnostics.postgres import Postgres
from diagnostics.question import Question
from sandbox.world.breaks import Break, broken, healthy
from sandbox.world.database import SETTINGS, Database

BY_STATE = "SELECT count(*), state FROM pg_stat_activity GROUP BY state;"
STATEMENTS = "SELECT query, mean_exec_time, calls FROM pg_stat_statements WHERE mean_exec_time > 100"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(PrivatePostgres(tmp_path / "pg", settings=SETTINGS))
    try:
        await database.start()
        yield database
    finally:
        await database.stop()


async def asked(database: Database, sql: str) -> Finding:
    question = Question("Check", Action("postgres.query", SqlCall(sql)), datetime.now(UTC))
    by = asyncio.get_running_loop().time() + 8
    return await Postgres("", database.environment).look(question, by)


async def test_the_database_is_judged_as_it_is_broken_and_healed(database: Database) -> None:
    assert (await asked(database, BY_STATE)).verdict == "ok"
    await database.show(broken(Break.SLOW))
    slow = await asked(database, STATEMENTS)
    assert slow.verdict in ("warn", "bad") and "trucks_near" in repr(slow.table), slow.headline
    assert "Pune" not in repr(slow)
    await database.show(broken(Break.DATABASE))
    full = await asked(database, BY_STATE)
    assert (full.verdict, full.measure) == ("bad", "full"), full.headline
    assert (await asked(database, STATEMENTS)).measure == "full"
    await database.show(healthy())
    assert (await asked(database, BY_STATE)).verdict == "ok"


async def test_statistics_that_are_not_there_say_what_to_do(postgres: PrivatePostgres) -> None:
    question = Question("Check", Action("postgres.query", SqlCall(STATEMENTS)), datetime.now(UTC))
    with psycopg.connect(postgres.conninfo(), autocommit=True) as connection:
        for before, said in (
            ("select 1", "CREATE EXTENSION"),
            ("create extension pg_stat_statements", "shared_preload"),
        ):
            connection.execute(before.encode())
            with pytest.raises(CannotTell) as why:
                await Postgres(postgres.conninfo()).look(question, asyncio.get_running_loop().time() + 8)
            assert why.value.cause is Cause.NOT_CONFIGURED and said in why.value.next_look, why.value.said
        connection.execute("drop extension pg_stat_statements")
