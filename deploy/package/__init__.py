"""Tocsin as an installed package: its rooms lie in `program` as they lie in a clone."""

import sys
from pathlib import Path

PROGRAM = Path(__file__).resolve().parent / "program"


def main() -> None:
    """The command `tocsin`."""
    sys.path.insert(0, str(PROGRAM))
    from bot.cli import main as run

    run(prog_name="tocsin")
