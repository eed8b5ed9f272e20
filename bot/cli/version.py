"""Which version this is: of the clone, else of the package that was installed."""

import tomllib
from importlib import metadata

from bot.cli.checkout_path import ROOT


def read_version() -> str:
    """Such as `0.2.0`."""
    project = ROOT / "pyproject.toml"
    if project.is_file():
        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
    return metadata.version("tocsin")
