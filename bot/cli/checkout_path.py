"""Where the checkout is that the commands belong to, and what an installed package cannot do."""

import importlib.util
import sys
from pathlib import Path

import click

from bot.settings import IS_CLONE

ROOT = Path(__file__).resolve().parents[2]
OF_DEMO = ("flask", "flask_cors", "jinja2", "markupsafe", "moto", "ruamel.yaml")
"""What the sandbox stands on, and `tocsin[demo]` brings."""


def require_demo() -> None:
    """End with exit code 2 where what the sandbox stands on is not installed."""
    if not all(map(_is_installed, OF_DEMO)):
        click.echo(
            "tocsin: the sandbox's packages are not installed. Install `tocsin[demo]` in place of `tocsin`.",
            err=True,
        )
        sys.exit(2)


def require_clone(what: str) -> None:
    """End with exit code 2 where this is an installed package; `what` says what it lacks."""
    if not IS_CLONE:
        click.echo(
            f"tocsin: {what} belongs to a clone of the repository, and this is an installed package.",
            err=True,
        )
        sys.exit(2)


def _is_installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # of a dotted name the first part is missing
        return False
