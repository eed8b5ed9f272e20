"""`tocsin`: its commands, and its version."""

import click

from bot.cli.backup import backup, restore
from bot.cli.check import check
from bot.cli.demo import demo
from bot.cli.dev import bench, chaos, dev, shots, test, world
from bot.cli.doctor import doctor
from bot.cli.export import export
from bot.cli.outbox import outbox
from bot.cli.removal_command import prune, remove_person
from bot.cli.run import migrate, run
from bot.cli.verify import verify


def _print_version(context: click.Context, option: click.Parameter, asked: bool) -> None:
    """Print the version and end."""
    if asked:
        from bot.cli.version import read_version

        click.echo(f"Tocsin {read_version()}")
        context.exit()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the version.",
)
def main() -> None:
    """Tocsin runs your team's Markdown incident runbook in Slack."""


for command in (
    backup,
    bench,
    chaos,
    check,
    demo,
    dev,
    doctor,
    export,
    migrate,
    outbox,
    prune,
    remove_person,
    restore,
    run,
    shots,
    test,
    verify,
    world,
):
    main.add_command(command)
