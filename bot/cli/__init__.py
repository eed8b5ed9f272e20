"""The command line. Imports are inside the commands: each starts as fast as it can."""

from bot.cli.main import main

__all__ = ["main"]
