"""`tocsin prune` and `tocsin remove-person`: what is taken out for good, by the role that owns the schema."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.exit_codes import run_or_exit
from bot.cli.export import build_export
from bot.cli.operator_database import open_operator_database
from bot.errors import TocsinError

if TYPE_CHECKING:
    from bot.adapters.database.operator_session import OperatorSession

NO_MONTHS = "TOCSIN_KEEP_MONTHS is not set: closed incidents are kept for ever. Nothing was changed."
ENDINGS = {"json": ".json", "markdown": ".md"}


class _TakenBack(Exception):
    """Ends a transaction that was only played."""


@click.command(short_help="Export and remove what was closed long ago.")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say which incidents those are.")
def prune(folder: Path, dry_run: bool) -> None:
    """Write each incident that was closed or cancelled more than TOCSIN_KEEP_MONTHS ago into FOLDER (INC-42.json and
    INC-42.md), and remove it from the database. The end of its timeline's chain is kept."""
    from bot import settings

    async def work() -> None:
        months = settings.read_store_settings().keep_months
        if months is None:
            raise TocsinError(NO_MONTHS)
        async with open_operator_database() as session:
            numbers = [row["number"] for row in await session.all("closed_long_ago", months=months)]
            for number in [] if dry_run else numbers:
                await _archive_incident(session, number, months, folder)
        named = ", ".join(f"INC-{number}" for number in numbers) or "no incident"
        click.echo(f"{'To be removed' if dry_run else 'Exported and removed'}: {named}.")

    run_or_exit(work)


async def _archive_incident(session: "OperatorSession", number: int, months: int, folder: Path) -> None:
    """The incident as files, and then no more; a crash in between leaves both."""
    from bot.adapters.database.removal import remove_incident

    async with session.connection.transaction():
        if await session.one("lock_closed_incident", number=number, months=months) is None:
            return
        texts, proof = await build_export(session, number), await session.prove(number)
        if proof.faults:
            raise TocsinError(
                f"INC-{number} is left as it is, see ./tocsin verify INC-{number}: {proof.faults[0]}"
            )
        _write_files(folder, number, texts)
        file = str(folder / f"INC-{number}{ENDINGS['json']}")
        await remove_incident(session, number, file, texts["json"], proof)


def _write_files(folder: Path, number: int, texts: Mapping[str, str]) -> None:
    """Both forms, on the disk before anything is removed. Raises TocsinError."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for form, ending in ENDINGS.items():
            path = folder / f"INC-{number}{ending}"
            with os.fdopen(
                os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
            ) as file:
                file.write(texts[form])
                file.flush()
                os.fsync(file.fileno())
    except OSError as error:
        where = error.filename or folder
        raise TocsinError(
            f"{where} cannot be written ({error.strerror}). INC-{number} was not removed."
        ) from error


@click.command("remove-person", short_help="Remove a person's data on request.")
@click.argument("person")
@click.option(
    "--name", "names", multiple=True, help="A name or address of theirs, to be removed where it stands."
)
@click.option("--dry-run", is_flag=True, help="Only say in how much it would be removed.")
def remove_person(person: str, names: tuple[str, ...], dry_run: bool) -> None:
    """Put an alias in place of PERSON (a Slack user's id) in all that is kept, and [removed] in place of each --name.

    Timelines keep the digests of what they said: ./tocsin verify tells such entries from changed ones. What stands in
    Slack, in exports and in backups is not touched.
    """
    from bot.adapters.database import removal

    async def work() -> None:
        async with open_operator_database() as session, _transaction(session, dry_run):
            alias, changed = await removal.remove_person(
                session, person, [name for name in names if name.strip()]
            )
        rows = ", ".join(f"{table} {count}" for table, count in changed.items()) or "nothing"
        click.echo(
            f"{'Would be changed' if dry_run else f'{person} is {alias} from now on. Changed'}: {rows}."
        )
        click.echo("Not touched: Slack's own messages, exports, backups, the contacts file, the runbook.")

    run_or_exit(work)


@asynccontextmanager
async def _transaction(session: "OperatorSession", is_played: bool) -> AsyncIterator[None]:
    """A transaction, taken back at its end when it is only played."""
    try:
        async with session.connection.transaction():
            yield
            if is_played:
                raise _TakenBack
    except _TakenBack:
        return
