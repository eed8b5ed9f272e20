"""Finds Tocsin's own database, starts it where it is private, and waits for it while it is away."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from bot.adapters.database import PostgresStore, SchemaProblem, is_address, migrate
from bot.adapters.embedded_postgres import PrivatePostgres
from bot.adapters.task_cancellation import cancel_task
from bot.errors import DatabaseUnavailable, SettingsProblem, TocsinError
from bot.settings import StoreSettings
from bot.settings.setting_lookup import read_secret, set_libpq_names_aside

log = logging.getLogger(__name__)

TRY_EVERY = 2.0
"""Seconds between attempts to use a database that is away at the start."""

NO_ADDRESS = (
    "{} cannot be parsed. Write postgresql://USER:PASSWORD@HOST:5432/NAME, "
    "with `@`, `:`, `/` and `%` of the password as %40, %3A, %2F and %25."
)

OTHER_KIND = "{} is an address of another kind of database ({}://): Tocsin keeps everything in PostgreSQL. {}"
WRITE = "Write postgresql://USER:PASSWORD@HOST:5432/NAME."

NO_PRIVATE = (
    "TOCSIN_DATABASE_URL is not set, and in Kubernetes no private PostgreSQL is started: it would be gone with its pod,"
    " and two replicas would have two. Name a PostgreSQL that they share."
)

UNUSABLE = "cannot be used by this version (the log says why)"


def list_address_problems(addresses: Mapping[str, str | None]) -> list[str]:
    """A sentence for each of the addresses, by their settings' names, that is none of a PostgreSQL."""
    problems = []
    for name, address in addresses.items():
        if address is None or is_address(address):
            continue
        scheme, found, _ = address.partition("://")
        if found and scheme not in ("postgresql", "postgres"):
            problems.append(OTHER_KIND.format(name, scheme, WRITE))
        else:
            problems.append(NO_ADDRESS.format(name))
    return problems


def explain_no_private_database() -> str:
    """Why no private PostgreSQL may be started here; empty where it may."""
    return NO_PRIVATE if os.environ.get("KUBERNETES_SERVICE_HOST") else ""


@asynccontextmanager
async def open_database_address(settings: StoreSettings, beside: bool = False) -> AsyncIterator[str]:
    """The address of the bot's own database: the one that is set, else a private PostgreSQL, which is started.

    `beside` a running bot its private PostgreSQL is used as it is, and left running. Raises SettingsProblem for an
    address that cannot be parsed; whether anybody answers there is not asked.
    """
    set_libpq_names_aside()
    if settings.database_url is not None:
        address = settings.database_url.get_secret_value()
        direct = settings.database_direct_url
        given = {"TOCSIN_DATABASE_URL": address, "TOCSIN_DATABASE_DIRECT_URL": read_secret(direct)}
        if problems := list_address_problems(given):
            raise SettingsProblem(problems)
        yield address
        return
    if problem := explain_no_private_database():
        raise SettingsProblem([problem])
    private = PrivatePostgres(settings.data_dir, settings.postgres_bin)
    await (private.attach() if beside else private.start())
    watching = asyncio.create_task(_keep_up(private), name="private PostgreSQL")
    try:
        yield private.conninfo()
    finally:
        await cancel_task(watching)
        await private.stop()


@asynccontextmanager
async def open_database(settings: StoreSettings, beside: bool = False) -> AsyncIterator[str]:
    """The address of the bot's own database, up to date; see `located` for `beside`. Raises DatabaseUnavailable."""
    async with open_database_address(settings, beside) as address:
        await migrate(address)
        yield address


async def is_usable(address: str, store: PostgresStore) -> bool:
    """Bring the database up to date and begin to use it, if it lets us. Raises SchemaProblem."""
    try:
        await migrate(address)
        await store.begin()
    except DatabaseUnavailable as away:
        store.away = away.why
        return False
    return True


async def wait_until_usable(address: str, store: PostgresStore) -> None:
    """Return when the database is up to date and in use. One that holds something else is looked at again too."""
    while True:
        try:
            if await is_usable(address, store):
                return
        except SchemaProblem as problem:
            if store.away != UNUSABLE:  # said once, not every two seconds
                log.error("%s", problem)
            store.away = UNUSABLE
        await asyncio.sleep(TRY_EVERY)


async def _keep_up(private: PrivatePostgres) -> None:
    """Start the private PostgreSQL again when it died."""
    while True:
        await asyncio.sleep(1)
        try:
            await private.ensure_running()
        except TocsinError as error:
            log.error("the private PostgreSQL cannot be restarted: %s; retrying every second", error)
