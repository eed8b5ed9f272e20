"""`./tocsin outbox`: what is not delivered, and what to do about it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import click

from bot.cli.exit_codes import run_or_exit
from bot.errors import TocsinError

if TYPE_CHECKING:
    from bot.adapters.database import PostgresStore


@click.group()
def outbox() -> None:
    """Check what is not delivered, and decide about it."""


@outbox.command("list")
def list_outbox() -> None:
    """List what is waiting, under way or dead."""

    async def work() -> None:
        async with _open_store() as store:
            rows = await store.list_undelivered(500)
        for row in rows:
            click.echo(
                f"{row.id:>8}  {row.state:<8} {row.attempts:>3} tries  {row.key:<40} {row.error or ''}"
            )
        if not rows:
            click.echo("Nothing is waiting and nothing is dead.")

    run_or_exit(work)


@outbox.command()
@click.argument("id", type=int)
def retry(id: int) -> None:
    """Try one effect again now."""
    _decide(id, "retry", "will be tried again", "is neither waiting nor dead")


@outbox.command()
@click.argument("id", type=int)
def skip(id: int) -> None:
    """Give one waiting effect up, so that what is behind it goes on."""
    _decide(id, "skip", "is given up", "is not waiting")


def _decide(id: int, what: str, done: str, not_done: str) -> None:
    async def work() -> None:
        async with _open_store() as store:
            key = await (store.retry(id) if what == "retry" else store.skip(id))
        if key is None:
            raise TocsinError(f"Effect {id} {not_done}. See ./tocsin outbox list. Nothing was changed.")
        click.echo(f"{key} {done}.")

    run_or_exit(work)


@asynccontextmanager
async def _open_store() -> AsyncIterator["PostgresStore"]:
    """The bot's own database beside a bot that runs. Raises DatabaseUnavailable."""
    from bot import settings
    from bot.adapters.database import PostgresStore
    from bot.adapters.database_startup import open_database
    from bot.domain.notices import NOTICES
    from bot.settings import setting_lookup

    known = settings.read_store_settings()
    async with (
        open_database(known, beside=True) as address,
        PostgresStore(address, NOTICES, setting_lookup.read_secret(known.database_direct_url)) as store,
    ):
        yield store
