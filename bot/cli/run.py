"""`tocsin run` and `tocsin migrate`."""

import gc
import logging
from typing import TYPE_CHECKING

import click

from bot.cli.exit_codes import run_or_exit

if TYPE_CHECKING:
    from bot.app import RunningBot
    from bot.settings import Settings

log = logging.getLogger(__name__)


@click.command()
def run() -> None:
    """Run the bot until SIGTERM or Ctrl-C.

    Its settings are environment variables, or files in TOCSIN_SECRETS_DIR: SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET
    (or SLACK_APP_TOKEN) at least; docs/SETTINGS.md lists all. It listens on TOCSIN_HTTP, else on 127.0.0.1:3000.
    SIGTERM and Ctrl-C finish what is under way, SIGHUP reads the runbook again. A setting that is wrong ends it with
    exit code 2.
    """
    gc.disable()  # all that is loaded stays: looking through it again and again takes a tenth of the start
    from bot import app, logging_setup
    from bot.cli import start_check
    from bot.settings import setting_lookup

    gc.enable()

    logging_setup.start_logging()

    async def work() -> None:
        known = start_check.load_settings()
        setting_lookup.warn_of_open_secrets()
        await app.run_bot(known, say_short_form)

    run_or_exit(work)


def say_short_form(known: "Settings", running: "RunningBot") -> None:
    """One line of what doctor finds without asking anybody; what it warns of stands in lines of its own before."""
    from bot.cli.doctor.lines import summarise
    from bot.cli.doctor.local_checks import examine_at_start

    lines = examine_at_start(known, running.services.runbook_versions.current.runbook, running.services.book)
    log.info("doctor, in short: %s Run `tocsin doctor` for the rest", summarise(lines))


@click.command()
def migrate() -> None:
    """Bring the database's schema up to date."""
    from bot import settings
    from bot.adapters import database_startup

    async def work() -> None:
        async with database_startup.open_database(settings.read_store_settings(), beside=True):
            click.echo("The database is up to date.")

    run_or_exit(work)
