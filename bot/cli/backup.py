"""`tocsin backup` and `tocsin restore`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.exit_codes import run_or_exit

if TYPE_CHECKING:
    from bot.adapters.database.operator_session import OperatorSession
    from bot.adapters.postgres_programs import PostgresPrograms
    from bot.settings import StoreSettings

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(short_help="Write everything Tocsin keeps into one file.")
@click.argument("file", type=FILE)
def backup(file: Path) -> None:
    """Write everything that Tocsin keeps into FILE, also while it runs. The file is of `pg_dump --format=custom`."""
    from bot import settings
    from bot.adapters.database_backup import write_backup
    from bot.adapters.database_startup import open_database_address
    from bot.settings import setting_lookup

    async def work() -> None:
        known = settings.read_store_settings()
        async with open_database_address(known, beside=True) as address:
            direct = setting_lookup.read_secret(known.database_direct_url) or address
            size = await write_backup(await _find_programs(known, direct), direct, file)
        click.echo(
            f"{file}: {size / 1e6:,.1f} MB. Whoever reads it reads everything: keep it as you keep the database."
        )

    run_or_exit(work)


@click.command(short_help="Put a backup in the place of what is there.")
@click.argument("file", type=FILE)
@click.option(
    "--replace", "may_replace", is_flag=True, help="Also where incidents are there: they are gone then."
)
def restore(file: Path, may_replace: bool) -> None:
    """Put FILE in the place of what the database holds, in one transaction, and bring it up to date.

    Stop all replicas first. Afterwards what was waiting in the backup is looked for in Slack before it is sent, and
    nothing old pages by itself.
    """
    from bot import settings
    from bot.adapters.database import PostgresStore, migrate
    from bot.adapters.database.operator_session import open_operator_session
    from bot.adapters.database_backup import ensure_unused, read_contents, restore_backup
    from bot.adapters.database_startup import open_database_address
    from bot.services.database_restore import detect_restore
    from bot.settings import setting_lookup

    async def work() -> None:
        known = settings.read_store_settings()
        async with open_database_address(known, beside=True) as address:
            direct = setting_lookup.read_secret(known.database_direct_url) or address
            programs = await _find_programs(known, direct)
            async with open_operator_session(direct) as session:
                await ensure_unused(session)
                await restore_backup(programs, direct, session, file, may_replace)
            await migrate(address)
            async with PostgresStore(
                address, direct=setting_lookup.read_secret(known.database_direct_url)
            ) as store:
                await detect_restore(store, 0, is_sure=True)
            async with open_operator_session(direct) as session:
                found = await read_contents(session)
        click.echo(_describe(found.incidents, found.newest))

    run_or_exit(work)


def _describe(incidents: int, newest: int) -> str:
    held = f"{incidents} incidents, the newest is INC-{newest}" if incidents else "no incident"
    return (
        f"Restored: {held}. When Tocsin starts, what was waiting is looked for in Slack before it is sent, and pages"
        " older than 30 minutes are not sent by themselves: ./tocsin outbox list has them."
    )


async def _find_programs(known: "StoreSettings", address: str) -> "PostgresPrograms":
    """The programs that fit the server at this address."""
    from bot.adapters.database.operator_session import open_operator_session
    from bot.adapters.postgres_programs import find_postgres_programs

    async with open_operator_session(address) as session:
        return find_postgres_programs(known.postgres_bin, _read_major_version(session))


def _read_major_version(session: "OperatorSession") -> int:
    return session.connection.info.server_version // 10_000
