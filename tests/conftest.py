"""What all tests share: a private PostgreSQL for each worker, and a fresh, migrated database for each test."""

import asyncio
import gc
import itertools
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from aiosmtpd.controller import Controller

from bot.postgres import PostgresProblem, PrivatePostgres
from bot.store import migrate
from tests.mailbox import Mailbox

SCRATCH = Path(__file__).resolve().parent.parent / ".tmp"
NUMBERS = itertools.count()
FORGOTTEN_AFTER = 900
"""Seconds after which a server that no test run holds any more is taken away."""


def pytest_configure(config: pytest.Config) -> None:
    """A run that is asked to end takes its servers down too, as after Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if not hasattr(config, "workerinput"):
        _remove_forgotten()


@pytest.fixture(autouse=True, scope="module")
def nothing_old_is_looked_through_again() -> None:
    """What stays of earlier modules is left to stay: late in a run the collector would stop everything for seconds to
    look through it, longer than the bot waits for its database."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PrivatePostgres]:
    """A PostgreSQL of this worker's own, gone at the end with everything in it."""
    SCRATCH.mkdir(exist_ok=True)
    server = PrivatePostgres(Path(tempfile.mkdtemp(prefix="pg-", dir=SCRATCH)))
    asyncio.run(server.start())
    try:
        yield server
    finally:
        asyncio.run(server.stop())
        _remove(server)


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


def _remove(server: PrivatePostgres) -> None:
    shutil.rmtree(server.folder, ignore_errors=True)
    shutil.rmtree(server.sockets, ignore_errors=True)


def _remove_forgotten() -> None:
    """Servers of runs that were killed: nobody holds their lock, so they can be started, stopped and removed."""
    for folder in SCRATCH.glob("pg-*"):
        if time.time() - folder.stat().st_mtime > FORGOTTEN_AFTER:
            server = PrivatePostgres(folder)
            try:
                asyncio.run(server.start())
            except PostgresProblem:
                continue
            asyncio.run(server.stop())
            _remove(server)


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, str]]:
    """A mail server, and the address by which Apprise sends to it."""
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, f"mailto://127.0.0.1:{port}?from=tocsin@team.example&to=bruno@team.example&mode=insecure"
    controller.stop()
