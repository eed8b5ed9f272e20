"""What all tests share: a private PostgreSQL for each worker, and a fresh, migrated database for each test."""

import asyncio
import itertools
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from bot.postgres import PrivatePostgres
from bot.store import migrate

SCRATCH = Path(__file__).resolve().parent.parent / ".tmp"
NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PrivatePostgres]:
    """A PostgreSQL of this worker's own, gone at the end with everything in it."""
    SCRATCH.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=SCRATCH))
    server = PrivatePostgres(folder)
    asyncio.run(server.start())
    try:
        yield server
    finally:
        asyncio.run(server.stop())
        shutil.rmtree(folder)
        if server.sockets.exists():
            shutil.rmtree(server.sockets)


@pytest.fixture(scope="session")
def template(postgres: PrivatePostgres) -> str:
    """The name of a migrated database that fresh ones are copied from."""
    _administer(postgres, "create database tocsin_template")
    asyncio.run(migrate(postgres.conninfo("tocsin_template")))
    return "tocsin_template"


@pytest.fixture
def database(postgres: PrivatePostgres, template: str) -> Iterator[str]:
    """The address of a fresh database with the schema and nothing in it."""
    name = f"test_{next(NUMBERS)}"
    _administer(postgres, f"create database {name} template {template}")
    yield postgres.conninfo(name)
    _administer(postgres, f"drop database {name} with (force)")


def _administer(postgres: PrivatePostgres, statement: str) -> None:
    with psycopg.connect(postgres.conninfo(), autocommit=True) as connection:
        connection.execute(statement.encode())
