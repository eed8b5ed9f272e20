"""How a command ends when something is wrong: in sentences, one a line, with exit code 2."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import click

from bot.errors import SettingsProblem, TocsinError


def settled(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
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
