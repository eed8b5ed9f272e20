"""What the doctor says of a database before the first start, and that it changes nothing there."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from bot.adapters.embedded_postgres import PrivatePostgres
from bot.cli.doctor.database_checks import check_database
from bot.cli.doctor.lines import CheckLine, Level
from bot.settings import StoreSettings
from tests.poolers import PROGRAM, open_pooler

NAME = "nothing_in_it"


@pytest.fixture
def empty(postgres: PrivatePostgres) -> Iterator[str]:
    """The address of a database without a schema."""
    server = postgres.conninfo("postgres")
    with psycopg.connect(server, autocommit=True) as owner:
        owner.execute(f"create database {NAME}".encode())
        yield make_conninfo(server, dbname=NAME)
        owner.execute(f"drop database {NAME} with (force)".encode())


async def look(address: str) -> list[CheckLine]:
    settings = StoreSettings.model_validate({"TOCSIN_DATABASE_URL": address})
    return [line async for line in check_database(settings)]


async def test_the_schema_is_tried_and_not_kept(empty: str) -> None:
    lines = await look(empty)
    assert {line.level for line in lines} <= {Level.GREEN, Level.YELLOW}, lines
    assert "steps of its schema, which were tried" in lines[0].text
    assert any("may bring the schema up to date" in line.text for line in lines)
    with psycopg.connect(empty) as other:
        assert other.execute("select to_regnamespace('tocsin')").fetchone() == (None,)


@pytest.mark.parametrize(
    ("made", "text", "mend"),
    [
        ("create schema tocsin; create table tocsin.incident (id int)", "not Tocsin's", "a database of its own"),
        ("alter database {} set default_transaction_read_only = on", "is read-only", "Name the primary"),
    ],
    ids=["another program's", "read-only"],
)  # fmt: skip
async def test_what_is_wrong_has_its_own_mend(empty: str, made: str, text: str, mend: str) -> None:
    with psycopg.connect(empty, autocommit=True) as owner:
        owner.execute(made.format(NAME).encode())
    (line,) = await look(empty)
    assert (line.level, text in line.text, mend in line.mend) == (Level.RED, True, True), line


async def test_what_libpq_says_is_one_line_with_what_to_look_at() -> None:
    (line,) = await look("postgresql://nobody@127.0.0.1:1/none")
    assert (line.level, "\n" in line.text) == (Level.RED, False)
    assert line.mend.startswith("Start it, or set TOCSIN_DATABASE_URL right")


@pytest.mark.skipif(PROGRAM is None, reason="PgBouncer is not installed")
async def test_a_pooler_is_found_before_the_first_start(empty: str) -> None:
    async with open_pooler(empty, pool_mode="transaction") as address:
        (line,) = await look(address)
    assert line.level is Level.RED and line.mend.startswith("Set TOCSIN_DATABASE_DIRECT_URL to the address")
