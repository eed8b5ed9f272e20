"""How a command ends when something is wrong: in sentences, with exit code 2."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import click

from bot.errors import SettingsProblem, TocsinError


def run_or_exit(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run to the end; what is wrong is printed in sentences, one a line, exit code 2."""
    try:
        asyncio.run(work())
    except SettingsProblem as error:
        for problem in error.problems:
            click.echo(f"tocsin: {problem}", err=True)
        sys.exit(2)
    except TocsinError as error:
        click.echo(f"tocsin: {error}", err=True)
        sys.exit(2)


def exit_with(work: Coroutine[Any, Any, int]) -> None:
    """Run to the end or to Ctrl-C and exit with what came out; what is wrong is one sentence, exit code 2."""
    from sandbox.demo.signals import run_until_signal

    try:
        sys.exit(asyncio.run(run_until_signal(work)))
    except TocsinError as error:
        click.echo(f"tocsin: {error}", err=True)
        sys.exit(2)
