"""What all tests share: a private PostgreSQL for each worker, and a fresh, migrated database for each test."""

import asyncio
import gc
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psycopg
import pytest
from aiohttp import web_app
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from bot.adapters.database import migrate
from bot.adapters.embedded_postgres import PostgresProblem, PrivatePostgres
from tests import samples
from tests.bot_template import TEMPLATE
from tests.copies import Copies
from tests.looking import close_connections
from tests.mailbox import Mailbox, serve_mail
from tests.scheduling import GroupScheduling
from tests.scratch import SCRATCH, find_place, make_server_folder

FORGOTTEN_AFTER = 900
"""Seconds after which a server that no test run holds any more is taken away."""


def pytest_addoption(parser: pytest.Parser) -> None:
    samples.add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """A run that is asked to end takes its servers down too, as after Ctrl-C. What tests write is in memory, if it can
    be."""
    samples.choose(config)
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(find_place()))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if not hasattr(config, "workerinput"):
        _remove_forgotten()


def pytest_report_header(config: pytest.Config) -> str:
    if config.option.whole:
        return "proves everything"
    return "proves a sample: --all proves everything, --quick what needs no other program"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A quick run does not even read what it leaves out."""
    return samples.is_passed_over(config, collection_path) or None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is no part of this run, and let what takes long begin early."""
    chosen = samples.chosen(config, items)
    left_out = set(items).difference(chosen)
    config.hook.pytest_deselected(items=[item for item in items if item in left_out])
    items[:] = samples.order(chosen)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    config.option.loadscopereorder = False
    return GroupScheduling(config, log)


@pytest.fixture(scope="session")
def whole(request: pytest.FixtureRequest) -> bool:
    """Whether everything is to be proven, not a sample of it."""
    return bool(request.config.option.whole)


@pytest.fixture(autouse=True, scope="module")
def nothing_old_is_looked_through_again() -> None:
    """What stays of earlier modules is left to stay: late in a run the collector would stop everything for seconds to
    look through it, longer than the bot waits for its database."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def applications_end_with_their_test() -> Iterator[None]:
    """aiohttp remembers the handlers of its last thousand requests, and with them whole bots and stand-ins: of hundreds
    of tests they are half a gigabyte."""
    yield
    web_app._cached_build_middleware.cache_clear()


@pytest.fixture(autouse=True)
def connections_end_with_their_test() -> Iterator[None]:
    """What a test looked at the database with is closed, whatever came of it."""
    yield
    close_connections()


@pytest.fixture(autouse=True, scope="session")
def bot_template_ends() -> Iterator[None]:
    """What this worker's bots are forked from ends with the worker."""
    yield
    TEMPLATE.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PrivatePostgres]:
    """A PostgreSQL of this worker's own, gone at the end with everything in it.

    It never waits for the disk: a killed process loses nothing by that, only a machine without power does.
    """
    server = PrivatePostgres(make_server_folder(), settings={"fsync": "off"})
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


@pytest.fixture(scope="session")
def copies(postgres: PrivatePostgres, template: str) -> Iterator[Copies]:
    made = Copies(postgres.conninfo, template)
    yield made
    made.close()


@pytest.fixture
def databases(postgres: PrivatePostgres, copies: Copies) -> Callable[[], AbstractContextManager[str]]:
    """Gives the address of a fresh database with the schema and nothing in it, as often as it is asked."""

    @contextmanager
    def open_database() -> Iterator[str]:
        name = copies.take()
        try:
            yield postgres.conninfo(name)
        finally:
            copies.drop(name)

    return open_database


@pytest.fixture
def database(databases: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    """The address of one."""
    with databases() as address:
        yield address


def _administer(postgres: PrivatePostgres, statement: str) -> None:
    with psycopg.connect(postgres.conninfo(), autocommit=True) as connection:
        connection.execute(statement.encode())


def _remove(server: PrivatePostgres) -> None:
    shutil.rmtree(server.folder, ignore_errors=True)
    shutil.rmtree(server.sockets, ignore_errors=True)


def _remove_forgotten() -> None:
    """Servers of runs that were killed: nobody holds their lock, so they can be started, stopped and removed."""
    for folder in [each for place in {SCRATCH, find_place()} for each in place.glob("pg-*")]:
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
    with serve_mail(box) as port:
        yield box, f"mailto://127.0.0.1:{port}?from=tocsin@team.example&to=bruno@team.example&mode=insecure"
