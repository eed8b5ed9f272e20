"""Which version this is: of the clone, else of the package that was installed."""

import tomllib
from importlib import metadata

from bot.settings import IS_CLONE, ROOT


def read_version() -> str:
    """Such as `0.2.0`; `unknown` for rooms that lie somewhere without either."""
    if not IS_CLONE:
        try:
            return metadata.version("tocsin")
        except metadata.PackageNotFoundError:
            return "unknown"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["version"])
