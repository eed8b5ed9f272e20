"""The broken world's database, judged as the runbook asks: well, slow, and with every connection taken."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from bot.adapters.embedded_postgres import PrivatePostgres
from bot.domain.check_request import CheckRequest
from bot.domain.finding import Finding, Inconclusive, UnknownCause
from bot.domain.playbook import Action, SqlCall
from diagnostics.systems.postgres import Postgres
from sandbox.monitored_systems.database import SETTINGS, AppDatabase
from sandbox.monitored_systems.scenarios import Breakage, build_broken_scene, build_healthy_scene

BY_STATE = "SELECT count(*), state FROM pg_stat_activity GROUP BY state;"
STATEMENTS = "SELECT query, mean_exec_time, calls FROM pg_stat_statements WHERE mean_exec_time > 100"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[AppDatabase]:
    database = AppDatabase(PrivatePostgres(tmp_path / "pg", settings=SETTINGS))
    try:
        await database.start()
        yield database
    finally:
        await database.stop()


async def asked(database: AppDatabase, sql: str) -> Finding:
    question = CheckRequest("Check", Action("postgres.query", SqlCall(sql)), datetime.now(UTC))
    by = asyncio.get_running_loop().time() + 8
    return await Postgres("", database.environment).run(question, by)


async def test_the_database_is_judged_as_it_is_broken_and_healed(database: AppDatabase) -> None:
    assert (await asked(database, BY_STATE)).verdict == "ok"
    await database.show(build_broken_scene(Breakage.SLOW))
    slow = await asked(database, STATEMENTS)
    assert slow.verdict in ("warn", "bad") and "trucks_near" in repr(slow.table), slow.headline
    assert "Pune" not in repr(slow)
    await database.show(build_broken_scene(Breakage.DATABASE))
    full = await asked(database, BY_STATE)
    assert (full.verdict, full.measure) == ("bad", "21/21"), full.headline
    await database.show(build_healthy_scene())
    assert (await asked(database, BY_STATE)).verdict == "ok"


async def test_statistics_that_are_not_there_say_what_to_do(postgres: PrivatePostgres) -> None:
    question = CheckRequest("Check", Action("postgres.query", SqlCall(STATEMENTS)), datetime.now(UTC))
    with psycopg.connect(postgres.conninfo(), autocommit=True) as connection:
        for before, said in (
            ("select 1", "CREATE EXTENSION"),
            ("create extension pg_stat_statements", "shared_preload"),
        ):
            connection.execute(before.encode())
            with pytest.raises(Inconclusive) as why:
                await Postgres(postgres.conninfo()).run(question, asyncio.get_running_loop().time() + 8)
            assert why.value.cause is UnknownCause.NOT_CONFIGURED and said in why.value.next_look, (
                why.value.said
            )
        connection.execute("drop extension pg_stat_statements")
