"""Commands for who works on Tocsin: its checks, figures, pictures, and what torments it."""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.checkout_path import ROOT, require_clone
from bot.cli.exit_codes import exit_with
from bot.cli.scratch import describe_app, open_scratch
from bot.settings import IS_CLONE

if TYPE_CHECKING:
    pass


@click.command(
    context_settings={"ignore_unknown_options": True},
    short_help="Run every check of the code.",
)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def test(words: tuple[str, ...]) -> None:
    """Run every check: format, types, walls, tests.

    The tests prove a sample, the same each time, in some minutes. With --all they prove everything; with --quick only
    what needs no database and no other program. Other WORDS go to pytest, which then runs alone.
    """
    require_clone("the tests")
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, str(ROOT / "tests" / "gate.py"), *words])


@click.command(short_help="Make the pictures of the documentation anew.")
@click.option("--remediations", is_flag=True, help="Only those of the remediations.")
@click.option("--status-page", is_flag=True, help="Only those of the page that customers read.")
@click.option("--after", is_flag=True, help="Only those of what comes after an incident.")
def shots(remediations: bool, status_page: bool, after: bool) -> None:
    """Make the pictures of the documentation anew, from the demo's page in a Chromium without a window."""
    require_clone("the documentation")
    from sandbox.demo import remediation_shots, review_shots, status_page_shots
    from sandbox.demo import screenshots as play

    chromium = play.find_browser()
    if chromium is None:
        click.echo("tocsin: no Chromium on PATH. Install one (on Debian: apt install chromium).", err=True)
        sys.exit(2)

    into, app = ROOT / "docs" / "pictures", describe_app()

    async def work() -> int:
        if not remediations and not status_page:
            async with open_scratch("shots") as (folder, server):
                where = (folder, server.conninfo(), into)
                await review_shots.take_review(chromium, app, *where, click.echo)
        if after:
            return 0
        if not remediations:
            async with open_scratch("shots") as (folder, server):
                where = (folder, server.conninfo(), into)
                await status_page_shots.take_status_page(chromium, app, *where, click.echo)
        if status_page:
            return 0
        for scene in remediation_shots.WORDS:
            async with open_scratch("shots") as (folder, server):
                where = (folder, server.conninfo(), into)
                click.echo(await remediation_shots.take_remediation(chromium, app, *where, scene, click.echo))
        if remediations:
            return 0
        async with open_scratch("shots") as (folder, server):
            return await play.take_screenshots(chromium, app, folder, server.conninfo(), into, click.echo)

    exit_with(work())


@click.command(short_help="Measure figures beside their references.")
@click.argument("names", nargs=-1)
@click.option(
    "--kills",
    type=click.IntRange(min=1),
    help="What `kills` strikes, in place of its 400, and `trackers`, in place of its 300.",
)
def bench(names: tuple[str, ...], kills: int | None) -> None:
    """Measure every promised figure beside its reference; NAMES choose some.

    `runbooks FOLDER` measures how much of a folder's runbooks is understood, and declares with each in the stand-in;
    `evidence` how often the checks name what is broken, `commands` what other tools say of commands that change
    something and that read.
    """
    if names[:1] == ("runbooks",) and len(names) == 2:
        exit_with(_measure_runbooks(Path(names[1])))
    require_clone("the bench")
    if names == ("evidence",):
        from bot.cli.evidence_scenes import report_scenes

        exit_with(report_scenes(click.echo))
    if names == ("commands",):
        from bot.cli.command_comparison import report_comparison

        sys.exit(report_comparison(ROOT / ".tmp" / "guards", click.echo))
    from bot.adapters.slack import list_required_scopes
    from handlers import EVENTS
    from sandbox import bench as play

    if unknown := sorted(set(names) - set(play.MEASURES)):
        click.echo(
            f"tocsin: {', '.join(unknown)} cannot be measured: choose {', '.join(play.MEASURES)}.", err=True
        )
        sys.exit(2)

    size = play.BenchRound() if kills is None else play.BenchRound(kills=kills, struck=kills)

    async def work() -> int:
        async with open_scratch("bench", play.SERVER) as (folder, server):
            return await play.run_benchmarks(
                names,
                server.conninfo,
                folder,
                sorted(list_required_scopes()),
                EVENTS,
                say=click.echo,
                size=size,
            )

    exit_with(work())


async def _measure_runbooks(folder: Path) -> int:
    from bot.cli.runbook_corpus import report_corpus
    from bot.cli.runbook_rehearsal import report_rehearsals

    understood = report_corpus(folder, click.echo)
    if not IS_CLONE:  # the stand-in's bench is not installed
        click.echo("Declaring with each in the stand-in belongs to a clone of the repository.")
        return understood
    return max(understood, await report_rehearsals(folder, click.echo))


@click.command(short_help="Torment two replicas, and judge what is left.")
@click.option("--seed", type=int, default=1, show_default=True, help="Fixes what is tried and what fails.")
@click.option("--minutes", type=float, default=1.0, show_default=True, help="How long it rages.")
def chaos(seed: int, minutes: float) -> None:
    """Two replicas under kills, freezes and faults while a crowd works; a checker that knows nothing of them judges."""
    require_clone("chaos")
    from bot.adapters.slack import list_required_scopes
    from handlers import EVENTS
    from sandbox import chaos as play

    async def work() -> int:
        async with open_scratch("chaos") as (folder, server):
            scopes = sorted(list_required_scopes())
            return await play.run_chaos(seed, minutes * 60, server, folder, scopes, EVENTS, say=click.echo)

    exit_with(work())


@click.group()
def dev() -> None:
    """For who works on the code."""


@dev.command()
@click.option("--places", is_flag=True, help="Say where each thing that is counted stands.")
def figures(places: bool) -> None:
    """Print the figures of the code: sizes, complexity, imports, names."""
    require_clone("what is counted")
    from sandbox import figures as play

    click.echo(play.format_figures(play.measure(ROOT), places))


@click.command(hidden=True)
@click.argument("folder", type=click.Path(path_type=Path))
def world(folder: Path) -> None:
    """What the demo's runbook looks at, told what to do on standard input; see sandbox/monitored_systems."""
    from bot.adapters.embedded_postgres import PrivatePostgres
    from sandbox.monitored_systems import system_host

    def postgres(place: Path, settings: Mapping[str, str]) -> PrivatePostgres:
        return PrivatePostgres(place, settings=settings)

    asyncio.run(system_host.run_systems(folder, postgres))
