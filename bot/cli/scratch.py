"""A folder and a PostgreSQL for one command, gone at its end; and what the stand-in has to know of the bot."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.checkout_path import ROOT
from bot.errors import TocsinError
from bot.settings import IS_CLONE

if TYPE_CHECKING:
    from bot.adapters.embedded_postgres import PrivatePostgres
    from sandbox.demo.demo_session import DemoApp


@asynccontextmanager
async def open_scratch(
    name: str, settings: Mapping[str, str] | None = None
) -> "AsyncIterator[tuple[Path, PrivatePostgres]]":
    """A folder and a PostgreSQL in it, with these settings of its own, both gone at the end."""
    async with open_starting_scratch(name, settings) as (folder, starting):
        yield folder, await starting


@asynccontextmanager
async def open_starting_scratch(
    name: str, settings: Mapping[str, str] | None = None
) -> "AsyncIterator[tuple[Path, asyncio.Task[PrivatePostgres]]]":
    """The same, and the PostgreSQL may start while something else does."""
    from bot.adapters.embedded_postgres import PrivatePostgres

    place = ROOT / ".tmp" if IS_CLONE else Path(tempfile.gettempdir())
    try:
        place.mkdir(exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=place))
    except OSError as error:
        mend = (
            "Put the clone where this user may write."
            if IS_CLONE
            else "Set TMPDIR to a folder that it may write."
        )
        raise TocsinError(f"{error.filename or place} cannot be written ({error.strerror}). {mend}") from None
    server = PrivatePostgres(folder / "data", settings=settings)

    async def started() -> PrivatePostgres:
        await server.start()
        return server

    starting = asyncio.create_task(started())
    try:
        yield folder, starting
    finally:
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        await server.stop()
        shutil.rmtree(server.sockets, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def describe_app() -> "DemoApp":
    """What the stand-in has to know of us."""
    from bot.adapters.slack import list_required_scopes
    from handlers import EVENTS
    from handlers.slack.command_parser import HELP, WORDS
    from sandbox.demo.demo_session import DemoApp
    from sandbox.web_ui.app_commands import read_app_commands

    return DemoApp(
        sorted(list_required_scopes()), EVENTS, read_app_commands(ROOT / "manifest.yml", WORDS, HELP)
    )
