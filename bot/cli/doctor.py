"""`tocsin doctor`: what must be right before the first incident."""

import sys

import click

from bot.cli.exit_codes import run_or_exit


@click.command(short_help="Say what must be mended before the first incident.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def doctor(as_json: bool) -> None:
    """Look at settings, Slack, clocks, database, runbook and disk. Exit code 1 when a line is red."""

    from bot.cli.doctor_checks import Level, examine, format_json, format_lines

    async def work() -> None:
        lines = await examine()
        click.echo(format_json(lines) if as_json else format_lines(lines))
        if any(line.level is Level.RED for line in lines):
            sys.exit(1)

    run_or_exit(work)
