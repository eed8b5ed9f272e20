"""The command itself; what it looks with is loaded when it runs."""

import logging
import shutil
import sys

import click

from bot.cli.exit_codes import run_or_exit


@click.command(short_help="Say what must be mended before the first incident.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option(
    "--page", metavar="NAME", help="Send a test page to each way of this contact, and look at nothing."
)
def doctor(as_json: bool, page: str | None) -> None:
    """Look at settings, Slack, clocks, database, runbook, paging, monitored systems, disk and versions.

    Exit code 1 when a line is red. Beside a running bot it also tries whether Slack's events reach it: it posts a
    message in the incidents channel and takes it away again.
    """
    from bot.cli.doctor.examination import examine
    from bot.cli.doctor.lines import Level, format_json, format_lines
    from bot.cli.doctor.trial_page import send_trial_pages

    logging.getLogger().addHandler(logging.NullHandler())  # what would be warned of stands in a line

    async def work() -> None:
        lines = await (send_trial_pages(page) if page else examine())
        columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
        click.echo(format_json(lines) if as_json else format_lines(lines, columns))
        if any(line.level is Level.RED for line in lines):
            sys.exit(1)

    run_or_exit(work)
