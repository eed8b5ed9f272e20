"""The command line. Imports are inside the commands: each starts as fast as it can."""

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.ends import settled
from bot.errors import SettingsProblem, TocsinError
from bot.undelivered import outbox

if TYPE_CHECKING:
    from bot.contacts import ContactBook
    from bot.postgres import PrivatePostgres
    from sandbox.demo import App

ROOT = Path(__file__).resolve().parent.parent


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Tocsin runs your team's Markdown incident runbook in Slack."""


main.add_command(outbox)


def _exits(work: Coroutine[Any, Any, int]) -> None:
    """Run to the end or to Ctrl-C and exit with what came out; what is wrong is one sentence, exit code 2."""
    from sandbox.stopping import stopped_by_signals

    try:
        sys.exit(asyncio.run(stopped_by_signals(work)))
    except TocsinError as error:
        click.echo(f"tocsin: {error}", err=True)
        sys.exit(2)


@asynccontextmanager
async def _scratch(name: str) -> "AsyncIterator[tuple[Path, PrivatePostgres]]":
    """A folder and a PostgreSQL in it, both gone at the end."""
    async with _starting(name) as (folder, starting):
        yield folder, await starting


@asynccontextmanager
async def _starting(name: str) -> "AsyncIterator[tuple[Path, asyncio.Task[PrivatePostgres]]]":
    """The same, and the PostgreSQL may start while something else does."""
    from bot.postgres import PrivatePostgres

    try:
        (ROOT / ".tmp").mkdir(exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=ROOT / ".tmp"))
    except OSError as error:
        raise TocsinError(
            f"{error.filename or ROOT} cannot be written ({error.strerror}). Put the clone where this user may write."
        ) from None
    server = PrivatePostgres(folder / "data")

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


@main.command()
def run() -> None:
    """Run the bot."""
    from bot import app, logs, settings

    logs.start()

    async def work() -> None:
        await app.run(settings.load())

    settled(work)


@main.command()
@click.argument("runbook", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def check(runbook: Path | None, as_json: bool) -> None:
    """Say what the bot understands of RUNBOOK."""
    from bot.runbook import Unreadable, preflight, read, report, with_book, with_problems
    from bot.shelf import dead_end, gather

    path = runbook or Path(os.environ.get("TOCSIN_RUNBOOK") or ROOT / "templates" / "runbook.md")
    try:
        shelf = gather(path)
    except (OSError, Unreadable) as error:
        why = error.strerror if isinstance(error, OSError) else error
        click.echo(f"tocsin: {path} cannot be read: {why}", err=True)
        sys.exit(2)
    plain = read(shelf.text, shelf.problems)
    book, unusable = _book()
    found = with_problems(with_book(plain, book, _is_set), _is_set, partial(dead_end, path.parent))
    if as_json:
        import json

        click.echo(json.dumps(report.as_json(found), ensure_ascii=False, indent=2))
    else:
        colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        click.echo(path)
        click.echo(report.as_text(found, colour, preflight(plain, book, _is_set)))
    for problem in unusable:
        click.echo(f"tocsin: {problem}", err=True)
    sys.exit(2 if unusable else 1 if any(found.errors()) else 0)


def _book() -> tuple["ContactBook", tuple[str, ...]]:
    """The contacts that TOCSIN_CONTACTS names, or none and why not."""
    from bot.contacts import ContactBook, read_file

    where = os.environ.get("TOCSIN_CONTACTS")
    try:
        return read_file(Path(where) if where else None), ()
    except SettingsProblem as error:
        return ContactBook(), error.problems


def _is_set(name: str) -> bool:
    from bot import settings

    return settings.named(name) is not None


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def test(words: tuple[str, ...]) -> None:
    """Run every check: format, types, walls, tests."""
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, str(ROOT / "tests" / "gate.py"), *words])


@main.command()
@click.option("--script", is_flag=True, help="Play one whole incident in the terminal, then exit.")
@click.option("--fast", is_flag=True, help="Divide the runbook's durations by 60.")
def demo(script: bool, fast: bool) -> None:
    """Try it with no Slack workspace: bot, database and a Slack stand-in with its page on this machine."""
    from sandbox import demo as play

    app = _app()

    async def work() -> int:
        async with _starting("demo") as (folder, starting):
            if script:
                return await play.play_script(folder, (await starting).conninfo(), app)

            async def address() -> str:
                return (await starting).conninfo()

            return await play.open_page(folder, address, app, fast)

    _exits(work())


def _app() -> "App":
    """What the stand-in has to know of us."""
    from bot.slack import needed_scopes
    from handlers import EVENTS
    from handlers.words import WORDS
    from sandbox.demo import App
    from sandbox.page.offer import offer_of
    from templates.answers import HELP

    return App(sorted(needed_scopes()), EVENTS, offer_of(ROOT / "manifest.yml", WORDS, HELP))


@main.command()
def shots() -> None:
    """Make the pictures of the documentation anew, from the demo's page in a Chromium without a window."""
    from sandbox import shots as play

    chromium = play.browser()
    if chromium is None:
        click.echo("tocsin: no Chromium on PATH. Install one (on Debian: apt install chromium).", err=True)
        sys.exit(2)

    async def work() -> int:
        async with _scratch("shots") as (folder, server):
            into = ROOT / "docs" / "pictures"
            return await play.take(chromium, _app(), folder, server.conninfo(), into, click.echo)

    _exits(work())


@main.command()
@click.argument("names", nargs=-1)
def bench(names: tuple[str, ...]) -> None:
    """Measure every promised figure beside its reference; NAMES choose some."""
    from bot.slack import needed_scopes
    from handlers import EVENTS
    from sandbox import bench as play

    if unknown := sorted(set(names) - set(play.MEASURES)):
        click.echo(
            f"tocsin: {', '.join(unknown)} cannot be measured: choose {', '.join(play.MEASURES)}.", err=True
        )
        sys.exit(2)

    async def work() -> int:
        async with _scratch("bench") as (folder, server):
            return await play.play(
                names, server.conninfo, folder, sorted(needed_scopes()), EVENTS, say=click.echo
            )

    _exits(work())


@main.command()
@click.option("--seed", type=int, default=1, show_default=True, help="Fixes what is tried and what fails.")
@click.option("--minutes", type=float, default=1.0, show_default=True, help="How long it rages.")
def chaos(seed: int, minutes: float) -> None:
    """Two replicas under kills, freezes and faults while a crowd works; a checker that knows nothing of them judges."""
    from bot.slack import needed_scopes
    from handlers import EVENTS
    from sandbox import chaos as play

    async def work() -> int:
        async with _scratch("chaos") as (folder, server):
            scopes = sorted(needed_scopes())
            return await play.play(seed, minutes * 60, server, folder, scopes, EVENTS, say=click.echo)

    _exits(work())


@main.command(hidden=True)
@click.argument("folder", type=click.Path(path_type=Path))
def world(folder: Path) -> None:
    """What the demo's runbook looks at, told what to do on standard input; see sandbox/world."""
    from bot.postgres import PrivatePostgres
    from sandbox.world import inside

    def postgres(place: Path, settings: Mapping[str, str]) -> PrivatePostgres:
        return PrivatePostgres(place, settings=settings)

    asyncio.run(inside.live(folder, postgres))


@main.command()
def migrate() -> None:
    """Bring the database's schema up to date."""
    from bot import app, settings

    async def work() -> None:
        async with app.database(settings.load_store(), beside=True):
            click.echo("The database is up to date.")

    settled(work)


if __name__ == "__main__":
    main(prog_name="tocsin")
